-- Facts go out to those who subscribed: one delivery a fact and subscription, in order per member.

create schema webhooks;

create table webhooks.subscription (
    subscription_id bigint generated always as identity primary key,
    url text not null check (length(url) between 8 and 2000),
    kinds text[] not null check (cardinality(kinds) between 1 and 100),
    description text not null default '' check (length(description) <= 200),
    active boolean not null default true,
    -- Why it is not active: somebody paused it, or its receiver answered 410 Gone.
    paused text check (paused in ('by_hand', 'gone')),
    created_us bigint not null,
    changed_us bigint not null,
    source text not null,
    key text not null,
    digest bytea not null check (length(digest) = 16),
    unique (source, key),
    check (active = (paused is null))
);

-- What signs: the newest, and those it replaced until they are over.
create table webhooks.secret (
    subscription_id bigint not null references webhooks.subscription on delete cascade,
    secret_no int not null check (secret_no > 0),
    secret bytea not null check (length(secret) between 24 and 64),
    created_us bigint not null,
    expires_us bigint check (expires_us >= created_us),
    key text not null,
    primary key (subscription_id, secret_no)
);

-- A fact for a subscriber. Its place is that of the fact: member, event, number within the event.
-- Member 0 is nobody: a ping.
create table webhooks.delivery (
    member_id bigint not null,
    subscription_id bigint not null references webhooks.subscription on delete cascade,
    seq bigint not null,
    n int not null check (n > 0),
    kind text not null,
    recorded_us bigint not null,
    body text not null check (octet_length(body) <= 65536),
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
    tries int not null default 0 check (tries >= 0),
    settled_us bigint,
    primary key (member_id, subscription_id, seq, n),
    check ((state = 'waiting') = (settled_us is null))
);
create index delivery_log on webhooks.delivery (subscription_id, recorded_us, member_id, seq, n);
create index delivery_next on webhooks.delivery (member_id, subscription_id, seq, n)
    where state = 'waiting';
create index delivery_settled on webhooks.delivery (settled_us) where settled_us is not null;

-- Deliveries of one member to one subscriber go one after the other: the first that waits holds the
-- others. A lane is there while something waits in it; who sends leases it.
create table webhooks.lane (
    member_id bigint not null,
    subscription_id bigint not null references webhooks.subscription on delete cascade,
    waiting int not null check (waiting >= 0),
    retry_at_us bigint not null default 0,
    leased_until_us bigint not null default 0,
    lease_no bigint not null default 0,
    primary key (member_id, subscription_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index lane_due on webhooks.lane (subscription_id, retry_at_us);

create table webhooks.attempt (
    member_id bigint not null,
    subscription_id bigint not null,
    seq bigint not null,
    n int not null,
    attempt_id bigint generated always as identity,
    at_us bigint not null,
    latency_ms int not null check (latency_ms >= 0),
    status int check (status between 100 and 999),
    answer text not null default '' check (length(answer) <= 2000),
    error text not null default '' check (length(error) <= 300),
    primary key (member_id, subscription_id, seq, n, attempt_id),
    foreign key (member_id, subscription_id, seq, n) references webhooks.delivery on delete cascade,
    check ((status is null) = (error <> ''))
);
