-- The ground floor: members, master data, events, the ledger and what they send out.
-- Every table owned by a member has member_id first in every unique key, so that the database can
-- be spread over machines by member; registry and identities are spread by their own keys.

create schema members;
create schema catalogue;
create schema programme;
create schema events;
create schema ledger;
create schema metrics;
create schema access;
create schema intake;

-- ---------------------------------------------------------------- storage: registry, outbox, clock

-- One row per (source, key) ever accepted, refused for a business reason, or waiting.
create table storage.registry (
    source text not null,
    key text not null,
    digest bytea not null check (length(digest) = 16),
    member_id bigint,
    seq bigint,
    waiting_id bigint,
    primary key (source, key),
    check ((seq is null) <> (waiting_id is null)),
    check (seq is null or member_id is not null)
);

-- What a room tells the outside, written with the change and delivered after it, per member in order.
create table storage.outbox (
    fact_id bigint generated always as identity,
    member_id bigint not null,
    seq bigint not null,
    facts json not null,
    follow_up boolean not null default false,
    attempts int not null default 0,
    retry_at_us bigint not null default 0,
    primary key (member_id, seq, fact_id)
) with (autovacuum_vacuum_scale_factor = 0.05);
create index outbox_order on storage.outbox (fact_id);

-- The programme clock: world time = base_us + (machine time - set_at_us) * rate_milli / 1000.
create table storage.clock (
    one boolean primary key default true check (one),
    base_us bigint not null,
    set_at_us bigint not null,
    rate_milli bigint not null check (rate_milli >= 0)
);

-- ---------------------------------------------------------------- members

create sequence members.member_id_seq start 100001;

create table members.member (
    member_id bigint primary key default nextval('members.member_id_seq'),
    kind text not null default 'person'
        check (kind in ('person', 'organisation', 'household', 'pool')),
    state text not null default 'active'
        check (state in ('prospect', 'unverified', 'active', 'paused', 'closed', 'merged', 'erased')),
    merged_into bigint,
    seq bigint not null default 0 check (seq >= 0),
    lot_no bigint not null default 0 check (lot_no >= 0),
    clock_us bigint not null default 0,
    next_due_us bigint,
    enrolled_us bigint not null,
    enrolled_channel text,
    enrolled_store text,
    -- Where a replay begins: state and attributes change by events only, these never.
    enrolled_state text not null default 'active'
        check (enrolled_state in ('prospect', 'unverified', 'active', 'paused', 'closed')),
    enrolled_attributes jsonb not null default '{}',
    attributes jsonb not null default '{}',
    check ((state = 'merged') = (merged_into is not null)),
    check (merged_into is null or merged_into <> member_id)
) with (fillfactor = 70);
create index member_due on members.member (next_due_us, member_id) where next_due_us is not null;
create index member_enrolled on members.member (enrolled_us, member_id);

-- Personal values live in this schema alone.
create table members.profile (
    member_id bigint primary key references members.member,
    name text check (length(name) between 1 and 200),
    language text check (language in ('zh-CN', 'en')),
    born_on date
);

create table members.identity (
    kind text not null check (kind in ('card', 'phone', 'email', 'messenger', 'external')),
    value text not null check (length(value) between 1 and 200),
    member_id bigint not null references members.member,
    valid_from_us bigint not null,
    valid_to_us bigint check (valid_to_us > valid_from_us),
    identity_id bigint generated always as identity,
    primary key (kind, value, identity_id)
);
-- Numbers are recycled: an identity is unique among the active ones only.
create unique index identity_active on members.identity (kind, value) where valid_to_us is null;
create index identity_member on members.identity (member_id);

-- ---------------------------------------------------------------- catalogue

create table catalogue.category (
    category text primary key,
    parent text references catalogue.category check (parent <> category),
    name_zh text, name_en text
);
create table catalogue.brand (
    brand text primary key, name_zh text, name_en text
);
create table catalogue.product (
    product text primary key check (length(product) between 1 and 200),
    name text,
    category text references catalogue.category,
    brand text references catalogue.brand,
    tags text[] not null default '{}'
);
-- Brand > region > store is one tree; a leaf that sells is a store.
create table catalogue.place (
    place text primary key,
    kind text not null check (kind in ('brand', 'region', 'store')),
    parent text references catalogue.place check (parent <> place),
    name text,
    day_cut_minutes int not null default 0 check (day_cut_minutes between 0 and 720)
);
create table catalogue.staff (
    staff text primary key, name text, store text references catalogue.place,
    active boolean not null default true
);
-- Who changes master data takes this row first: one writer at a time, and caches see that it moved.
create table catalogue.stamp (
    one boolean primary key default true check (one),
    changes bigint not null default 0
);
insert into catalogue.stamp default values;

-- ---------------------------------------------------------------- programme

