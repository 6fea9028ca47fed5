-- Where members stand on ladders, and how they came there.

create schema tiers;

-- One row a member and ladder, once something happened there: who has none stands on the lowest
-- tier. `due_us` is when the ladder next looks at the member (null: when something happens);
-- `course` is what decides the tier: what was earned, granted, pinned, carried over.
create table tiers.standing (
    member_id bigint not null,
    ladder text not null,
    tier text,
    since_on date not null,
    until_on date,
    due_us bigint,
    reason text not null,
    version integer not null,
    changes integer not null check (changes >= 0),
    course json not null,
    primary key (member_id, ladder)
) with (fillfactor = 80);

-- Every change with its reason, its version and what was looked at; never changed, never deleted.
create table tiers.change (
    member_id bigint not null,
    seq bigint not null,
    n smallint not null check (n > 0),
    at_us bigint not null,
    ladder text not null,
    from_tier text,
    to_tier text,
    until_on date,
    reason text not null,
    version integer not null,
    evidence json not null,
    primary key (member_id, seq, n)
);
create trigger change_never_changed before update or delete or truncate on tiers.change
    for each statement execute function storage.never_changed();
