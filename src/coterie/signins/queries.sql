-- Codes and visits. No statement ever sees a code, a contact or a token, only their digests.

-- name: make_secret
-- Whoever comes first makes it; everybody reads the same.
insert into signins.secret (secret) values (%(secret)s::bytea) on conflict (one) do nothing;

-- name: read_secret
-- The secret of this world.
select secret from signins.secret;

-- name: lock_contact
-- Two askings of one contact at once would both be under its bound; the lock ends with the commit.
select pg_advisory_xact_lock(%(key)s::bigint);

-- name: count_codes
-- How many were asked for lately: by this contact, since when the last one, and by this network.
select
    count(*) filter (where contact_digest = %(contact)s::bytea),
    max(created_us) filter (where contact_digest = %(contact)s::bytea),
    count(*) filter (where network_digest = %(network)s::bytea)
from signins.code
where created_us > %(since_us)s::bigint
    and (contact_digest = %(contact)s::bytea or network_digest = %(network)s::bytea);

-- name: insert_code
-- A code for minutes.
insert into signins.code
    (handle, contact_digest, network_digest, code_digest, created_us, expires_us)
values (
    %(handle)s::bytea, %(contact)s::bytea, %(network)s::bytea, %(code)s::bytea,
    %(created_us)s::bigint, %(expires_us)s::bigint
);

-- name: close_codes
-- A new code ends the ones before it.
update signins.code
set used_us = %(now_us)s::bigint
where contact_digest = %(contact)s::bytea and used_us is null;

-- name: try_code
-- A try is counted before it is judged, so that many at once cannot have more of them.
update signins.code
set tries = tries + 1
where handle = %(handle)s::bytea
    and contact_digest = %(contact)s::bytea
    and used_us is null
    and tries < %(tries_max)s::int
    and expires_us > %(now_us)s::bigint
returning code_digest, tries;

-- name: use_code
-- Once.
update signins.code
set used_us = %(now_us)s::bigint
where handle = %(handle)s::bytea and used_us is null;

-- name: sweep_codes
-- What is over for long is of no use for the bounds either.
delete from signins.code
where handle in (
    select handle from signins.code
    where expires_us < %(before_us)s::bigint
    order by expires_us
    limit %(limit)s::int
    for update skip locked
);

-- name: insert_visit
-- Somebody came in.
insert into signins.visit
    (member_id, token_digest, device, created_us, seen_us, expires_us)
values (
    %(member_id)s::bigint, %(token_digest)s::bytea, %(device)s::text,
    %(now_us)s::bigint, %(now_us)s::bigint, %(expires_us)s::bigint
);

-- name: trim_visits
-- The ones not seen for longest make room, and those that are over go with them.
delete from signins.visit v
where v.member_id = %(member_id)s::bigint
    and (v.expires_us <= %(now_us)s::bigint
        or v.token_digest in (
            select o.token_digest
            from signins.visit o
            where o.member_id = %(member_id)s::bigint
            order by o.seen_us desc, o.token_digest
            offset %(keep)s::int
        ));

-- name: find_visit
-- By the digest of its token.
select member_id, token_digest, device, created_us, seen_us, expires_us
from signins.visit
where member_id = %(member_id)s::bigint
    and token_digest = %(token_digest)s::bytea
    and expires_us > %(now_us)s::bigint
    and seen_us > %(idle_us)s::bigint;

-- name: touch_visit
-- At most once a minute, and never waiting.
update signins.visit
set seen_us = %(now_us)s::bigint
where (member_id, token_digest) = (
    select member_id, token_digest
    from signins.visit
    where member_id = %(member_id)s::bigint
        and token_digest = %(token_digest)s::bytea
        and seen_us <= %(now_us)s::bigint - 60000000
    for update skip locked
);

-- name: list_visits
-- The latest first; there are never many.
select member_id, token_digest, device, created_us, seen_us, expires_us
from signins.visit
where member_id = %(member_id)s::bigint and expires_us > %(now_us)s::bigint
order by seen_us desc, token_digest
limit %(limit)s::int;

-- name: end_visit
-- By the digest, or by its beginning as a list shows it.
delete from signins.visit
where member_id = %(member_id)s::bigint
    and substr(token_digest, 1, length(%(beginning)s::bytea)) = %(beginning)s::bytea;

-- name: end_visits
-- Everywhere, but (where it is given) here.
delete from signins.visit
where member_id = %(member_id)s::bigint
    and token_digest is distinct from %(keep)s::bytea;
