-- The table that says which of these files this database has seen.

create schema storage;

create table storage.migration (
    version    integer     not null,
    name       text        not null,
    sha256     text        not null,
    applied_at timestamptz not null default clock_timestamp(),
    constraint migration_pkey primary key (version),
    constraint migration_version_positive check (version > 0),
    constraint migration_sha256_hex check (sha256 ~ '^[0-9a-f]{64}$')
);

comment on schema storage is 'What the storage layer keeps about itself.';
comment on table storage.migration is 'The migrations applied here; a row is never changed.';
comment on column storage.migration.sha256 is
    'Of the file as it was applied: a changed file is refused, because the database did not see it.';
