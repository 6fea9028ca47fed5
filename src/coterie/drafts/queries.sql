-- Programmes that are being written.

-- name: lock_drafts
-- Two who begin one at once are counted one after the other.
lock table drafts.draft in share row exclusive mode;

-- name: count_drafts
-- Against the bound.
select count(*) from drafts.draft;

-- name: insert_draft
-- Its first revision.
insert into drafts.draft
    (name, text, base_version, owner_id, changed_by, created_us, changed_us)
values (%(name)s::text, %(text)s::text, %(base_version)s::integer, %(by)s::bigint, %(by)s::bigint,
    %(now_us)s::bigint, %(now_us)s::bigint)
returning draft_id;

-- name: lock_draft
-- Two who save at once save one after the other: the second one is told.
select draft_id, name, base_version, revision, owner_id, changed_by, created_us, changed_us, text,
    plan_job, plan_revision
from drafts.draft where draft_id = %(draft_id)s::bigint for update;

-- name: read_draft
-- With its text.
select draft_id, name, base_version, revision, owner_id, changed_by, created_us, changed_us, text,
    plan_job, plan_revision
from drafts.draft where draft_id = %(draft_id)s::bigint;

-- name: list_drafts
-- All of them, without texts: their number is bounded.
select draft_id, name, base_version, revision, owner_id, changed_by, created_us, changed_us
from drafts.draft order by changed_us desc, draft_id desc;

-- name: save_draft
-- The next revision.
update drafts.draft
set name = %(name)s::text, text = %(text)s::text, revision = revision + 1,
    changed_by = %(by)s::bigint, changed_us = %(now_us)s::bigint
where draft_id = %(draft_id)s::bigint;

-- name: note_plan
-- Which plan was asked for of it.
update drafts.draft
set plan_job = %(job_id)s::bigint, plan_revision = revision
where draft_id = %(draft_id)s::bigint;

-- name: delete_draft
-- What was published of it stays published.
delete from drafts.draft where draft_id = %(draft_id)s::bigint;
