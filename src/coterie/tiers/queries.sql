-- name: load_standings
-- Where a batch's members stand, under the members' locks.
select member_id, ladder, tier, since_on - date '0001-01-01' + 1,
    until_on - date '0001-01-01' + 1, due_us, reason, version, changes, course::text
from tiers.standing
where member_id = any(%(member_ids)s::bigint[]);

-- name: write_standings
-- Standings that changed, written whole.
insert into tiers.standing (
    member_id, ladder, tier, since_on, until_on, due_us, reason, version, changes, course)
select member_id, ladder, tier, date '0001-01-01' + (since_day - 1),
    date '0001-01-01' + (until_day - 1), due_us, reason, version, changes, course
from unnest(%(member_ids)s::bigint[], %(ladders)s::text[], %(tiers)s::text[],
    %(since_days)s::int[], %(until_days)s::int[], %(dues_us)s::bigint[], %(reasons)s::text[],
    %(versions)s::int[], %(changes)s::int[], %(courses)s::json[]
) as new (member_id, ladder, tier, since_day, until_day, due_us, reason, version, changes, course)
on conflict (member_id, ladder) do update set
    tier = excluded.tier, since_on = excluded.since_on, until_on = excluded.until_on,
    due_us = excluded.due_us, reason = excluded.reason, version = excluded.version,
    changes = excluded.changes, course = excluded.course;

-- name: insert_changes
-- What changed in a batch; once, because it is recorded with its event.
insert into tiers.change (
    member_id, seq, n, at_us, ladder, from_tier, to_tier, until_on, reason, version, evidence)
select member_id, seq, n, at_us, ladder, from_tier, to_tier,
    date '0001-01-01' + (until_day - 1), reason, version, evidence
from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[], %(ns)s::smallint[],
    %(ats_us)s::bigint[], %(ladders)s::text[], %(from_tiers)s::text[], %(to_tiers)s::text[],
    %(until_days)s::int[], %(reasons)s::text[], %(versions)s::int[], %(evidence)s::json[]
) as new (
    member_id, seq, n, at_us, ladder, from_tier, to_tier, until_day, reason, version, evidence);

-- name: view_changes
-- A page of a member's changes, newest first.
select seq, n, at_us, ladder, from_tier, to_tier, until_on - date '0001-01-01' + 1, reason,
    version, evidence::text
from tiers.change
where member_id = %(member_id)s::bigint
    and (%(ladder)s::text is null or ladder = %(ladder)s::text)
    and (%(before_seq)s::bigint is null
        or (seq, n) < (%(before_seq)s::bigint, %(before_n)s::int))
order by seq desc, n desc
limit %(limit)s::int;
