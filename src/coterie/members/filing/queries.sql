-- name: lock
-- Numbers of a file are given under its member's lock; an erasure cannot overtake a note.
select state from members.member where member_id = %(member_id)s::bigint for no key update;

-- name: insert_note
-- Numbered within the file.
insert into members.note (member_id, note_no, category, body, pinned, author, noted_us)
select %(member_id)s::bigint, 1 + coalesce(max(note_no), 0), %(category)s::text, %(body)s::text,
    %(pinned)s::bool, %(author)s::text, %(noted_us)s::bigint
from members.note where member_id = %(member_id)s::bigint
returning note_no;

-- name: count_notes
-- A file is bounded.
select count(*) from members.note where member_id = %(member_id)s::bigint;

-- name: settle_note
-- Once; who settled it first stays on record.
update members.note
set settled_us = greatest(%(now_us)s::bigint, noted_us), settled_by = %(actor)s::text,
    pinned = false
where member_id = %(member_id)s::bigint and note_no = %(note_no)s::int and settled_us is null
returning note_no;

-- name: pin_note
-- What everybody who opens the file should see first.
update members.note
set pinned = %(pinned)s::bool
where member_id = %(member_id)s::bigint and note_no = %(note_no)s::int and settled_us is null
returning note_no;

-- name: notes_of
-- Of a member and of everybody merged into it: it is one person's file. Pinned first.
with recursive file as (
    select %(member_id)s::bigint as member_id
    union
    select m.member_id from file f join members.member m on m.merged_into = f.member_id
)
select n.member_id, n.note_no, n.category, n.body, n.pinned, n.author, n.noted_us, n.settled_us,
    n.settled_by
from file f join members.note n on n.member_id = f.member_id
order by n.pinned desc, (n.settled_us is not null), n.noted_us desc, n.note_no desc
limit %(limit)s::int;

-- name: insert_changes
-- Numbered within the file, in the order they are told.
insert into members.contact_change (member_id, change_no, field, before, after, actor, changed_us)
select %(member_id)s::bigint,
    c.place + (select coalesce(max(change_no), 0) from members.contact_change
               where member_id = %(member_id)s::bigint),
    c.field, c.before, c.after, %(actor)s::text, %(now_us)s::bigint
from unnest(%(fields)s::text[], %(befores)s::text[], %(afters)s::text[])
    with ordinality as c (field, before, after, place);

-- name: changes_of
-- The newest first.
select change_no, field, before, after, actor, changed_us
from members.contact_change
where member_id = %(member_id)s::bigint
order by change_no desc
limit %(limit)s::int;

-- name: verify_contact
-- Confirmed now: what came back before is forgotten.
insert into members.contact_mark (member_id, kind, value, verified_us)
values (%(member_id)s::bigint, %(kind)s::text, %(value)s::text, %(now_us)s::bigint)
on conflict (member_id, kind, value)
do update set verified_us = excluded.verified_us, bounced_us = null, bounce = null;

-- name: bounce_contact
-- It came back: the last reason stands.
insert into members.contact_mark (member_id, kind, value, bounced_us, bounce)
values (%(member_id)s::bigint, %(kind)s::text, %(value)s::text, %(now_us)s::bigint,
    %(bounce)s::text)
on conflict (member_id, kind, value)
do update set bounced_us = excluded.bounced_us, bounce = excluded.bounce;

-- name: marks_of
-- Of contacts that are the member's now.
select k.kind, k.value, k.verified_us, k.bounced_us, k.bounce
from members.contact_mark k
join members.identity i on i.member_id = k.member_id and i.kind = k.kind and i.value = k.value
    and i.valid_to_us is null
where k.member_id = %(member_id)s::bigint
order by k.kind, k.value
limit %(limit)s::int;

-- name: put_trait
-- Said again, the newer saying stands; what was declared is not overwritten by what is inferred.
insert into members.trait (member_id, trait, value, basis, noted_us, actor)
values (%(member_id)s::bigint, %(trait)s::text, %(value)s::text, %(basis)s::text,
    %(now_us)s::bigint, %(actor)s::text)
on conflict (member_id, trait, value)
do update set basis = excluded.basis, noted_us = excluded.noted_us, actor = excluded.actor
where members.trait.basis = 'inferred' or excluded.basis = 'declared';

-- name: drop_trait
-- The member takes it back, or it was wrong.
delete from members.trait
where member_id = %(member_id)s::bigint and trait = %(trait)s::text and value = %(value)s::text
returning trait;

-- name: traits_of
-- By name; a file is bounded.
select trait, value, basis, noted_us, actor
from members.trait
where member_id = %(member_id)s::bigint
order by trait, value
limit %(limit)s::int;
