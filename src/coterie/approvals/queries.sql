-- Requests that wait for a second person.

-- name: insert_request
-- It waits from here on.
insert into approvals.request (
    act, args, target, reason, why, asked_by, asked_us, expires_us, preview, preview_sha256, state
)
values (
    %(act)s::text, %(args)s::text, %(target)s::text, %(reason)s::text, %(why)s::text,
    %(asked_by)s::bigint, %(asked_us)s::bigint, %(expires_us)s::bigint, %(preview)s::text,
    %(preview_sha256)s::bytea, 'waiting'
)
returning request_id;

-- name: lock_request
-- Two who decide at once decide after each other.
select request_id, act, args, target, reason, why, asked_by, asked_us, expires_us, preview,
    preview_sha256, state, decided_by, decided_us, note, settled_us, result
from approvals.request where request_id = %(request_id)s::bigint for update;

-- name: list_requests
-- The newest first; of a state, of somebody, or one by its number.
select request_id, act, args, target, reason, why, asked_by, asked_us, expires_us, preview,
    preview_sha256, state, decided_by, decided_us, note, settled_us, result
from approvals.request
where request_id < %(below)s::bigint
    and (%(request_id)s::bigint is null or request_id = %(request_id)s::bigint)
    and (%(state)s::text is null or state = %(state)s::text)
    and (%(asked_by)s::bigint is null or asked_by = %(asked_by)s::bigint)
order by request_id desc
limit %(limit)s::int;

-- name: count_waiting
-- For a badge: not more than it can show.
select count(*) from (
    select from approvals.request
    where state = 'waiting' and expires_us > %(now_us)s::bigint
        and asked_by <> %(but)s::bigint
    limit 1000
) found;

-- name: look_again
-- What it would do now.
update approvals.request set preview = %(preview)s::text, preview_sha256 = %(preview_sha256)s::bytea
where request_id = %(request_id)s::bigint;

-- name: decide
-- By another person: a CHECK of the table says so as well.
update approvals.request
set state = %(state)s::text, decided_by = %(decided_by)s::bigint,
    decided_us = %(now_us)s::bigint, note = %(note)s::text
where request_id = %(request_id)s::bigint and state = 'waiting';

-- name: end_waiting
-- Withdrawn by who asked.
update approvals.request set state = 'withdrawn'
where request_id = %(request_id)s::bigint and state = 'waiting';

-- name: lapse_old
-- A bounded number at a time.
update approvals.request set state = 'lapsed'
where request_id in (
    select request_id from approvals.request
    where state = 'waiting' and expires_us <= %(now_us)s::bigint
    order by request_id limit 500 for update skip locked
)
returning request_id, act, target, asked_by;

-- name: settle
-- What became of it.
update approvals.request
set state = %(state)s::text, settled_us = %(now_us)s::bigint, result = %(result)s::text
where request_id = %(request_id)s::bigint and state = 'approved';

-- name: insert_policy
-- The last one holds.
insert into approvals.policy (body, set_us) values (%(body)s::text, %(now_us)s::bigint);

-- name: last_policy
-- None: the defaults.
select body from approvals.policy order by n desc limit 1;
