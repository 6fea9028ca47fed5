-- What staff and keys did: a chain that only grows, beside it what may be forgotten.

create schema audit;

create table audit.entry (
    n bigint primary key check (n > 0),
    at_us bigint not null,
    world_us bigint not null,
    actor_kind text not null check (actor_kind in ('person', 'key', 'shell', 'system')),
    actor text not null check (length(actor) between 1 and 64),
    act text not null check (length(act) between 1 and 64),
    target text not null check (length(target) between 1 and 100),
    outcome text not null check (outcome in
        ('done', 'asked', 'approved', 'refused', 'failed', 'withdrawn', 'lapsed')),
    -- Of a salt and everything a person wrote or is: without the salt it tells nothing.
    detail_sha256 bytea not null check (length(detail_sha256) = 32),
    previous bytea not null check (length(previous) = 32),
    digest bytea not null unique check (length(digest) = 32)
);
create index entry_target on audit.entry (target, n);
create index entry_actor on audit.entry (actor_kind, actor, n);
create index entry_act on audit.entry (act, n);

create table audit.detail (
    n bigint primary key references audit.entry,
    salt bytea not null check (length(salt) = 32),
    body text not null
);

-- Where the chain ends: a chain that was cut off at its end does not reach it.
create table audit.head (
    one boolean primary key default true check (one),
    n bigint not null,
    digest bytea not null check (length(digest) = 32)
);
insert into audit.head (n, digest) values (0, decode(repeat('00', 32), 'hex'));

create function audit.only_grows() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail only grows' using errcode = 'restrict_violation';
end $$;

create trigger only_grows before update or delete or truncate on audit.entry
    for each statement execute function audit.only_grows();
create trigger only_grows before update or truncate on audit.detail
    for each statement execute function audit.only_grows();
create trigger only_grows before delete or truncate on audit.head
    for each statement execute function audit.only_grows();

-- Details go only where an entry of the chain says which.
create function audit.forgotten_by_name() returns trigger language plpgsql as $$
begin
    if not exists (
        select from audit.entry e join audit.detail d using (n)
        where e.act = 'audit.forget' and e.n > old.n
            and (d.body::jsonb -> 'after' -> 'entries') @> to_jsonb(old.n)
    ) then
        raise exception 'no entry says that this one is forgotten'
            using errcode = 'restrict_violation';
    end if;
    return old;
end $$;
create trigger forgotten_by_name before delete on audit.detail
    for each row execute function audit.forgotten_by_name();

-- The next number after the head, on top of its digest: whoever holds the head's lock writes.
create function audit.goes_on() returns trigger language plpgsql as $$
begin
    update audit.head set n = new.n, digest = new.digest
    where n = new.n - 1 and digest = new.previous;
    if not found then
        raise exception 'entry % does not follow the head', new.n
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger goes_on before insert on audit.entry
    for each row execute function audit.goes_on();
