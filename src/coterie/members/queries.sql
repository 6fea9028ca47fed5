-- What finds, locks, loads and writes members. Ids arrive as one array literal: one statement a
-- batch, whatever its size.

-- name: resolve_identities
-- Only active identities find anybody; the merge is followed by the caller, who seldom has to. The
-- limit makes PostgreSQL look each one up: without statistics it would rather read the whole index.
select wanted.kind, wanted.value, found.member_id, found.merged_into
from unnest(%(kinds)s::text[], %(values)s::text[]) as wanted (kind, value)
cross join lateral (
    select i.member_id, m.merged_into
    from members.identity i
    join members.member m on m.member_id = i.member_id
    where i.kind = wanted.kind and i.value = wanted.value and i.valid_to_us is null
    limit 1
) as found;

-- name: merges_of
-- One step of the chain of merges, and at the same time the question who exists.
select member_id, merged_into
from members.member
where member_id = any(%(member_ids)s::bigint[]);

-- name: lock_and_load
-- Always in id order: two batches that share members may wait, never deadlock. The text of the
-- attributes is decoded by msgspec, several times faster than the driver does it.
select member_id, state, kind, merged_into, seq, lot_no, clock_us, next_due_us, enrolled_us,
    attributes::text, lots_from
from members.member
where member_id = any(%(member_ids)s::bigint[])
order by member_id
for no key update;

-- name: load
-- The same without the lock, for questions.
select member_id, state, kind, merged_into, seq, lot_no, clock_us, next_due_us, enrolled_us,
    attributes::text, lots_from
from members.member
where member_id = any(%(member_ids)s::bigint[]);

-- name: load_beginnings
-- Where a replay begins: what was known at enrolment.
select member_id, enrolled_state, kind, enrolled_us, enrolled_attributes::text
from members.member
where member_id = any(%(member_ids)s::bigint[]);

-- name: write_members
-- Attributes seldom change and are the widest column: most events leave them out.
update members.member m
set state = new.state, merged_into = new.merged_into, seq = new.seq, lot_no = new.lot_no,
    clock_us = new.clock_us, next_due_us = new.next_due_us, lots_from = new.lots_from
from unnest(
    %(member_ids)s::bigint[], %(states)s::text[], %(merged_intos)s::bigint[], %(seqs)s::bigint[],
    %(lot_nos)s::bigint[], %(clocks_us)s::bigint[], %(next_dues_us)s::bigint[],
    %(lots_froms)s::bigint[]
) as new (member_id, state, merged_into, seq, lot_no, clock_us, next_due_us, lots_from)
where m.member_id = new.member_id;

-- name: write_attributes
-- After an attribute change, and only then.
update members.member m
set attributes = new.attributes::jsonb
from unnest(%(member_ids)s::bigint[], %(attributes)s::text[]) as new (member_id, attributes)
where m.member_id = new.member_id;

-- name: due_members
-- The earliest first, so that a worker that fell behind makes up in order; by keyset, so that one
-- member that cannot be decided does not hide the others.
select next_due_us, member_id
from members.member
where next_due_us <= %(before_us)s::bigint
    and (next_due_us, member_id) > (%(after_due_us)s::bigint, %(after_id)s::bigint)
order by next_due_us, member_id
limit %(limit)s::int;

-- name: ids_after
-- A walk over everybody in id order, for replays and checks.
select member_id
from members.member
where member_id > %(after_id)s::bigint
order by member_id
limit %(limit)s::int;

-- name: new_member_ids
-- The ids first, so that members, profiles and identities are each one statement.
select nextval('members.member_id_seq') from generate_series(1, %(count)s::int);

-- name: insert_members
-- State and attributes twice: as they are and as they began.
insert into members.member (
    member_id, kind, state, enrolled_us, enrolled_channel, enrolled_store, enrolled_origin,
    enrolled_state, enrolled_attributes, attributes
)
select member_id, kind, state, enrolled_us, channel, store, origin, state, attributes::jsonb,
    attributes::jsonb
from unnest(
    %(member_ids)s::bigint[], %(kinds)s::text[], %(states)s::text[], %(enrolled_us)s::bigint[],
    %(channels)s::text[], %(stores)s::text[], %(origins)s::text[], %(attributes)s::text[]
) as new (member_id, kind, state, enrolled_us, channel, store, origin, attributes);

-- name: insert_profiles
-- A row only for those who have something to say about themselves.
insert into members.profile (member_id, name, language, born_on)
select member_id, name, language, born_on::date
from unnest(
    %(member_ids)s::bigint[], %(names)s::text[], %(languages)s::text[], %(born_ons)s::text[]
) as new (member_id, name, language, born_on);

-- name: insert_identities
-- In one order everywhere: two batches that bring the same identities wait for each other, and the
-- later one finds them taken. Who is missing from the answer was too late.
insert into members.identity (kind, value, member_id, valid_from_us)
select kind, value, member_id, valid_from_us
from unnest(
    %(kinds)s::text[], %(values)s::text[], %(member_ids)s::bigint[], %(valid_from_us)s::bigint[]
) as new (kind, value, member_id, valid_from_us)
order by kind, value
on conflict (kind, value) where valid_to_us is null do nothing
returning kind, value;

-- name: delete_identities_of
-- Only for newcomers of this very transaction who lost the race for one of their identities.
delete from members.identity where member_id = any(%(member_ids)s::bigint[]);

