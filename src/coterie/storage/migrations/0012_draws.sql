-- What comparison groups are drawn by.

-- One secret a world, made with its first version and never changed: another one would put members
-- into other groups, and no replay would find what was decided. Each campaign draws by a secret that
-- follows from this one, so that a campaign's can be shown when it is over.
create table programme.secret (
    one boolean primary key default true check (one),
    secret bytea not null check (length(secret) = 32),
    sha256 bytea not null check (sha256 = sha256(secret)),
    created_us bigint not null
);
create trigger secret_never_changed before update or delete or truncate
    on programme.secret for each statement execute function storage.never_changed();
