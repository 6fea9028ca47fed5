-- People who sign in: accounts, roles, second factors, sign-ins, tills, and how often somebody tried.

create schema staff;

create table staff.account (
    account_id bigint generated always as identity primary key,
    login text not null unique
        check (login = lower(login) and login !~ '\s' and length(login) between 3 and 254),
    name text not null check (length(name) between 1 and 100),
    language text not null check (language in ('zh', 'en')),
    state text not null check (state in ('invited', 'active', 'disabled')),
    staff_code text unique check (length(staff_code) between 1 and 64),
    password_hash text check (password_hash like '$argon2id$%'),
    pin_hash text check (pin_hash like '$argon2id$%'),
    totp_secret text,
    -- Until the first code of it was shown, a second factor is an offer and asks for nothing.
    totp_since_us bigint,
    totp_step bigint not null default 0,
    created_us bigint not null,
    changed_us bigint not null,
    check (totp_since_us is null or totp_secret is not null),
    check (state <> 'active' or password_hash is not null or pin_hash is not null),
    check (pin_hash is null or staff_code is not null)
);

-- One's own roles; the built-in ones stand in the code and their names are taken.
create table staff.role (
    role text primary key check (role ~ '^[a-z][a-z0-9_-]{1,39}$'),
    name text not null check (length(name) between 1 and 100),
    permissions text[] not null check (cardinality(permissions) between 1 and 100),
    created_us bigint not null,
    check (role not in ('owner', 'operator', 'analyst', 'care', 'clerk', 'auditor'))
);

-- Without stores a role holds everywhere.
create table staff.account_role (
    account_id bigint not null references staff.account,
    role text not null,
    stores text[] check (cardinality(stores) between 1 and 500),
    primary key (account_id, role)
);

-- One-time codes that set a password; only their digests are kept.
create table staff.invitation (
    code_sha256 bytea primary key check (length(code_sha256) = 32),
    account_id bigint not null references staff.account,
    created_us bigint not null,
    expires_us bigint not null check (expires_us > created_us),
    used_us bigint
);
create index invitation_account on staff.invitation (account_id);

create table staff.recovery_code (
    account_id bigint not null references staff.account,
    code_sha256 bytea not null check (length(code_sha256) = 32),
    used_us bigint,
    primary key (account_id, code_sha256)
);

-- A till: a browser that a person with the right made one.
create table staff.device (
    device_id bigint generated always as identity primary key,
    token_sha256 bytea not null unique check (length(token_sha256) = 32),
    name text not null check (length(name) between 1 and 100),
    store text not null,
    created_us bigint not null,
    revoked_us bigint
);

create table staff.sign_in (
    sign_in_id bigint generated always as identity primary key,
    token_sha256 bytea not null unique check (length(token_sha256) = 32),
    account_id bigint not null references staff.account,
    way text not null check (way in ('password', 'pin', 'demo')),
    -- A password alone opens nothing where a second factor is set: only the page that asks for it.
    stage text not null check (stage in ('factor', 'open')),
    store text,
    device_id bigint references staff.device,
    client text not null check (length(client) <= 80),
    network text not null check (length(network) <= 64),
    created_us bigint not null,
    seen_us bigint not null,
    expires_us bigint not null check (expires_us > created_us),
    ended_us bigint,
    check ((way = 'pin') = (device_id is not null)),
    check (way <> 'pin' or store is not null)
);
create index sign_in_account on staff.sign_in (account_id, sign_in_id);

-- How often somebody failed, by a digest of who or where; rows go a day after the last failure.
create table staff.attempt (
    subject bytea primary key check (length(subject) = 32),
    failures int not null check (failures > 0),
    last_us bigint not null,
    until_us bigint not null
);
create index attempt_last on staff.attempt (last_us);

-- Written by whoever fills a demo world and by nobody else: entry without a password.
create table staff.open_house (
    one boolean primary key default true check (one),
    since_us bigint not null
);

-- A world that people use never becomes a demo.
create function staff.open_house_first() returns trigger language plpgsql as $$
begin
    if exists (select from staff.account where password_hash is not null) then
        raise exception 'a world with passwords does not open its doors'
            using errcode = 'check_violation', constraint = 'open_house_first';
    end if;
    return new;
end $$;
create trigger open_house_first before insert on staff.open_house
    for each row execute function staff.open_house_first();

