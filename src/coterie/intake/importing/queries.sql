-- name: commit_lazily
-- A chunk and its place are lost together in a crash, in the order of the log, and sent again; the
-- end of an import commits durably, and with it everything before.
set synchronous_commit = off;

-- name: try_lock_import
-- Two processes with one file would only repeat each other's work; the lock ends with the connection.
select pg_try_advisory_lock(hashtextextended('import ' || %(import_id)s::text, 0));

-- name: begin_import
-- Begins an import, or finds the one that was begun.
insert into intake.import_run (import_id, what, file_name, started_us)
values (%(import_id)s::text, %(what)s::text, %(file_name)s::text, %(now_us)s::bigint)
on conflict (import_id) do nothing
returning true;

-- name: import_finished
-- Tells whether the import went to its end: then it begins anew, and only repeats itself.
select finished_us is not null from intake.import_run where import_id = %(import_id)s::text;

-- name: begin_again
-- An import that ended is done once more from its beginning.
update intake.import_run set started_us = %(now_us)s::bigint, finished_us = null
where import_id = %(import_id)s::text;

-- name: forget_parts
-- Where a repeated import stands is nowhere yet.
delete from intake.import_part where import_id = %(import_id)s::text;

-- name: forget_refusals
-- They are in the file of refused rows now, or out of date.
delete from intake.import_refusal where import_id = %(import_id)s::text;

-- name: finish_import
-- The end, said once everything else is committed.
update intake.import_run set finished_us = %(now_us)s::bigint
where import_id = %(import_id)s::text;

-- name: part_done
-- How far a part is; the other numbers are for the report.
select done, accepted, again, waiting, refused from intake.import_part
where import_id = %(import_id)s::text and part = %(part)s::int;

-- name: parts_done
-- How far all parts are, for the report and the progress of a continued import.
select part, done, accepted, again, waiting, refused from intake.import_part
where import_id = %(import_id)s::text order by part;

-- name: advance_part
-- Adds a chunk to what is done of a part, where it stands as the caller left it: the process of an
-- import that was killed may outlive it for a moment.
insert into intake.import_part as p (import_id, part, done, accepted, again, waiting, refused)
select %(import_id)s::text, %(part)s::int, %(done)s::bigint, %(accepted)s::bigint,
    %(again)s::bigint, %(waiting)s::bigint, %(refused)s::bigint
where %(before)s::bigint = 0 or exists (
    select from intake.import_part
    where import_id = %(import_id)s::text and part = %(part)s::int
)
on conflict (import_id, part) do update set
    done = p.done + excluded.done,
    accepted = p.accepted + excluded.accepted,
    again = p.again + excluded.again,
    waiting = p.waiting + excluded.waiting,
    refused = p.refused + excluded.refused
where p.done = %(before)s::bigint;

-- name: keep_refusals
-- A chunk that is sent again after a crash refuses the same rows again, and says so once.
insert into intake.import_refusal (import_id, row_no, code, reason)
select %(import_id)s::text, row_no, code, reason
from unnest(%(rows)s::bigint[], %(codes)s::text[], %(reasons)s::text[]) r(row_no, code, reason)
on conflict (import_id, row_no) do update set code = excluded.code, reason = excluded.reason;

-- name: refusals_after
-- A page of refused rows in the order of the file.
select row_no, code, reason from intake.import_refusal
where import_id = %(import_id)s::text and row_no > %(after)s::bigint
order by row_no limit %(limit)s::int;

-- name: refusal_counts
-- How many rows were refused for what.
select code, count(*) from intake.import_refusal
where import_id = %(import_id)s::text group by code order by code;