-- Published versions never change; the text is the truth, the hash its name.
create table programme.version (
    version int primary key check (version > 0),
    content text not null,
    sha256 text not null,
    active_from_us bigint not null,
    published_us bigint not null,
    note text
);

-- ---------------------------------------------------------------- events

create table events.event (
    member_id bigint not null,
    seq bigint not null check (seq > 0),
    kind text not null,
    source text not null,
    key text not null,
    occurred_us bigint not null,
    offset_minutes smallint not null,
    received_us bigint not null,
    as_of_us bigint not null,
    day date not null,
    booked_day date not null,
    version int not null,
    mode text not null check (mode in ('live', 'historical', 'simulated')),
    status text not null check (status in ('accepted', 'refused')),
    code text,
    actor text, channel text, store text, operator text, device text, device_sequence bigint,
    partner text, campaign text, order_ref text, caused_by text,
    payload json not null,
    outcome json not null,
    primary key (member_id, seq),
    check ((status = 'refused') = (code is not null))
);
create index event_order on events.event (member_id, order_ref) where order_ref is not null;

-- Per sale, what has come back so far; the sale itself never changes.
create table events.returned (
    member_id bigint not null,
    order_seq bigint not null,
    lines json not null,
    primary key (member_id, order_seq),
    foreign key (member_id, order_seq) references events.event
);

-- Events that wait: for their member to appear, or for a person to decide.
create table events.waiting (
    waiting_id bigint generated always as identity primary key,
    reason text not null check (reason in ('unknown_member', 'late', 'unmatched_return')),
    source text not null,
    key text not null,
    occurred_us bigint not null,
    received_us bigint not null,
    identity_kind text,
    identity_value text,
    payload json not null,
    decided text check (decided in ('approved', 'refused', 'found')),
    decided_us bigint,
    decided_by text,
    check ((decided is null) = (decided_us is null))
);
create index waiting_identity on events.waiting (identity_kind, identity_value) where decided is null;
create index waiting_open on events.waiting (waiting_id) where decided is null;

-- ---------------------------------------------------------------- ledger

create table ledger.balance (
    member_id bigint not null,
    currency text not null,
    available bigint not null default 0 check (available >= 0),
    pending bigint not null default 0 check (pending >= 0),
    held bigint not null default 0 check (held >= 0),
    owed bigint not null default 0 check (owed >= 0),
    inactive_us bigint,
    primary key (member_id, currency)
) with (fillfactor = 70);

create table ledger.movement (
    member_id bigint not null,
    seq bigint not null,
    n int not null check (n > 0),
    currency text not null,
    debit text not null,
    credit text not null,
    units bigint not null check (units > 0),
    reason text not null,
    rule text,
    version int not null,
    store text,
    campaign text,
    funder text,
    unit_cost_micro bigint not null default 0 check (unit_cost_micro >= 0),
    booked_on date not null,
    recorded_us bigint not null,
    primary key (member_id, seq, n),
    check (debit <> credit),
    check (debit in ('available', 'pending', 'held', 'owed', 'issued', 'redeemed', 'breakage',
                     'adjusted', 'written_off', 'in_transit', 'partner')),
    check (credit in ('available', 'pending', 'held', 'owed', 'issued', 'redeemed', 'breakage',
                      'adjusted', 'written_off', 'in_transit', 'partner'))
);

create table ledger.lot (
    member_id bigint not null,
    lot_no bigint not null check (lot_no > 0),
    currency text not null,
    earned_seq bigint not null,
    units bigint not null check (units > 0),
    remaining bigint not null check (remaining >= 0),
    held bigint not null default 0 check (held >= 0),
    lapsed bigint not null default 0 check (lapsed >= 0),
    state text not null check (state in ('pending', 'open', 'cancelled')),
    earned_us bigint not null,
    expires_us bigint,
    expires_on date,
    releases_us bigint,
    priority int not null default 0,
    contributor_id bigint,
    primary key (member_id, lot_no),
    check (remaining + held + lapsed <= units),
    check ((expires_us is null) = (expires_on is null)),
    check (state <> 'pending' or releases_us is not null)
) with (fillfactor = 80);
create index lot_live on ledger.lot (member_id, currency) where remaining > 0 or held > 0;
create index lot_earned on ledger.lot (member_id, earned_seq);

create table ledger.lot_use (
    member_id bigint not null,
    seq bigint not null,
    n int not null,
    lot_no bigint not null,
    units bigint not null check (units <> 0),
    primary key (member_id, seq, n, lot_no)
);

create table ledger.hold (
    member_id bigint not null,
    hold_ref text not null,
    currency text not null,
    units bigint not null check (units > 0),
    captured bigint not null default 0 check (captured between 0 and units),
    state text not null check (state in ('open', 'captured', 'released', 'lapsed')),
    placed_seq bigint not null,
    expires_us bigint not null,
    parts json not null,
    primary key (member_id, hold_ref),
    check (captured = 0 or state = 'captured')
);
create index hold_open on ledger.hold (member_id) where state = 'open';

