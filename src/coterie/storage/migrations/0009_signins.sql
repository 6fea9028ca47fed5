-- How members come in: one-time codes and visits. Digests only.

create schema signins;

create table signins.secret (
    one boolean primary key default true check (one),
    secret bytea not null check (length(secret) = 32)
);

create table signins.code (
    handle bytea primary key check (length(handle) = 16),
    contact_digest bytea not null check (length(contact_digest) = 32),
    network_digest bytea not null check (length(network_digest) = 32),
    code_digest bytea not null check (length(code_digest) = 32),
    tries int not null default 0 check (tries between 0 and 5),
    created_us bigint not null,
    expires_us bigint not null check (expires_us > created_us),
    used_us bigint
);
-- For the bounds, and for sweeping.
create index code_contact on signins.code (contact_digest, created_us);
create index code_network on signins.code (network_digest, created_us);
create index code_expiry on signins.code (expires_us);
-- A contact has one code that works at a time.
create unique index code_open on signins.code (contact_digest) where used_us is null;

create table signins.visit (
    member_id bigint not null,
    token_digest bytea not null check (length(token_digest) = 32),
    device text not null check (length(device) <= 60),
    created_us bigint not null,
    seen_us bigint not null check (seen_us >= created_us),
    expires_us bigint not null check (expires_us > created_us),
    primary key (member_id, token_digest)
);
