-- Which acts were done under which key, so that one sent twice is done once.

create schema acts;

create table acts.performed (
    actor text not null check (length(actor) between 1 and 100),
    key text not null check (length(key) between 1 and 100),
    digest bytea not null check (length(digest) = 32),
    begun_us bigint not null,
    -- Null while it runs: whoever sends the same again then finishes it.
    result text,
    primary key (actor, key)
);
