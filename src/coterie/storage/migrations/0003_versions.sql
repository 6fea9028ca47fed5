-- Publishing once however often it is asked, and what a version needs before it can begin.

-- Who published by which key: sending the same again gets the same version.
create table programme.publication (
    source text not null,
    key text not null,
    digest bytea not null check (length(digest) = 16),
    version int not null references programme.version,
    primary key (source, key)
);
create trigger publication_never_changed before update or delete or truncate
    on programme.publication for each statement execute function storage.never_changed();

-- A version whose metrics are new counts them from recorded events first. It is in force from its
-- date on, but not before finished_us is set; versions without a row here need nothing.
create table programme.backfill (
    version int primary key references programme.version,
    metrics text[] not null check (cardinality(metrics) > 0),
    after_id bigint not null default 0,
    members_done bigint not null default 0,
    began_us bigint not null,
    finished_us bigint
);
