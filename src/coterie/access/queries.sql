-- API keys. No statement ever sees a secret, only its digest.

-- name: insert_key
-- A random id that is taken already is a one in 2^48: the primary key says so, the caller retries.
insert into access.api_key
    (key_id, secret_sha256, source, scopes, note, created_us, expires_us)
values (
    %(key_id)s::text, %(secret_sha256)s::bytea, %(source)s::text, %(scopes)s::text[],
    %(note)s::text, %(created_us)s::bigint, %(expires_us)s::bigint
)
on conflict (key_id) do nothing;

-- name: find_key
-- What judging a key needs.
select key_id, secret_sha256, source, scopes, expires_us, revoked_us
from access.api_key
where key_id = %(key_id)s::text;

-- name: touch_key
-- At most once a minute, and never waiting: this is a convenience, calls must not queue for it.
update access.api_key
set last_used_us = %(now_us)s::bigint
where key_id = (
    select key_id
    from access.api_key
    where key_id = %(key_id)s::text
        and (last_used_us is null or last_used_us <= %(now_us)s::bigint - 60000000)
    for update skip locked
);

-- name: revoke_key
-- Once: revoking again keeps the first moment.
update access.api_key
set revoked_us = coalesce(revoked_us, %(now_us)s::bigint)
where key_id = %(key_id)s::text
returning revoked_us;

-- name: list_keys
-- By keyset.
select key_id, source, scopes, note, created_us, expires_us, revoked_us, last_used_us
from access.api_key
where key_id > %(after)s::text
order by key_id
limit %(limit)s::int;
