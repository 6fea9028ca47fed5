-- Members whose past a version's metrics could not be counted in, because it cannot be decided again.
-- The version waits until somebody accepts that, and they may be counted later.
create table programme.set_aside (
    member_id bigint not null,
    version int not null references programme.version,
    reason text not null check (length(reason) between 1 and 500),
    set_aside_us bigint not null,
    primary key (member_id, version)
);
create index set_aside_version on programme.set_aside (version, member_id);

alter table programme.backfill add column accepted_us bigint;
