-- Long work that was asked for, and how far it is.

-- name: lock_jobs
-- Two that ask, or two that take, must not both count the same others.
select pg_advisory_xact_lock(hashtext('coterie.jobs'));

-- name: find_job_by_key
-- Asking again is the same job.
select job_id, digest from jobs.job where source = %(source)s::text and key = %(key)s::text;

-- name: count_open
-- How many wait or run: they are bounded.
select count(*) from jobs.job where state in ('queued', 'running');

-- name: insert_job
-- A job begins by waiting.
insert into jobs.job (kind, arguments, source, key, digest, created_us)
values (%(kind)s::text, %(arguments)s::text::json, %(source)s::text, %(key)s::text,
    %(digest)s::bytea, %(created_us)s::bigint)
returning job_id;

-- name: forget_old
-- What ended is kept for a while, so that lists and the table stay small.
delete from jobs.job
where job_id in (
    select job_id from jobs.job where state in ('done', 'failed', 'cancelled')
    order by job_id desc offset %(kept)s::int);

-- name: take_job
-- The oldest that waits, or whose runner was not heard of any more.
update jobs.job
set state = 'running', runner = %(runner)s::text, runs = runs + 1,
    leased_until = clock_timestamp() + make_interval(secs => %(lease_s)s::int),
    started_us = coalesce(started_us, %(now_us)s::bigint)
where job_id = (
        select job_id from jobs.job
        where state = 'queued' or (state = 'running' and leased_until < clock_timestamp())
        order by job_id
        limit 1)
    and (select count(*) from jobs.job
        where state = 'running' and leased_until >= clock_timestamp()) < %(running_max)s::int
returning job_id, kind;

-- name: fail_lost
-- A job whose runners keep dying would never end.
update jobs.job
set state = 'failed', finished_us = %(now_us)s::bigint, runner = null, leased_until = null,
    error_code = %(code)s::text, error_detail = %(detail)s::text
where state = 'running' and leased_until < clock_timestamp() and runs >= %(runs_max)s::int
    and not cancel;

-- name: cancel_lost
-- Whose runner is gone and whom nobody wants any more, ends here.
update jobs.job
set state = 'cancelled', finished_us = %(now_us)s::bigint, runner = null, leased_until = null
where state = 'running' and leased_until < clock_timestamp() and cancel;

-- name: renew_lease
-- Says that the runner lives, and hears whether the job is still wanted. No row: it is not ours.
update jobs.job
set leased_until = clock_timestamp() + make_interval(secs => %(lease_s)s::int)
where job_id = %(job_id)s::bigint and runner = %(runner)s::text and state = 'running'
returning cancel;

-- name: note_progress
-- For whoever looks; a runner that lost the job changes nothing.
update jobs.job
set phase = %(phase)s::text, done = %(done)s::bigint, total = %(total)s::bigint
where job_id = %(job_id)s::bigint and runner = %(runner)s::text and state = 'running';

-- name: end_job
-- The one end of a job; a runner that lost it changes nothing.
update jobs.job
set state = %(state)s::text, finished_us = %(now_us)s::bigint, runner = null, leased_until = null,
    result = %(result)s::text::json, error_code = %(code)s::text, error_detail = %(detail)s::text
where job_id = %(job_id)s::bigint and runner = %(runner)s::text and state = 'running';

-- name: give_back
-- A runner that is asked to end leaves its job to the next one, as if it had not begun.
update jobs.job
set state = 'queued', runner = null, leased_until = null, runs = runs - %(uncounted)s::int
where job_id = %(job_id)s::bigint and runner = %(runner)s::text and state = 'running';

-- name: cancel_job
-- What waits ends at once; what runs is told by its lease.
update jobs.job
set cancel = true,
    state = case state when 'queued' then 'cancelled' else state end,
    finished_us = case state when 'queued' then %(now_us)s::bigint end
where job_id = %(job_id)s::bigint and state in ('queued', 'running')
returning job_id;

-- name: get_job
-- One job with all there is.
select job_id, kind, state, cancel, source, runs, phase, done, total, created_us, started_us,
    finished_us, error_code, error_detail, arguments::text, result::text
from jobs.job where job_id = %(job_id)s::bigint;

-- name: list_jobs
-- For people: newest first, without what was given and what came of it.
select job_id, kind, state, cancel, source, runs, phase, done, total, created_us, started_us,
    finished_us, error_code, error_detail, null, null
from jobs.job
where job_id < %(below)s::bigint
    and (%(state)s::text is null or state = %(state)s::text)
    and (%(kind)s::text is null or kind = %(kind)s::text)
order by job_id desc
limit %(limit)s::int;