-- Daily sums, kept with the movements so that no page scans them; shards keep writers apart.
create table ledger.rollup (
    booked_on date not null,
    currency text not null,
    reason text not null,
    store text not null,
    rule text not null,
    debit text not null,
    credit text not null,
    shard int not null,
    units bigint not null,
    movements bigint not null,
    primary key (booked_on, currency, reason, store, rule, debit, credit, shard)
) with (fillfactor = 50);

-- Accounting days up to here are closed: later movements are booked on the day after.
create table ledger.closed_books (
    one boolean primary key default true check (one),
    closed_through date not null
);

-- A balance and the daily sums change in the same statement as the movement, whoever inserts it.
create function ledger.apply_movements() returns trigger language plpgsql as $$
declare
    missing boolean;
begin
    with moved as materialized (
        select member_id, currency,
            sum(case credit when 'available' then units else 0 end
              - case debit when 'available' then units else 0 end)::bigint as available,
            sum(case credit when 'pending' then units else 0 end
              - case debit when 'pending' then units else 0 end)::bigint as pending,
            sum(case credit when 'held' then units else 0 end
              - case debit when 'held' then units else 0 end)::bigint as held,
            -- A debt is worth its negative: units moved out of `owed` make it larger.
            sum(case debit when 'owed' then units else 0 end
              - case credit when 'owed' then units else 0 end)::bigint as owed
        from added group by member_id, currency
    ), changed as (
        update ledger.balance b
        set available = b.available + m.available,
            pending = b.pending + m.pending,
            held = b.held + m.held,
            owed = b.owed + m.owed
        from moved m
        where b.member_id = m.member_id and b.currency = m.currency
        returning 1
    )
    select (select count(*) from changed) <> (select count(*) from moved) into missing;
    if missing then
        raise exception 'a movement has no balance row' using errcode = 'foreign_key_violation';
    end if;
    insert into ledger.rollup as r
        (booked_on, currency, reason, store, rule, debit, credit, shard, units, movements)
    select booked_on, currency, reason, coalesce(store, ''), coalesce(rule, ''), debit, credit,
        pg_backend_pid() % 16, sum(units), count(*)
    from added
    group by 1, 2, 3, 4, 5, 6, 7
    order by 1, 2, 3, 4, 5, 6, 7
    on conflict (booked_on, currency, reason, store, rule, debit, credit, shard)
    do update set units = r.units + excluded.units, movements = r.movements + excluded.movements;
    return null;
end $$;

create trigger movement_applied after insert on ledger.movement
    referencing new table as added
    for each statement execute function ledger.apply_movements();

create function storage.never_changed() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append only', tg_table_schema, tg_table_name
        using errcode = 'restrict_violation';
end $$;

create trigger movement_never_changed before update or delete or truncate on ledger.movement
    for each statement execute function storage.never_changed();
create trigger lot_use_never_changed before update or delete or truncate on ledger.lot_use
    for each statement execute function storage.never_changed();
create trigger event_never_changed before update or delete or truncate on events.event
    for each statement execute function storage.never_changed();
create trigger version_never_changed before update or delete or truncate on programme.version
    for each statement execute function storage.never_changed();

-- ---------------------------------------------------------------- metrics

-- All counters of a member in one row: {metric: {bucket: value}}, buckets of the metric's grain.
create table metrics.counters (
    member_id bigint primary key,
    buckets json not null
) with (fillfactor = 70);

-- ---------------------------------------------------------------- access

create table access.api_key (
    key_id text primary key,
    secret_sha256 bytea not null check (length(secret_sha256) = 32),
    source text not null,
    scopes text[] not null check (cardinality(scopes) > 0),
    note text,
    created_us bigint not null,
    expires_us bigint check (expires_us > created_us),
    revoked_us bigint,
    last_used_us bigint
);

-- ---------------------------------------------------------------- intake: imports

-- One file under one mapping; the id is a hash of both, so the same import finds itself again.
create table intake.import_run (
    import_id text primary key,
    what text not null check (what in ('members', 'products', 'categories', 'brands', 'places',
                                       'staff', 'events', 'balances')),
    file_name text not null,
    started_us bigint not null,
    finished_us bigint
);

-- How far an import is: events (or rows) of each part, in the order they are loaded.
create table intake.import_part (
    import_id text not null references intake.import_run on delete cascade,
    part smallint not null check (part >= 0),
    done bigint not null default 0 check (done >= 0),
    accepted bigint not null default 0,
    again bigint not null default 0,
    waiting bigint not null default 0,
    refused bigint not null default 0,
    primary key (import_id, part)
);

-- What was refused while loading, until the file of refused rows is written.
create table intake.import_refusal (
    import_id text not null references intake.import_run on delete cascade,
    row_no bigint not null,
    code text not null,
    reason text not null,
    primary key (import_id, row_no)
);
