-- The published versions of the programme: an append-only table.

-- name: lock_versions
-- Two publishers would both follow the same last version; the second one waits and looks again.
lock table programme.version in share row exclusive mode;

-- name: last_version_number
-- Asked before every batch: whether what a process compiled is still the newest. A version that
-- became ready changes it too; both only ever grow.
select (select coalesce(max(version), 0) from programme.version)
    + (select count(*) from programme.backfill where finished_us is not null)::int;

-- name: last_version
-- What the next version has to follow.
select version, content, sha256, active_from_us, published_us, note
from programme.version
order by version desc
limit 1;

-- name: insert_version
-- The only way a version comes to be; nothing ever changes one.
insert into programme.version (version, content, sha256, active_from_us, published_us, note)
values (%(version)s::int, %(content)s::text, %(sha256)s::text, %(active_from_us)s::bigint,
    %(published_us)s::bigint, %(note)s::text);

-- name: list_versions
-- For people: newest first, without the texts, page by page from below a version.
select version, sha256, active_from_us, published_us, note
from programme.version
where version < %(below)s::int
order by version desc
limit %(most)s::int;

-- name: all_texts
-- For engines: every version may still be asked about by a late event or a return.
select version, content, sha256, active_from_us
from programme.version
order by version;

-- name: text_at
-- What is in force at a moment: of versions that begin together, the last published that is ready.
select version, content, sha256, active_from_us
from programme.version v
where active_from_us <= %(at_us)s::bigint
    and not exists (
        select from programme.backfill b where b.version = v.version and b.finished_us is null)
order by active_from_us desc, version desc
limit 1;

-- name: text_numbered
-- One version, for whoever looks something up in it.
select version, content, sha256, active_from_us
from programme.version
where version = %(version)s::int;

-- name: find_publication
-- A publication sent again is the same publication.
select version, digest from programme.publication
where source = %(source)s::text and key = %(key)s::text;

-- name: insert_publication
-- In the transaction that publishes.
insert into programme.publication (source, key, digest, version)
values (%(source)s::text, %(key)s::text, %(digest)s::bytea, %(version)s::int);

-- name: last_ready
-- What members were counted under so far: the newest version that waits for nothing.
select version, content, sha256, active_from_us
from programme.version v
where not exists (
    select from programme.backfill b where b.version = v.version and b.finished_us is null)
order by version desc
limit 1;

-- name: insert_backfill
-- A version that has to be counted first, from its publication on.
insert into programme.backfill (version, metrics, began_us)
values (%(version)s::int, %(metrics)s::text[], %(began_us)s::bigint);

-- name: open_backfills
-- What is still to be counted, in the order of the versions.
select version, metrics, after_id, members_done, began_us, finished_us, accepted_us,
    (select count(*) from programme.set_aside s
        where s.version = b.version and s.reason <> 'merged')
from programme.backfill b
where finished_us is null
order by version;

-- name: backfill_of
-- What was counted for a version, also after it began.
select version, metrics, after_id, members_done, began_us, finished_us, accepted_us,
    (select count(*) from programme.set_aside s
        where s.version = b.version and s.reason <> 'merged')
from programme.backfill b
where version = %(version)s::int;

-- name: set_aside
-- A member who cannot be counted does not keep everybody else waiting; the newest reason stays.
insert into programme.set_aside (member_id, version, reason, set_aside_us)
values (%(member_id)s::bigint, %(version)s::int, %(reason)s::text, %(now_us)s::bigint)
on conflict (member_id, version) do update set reason = excluded.reason;

-- name: list_set_aside
-- For people, page by page.
select member_id, version, reason, set_aside_us
from programme.set_aside
where version = %(version)s::int and member_id > %(after_id)s::bigint
order by member_id
limit %(limit)s::int;

-- name: clear_set_aside
-- Who was counted after all.
delete from programme.set_aside
where version = %(version)s::int and member_id = any(%(member_ids)s::bigint[]);

-- name: accept_set_aside
-- Somebody takes it that these members begin the new metrics with nothing.
update programme.backfill set accepted_us = %(now_us)s::bigint
where version = %(version)s::int and finished_us is null;

-- name: advance_backfill
-- Where counting goes on after an interruption.
update programme.backfill
set after_id = %(after_id)s::bigint, members_done = members_done + %(members)s::bigint
where version = %(version)s::int and after_id < %(after_id)s::bigint;

-- name: finish_backfill
-- The version may begin.
update programme.backfill set finished_us = %(finished_us)s::bigint
where version = %(version)s::int and finished_us is null;

-- name: keep_secret
-- With the first version: the secret by which comparison groups are drawn, once for all time.
insert into programme.secret (secret, sha256, created_us)
values (%(secret)s::bytea, sha256(%(secret)s::bytea), %(created_us)s::bigint)
on conflict do nothing;

-- name: secret
-- For engines, which draw by it, and for those who show what follows from it.
select secret from programme.secret;