-- name: delete_profiles_of
-- As above.
delete from members.profile where member_id = any(%(member_ids)s::bigint[]);

-- name: delete_file_of
-- Erased: nobody finds them by what they were called, and nothing is left of what was noted.
with spelled as (
    delete from members.token where member_id = any(%(member_ids)s::bigint[])
), noted as (
    delete from members.note where member_id = any(%(member_ids)s::bigint[])
), changed as (
    delete from members.contact_change where member_id = any(%(member_ids)s::bigint[])
), marked as (
    delete from members.contact_mark where member_id = any(%(member_ids)s::bigint[])
)
delete from members.trait where member_id = any(%(member_ids)s::bigint[]);

-- name: delete_members
-- As above; nobody has seen them yet.
delete from members.member where member_id = any(%(member_ids)s::bigint[]);

-- name: state_for_identity
-- Shared: a merge or an erasure must not overtake a new identity, or it would find nobody.
select state from members.member where member_id = %(member_id)s::bigint for share;

-- name: active_identity
-- Whose it is now.
select identity_id, member_id
from members.identity
where kind = %(kind)s::text and value = %(value)s::text and valid_to_us is null;

-- name: end_identity
-- Never deleted: who was found by a recycled number last year stays answerable.
update members.identity
set valid_to_us = greatest(%(now_us)s::bigint, valid_from_us + 1)
where kind = %(kind)s::text and value = %(value)s::text and valid_to_us is null
    and member_id = %(member_id)s::bigint
returning identity_id;

-- name: merged_into
-- A person's whole file: the member and whoever was merged into it, however long ago.
with recursive file as (
    select %(member_id)s::bigint as member_id
    union
    select m.member_id from file f join members.member m on m.merged_into = f.member_id
)
select member_id from file;

-- name: forget_identities
-- Erasing is the one case in which it must not stay answerable who was found by a number.
delete from members.identity
where member_id = any(%(member_ids)s::bigint[])
returning kind, value;

-- name: take_identities
-- Ended and begun anew, so that who was found by it, and when, stays on record.
with ended as (
    update members.identity
    set valid_to_us = greatest(%(now_us)s::bigint, valid_from_us + 1)
    where member_id = %(merged_id)s::bigint and valid_to_us is null
    returning kind, value, valid_to_us
)
insert into members.identity (kind, value, member_id, valid_from_us, came_from)
select kind, value, %(survivor_id)s::bigint, valid_to_us, %(merged_id)s::bigint
from ended;

-- name: return_identities
-- An identity may have come to the merged member by an earlier merge; that is known of its old row.
with ended as (
    update members.identity
    set valid_to_us = greatest(%(now_us)s::bigint, valid_from_us + 1)
    where member_id = %(survivor_id)s::bigint and came_from = %(merged_id)s::bigint
        and valid_to_us is null
    returning kind, value, valid_to_us
)
insert into members.identity (kind, value, member_id, valid_from_us, came_from)
select e.kind, e.value, %(merged_id)s::bigint, e.valid_to_us,
    (select before.came_from from members.identity before
     where before.member_id = %(merged_id)s::bigint and before.kind = e.kind
         and before.value = e.value
     order by before.identity_id desc limit 1)
from ended e;

-- name: write_profiles
-- What a change leaves out (its flag is false) stays as it is.
insert into members.profile as p (member_id, name, language, born_on)
select member_id, name, language, born_on::date
from unnest(
    %(member_ids)s::bigint[], %(names)s::text[], %(languages)s::text[], %(born_ons)s::text[],
    %(has_names)s::bool[], %(has_languages)s::bool[], %(has_born_ons)s::bool[]
) as new (member_id, name, language, born_on, has_name, has_language, has_born_on)
order by member_id
on conflict (member_id) do nothing;

-- name: update_profiles
-- The second half of the above, for those who had a profile.
update members.profile p
set name = case when new.has_name then new.name else p.name end,
    language = case when new.has_language then new.language else p.language end,
    born_on = case when new.has_born_on then new.born_on::date else p.born_on end
from unnest(
    %(member_ids)s::bigint[], %(names)s::text[], %(languages)s::text[], %(born_ons)s::text[],
    %(has_names)s::bool[], %(has_languages)s::bool[], %(has_born_ons)s::bool[]
) as new (member_id, name, language, born_on, has_name, has_language, has_born_on)
where p.member_id = new.member_id;

-- name: read_member
-- One member with the profile, for a person to read.
select m.member_id, m.kind, m.state, m.merged_into, m.enrolled_us, m.enrolled_channel,
    m.enrolled_store, p.name, p.language, p.born_on::text, m.attributes::text, m.seq, m.clock_us,
    m.enrolled_origin
from members.member m
left join members.profile p on p.member_id = m.member_id
where m.member_id = %(member_id)s::bigint;

-- name: identities_of
-- Active ones first, then the latest ended; the bound is for a member who changed numbers for ever.
select kind, value, valid_from_us, valid_to_us
from members.identity
where member_id = %(member_id)s::bigint
order by valid_to_us desc nulls first, identity_id
limit %(limit)s::int;

-- name: list_newest
-- By keyset, newest first; the index on enrolment is read backwards.
select m.member_id, m.kind, m.state, m.enrolled_us, p.name
from members.member m
left join members.profile p on p.member_id = m.member_id
where (m.enrolled_us, m.member_id) < (%(before_us)s::bigint, %(before_id)s::bigint)
order by m.enrolled_us desc, m.member_id desc
limit %(limit)s::int;
