-- name: insert_tokens
-- Of new members, and what changed of others; said twice it is there once.
insert into members.token (member_id, token)
select * from unnest(%(member_ids)s::bigint[], %(tokens)s::text[])
on conflict do nothing;

-- name: delete_tokens
-- What no longer leads to these members; the pairs are what does.
delete from members.token t
where t.member_id = any(%(member_ids)s::bigint[])
    and not exists (
        select from unnest(%(kept_ids)s::bigint[], %(kept)s::text[]) as k (member_id, token)
        where k.member_id = t.member_id and k.token = t.token collate "C");

-- name: spelled
-- What tokens are made of: names, active identities, tags among the attributes.
select m.member_id, p.name,
    (select coalesce(array_agg(array[i.kind, i.value] order by i.identity_id), '{}')
     from members.identity i where i.member_id = m.member_id and i.valid_to_us is null),
    array(select substr(k, 5) from jsonb_object_keys(m.attributes) k where k like 'tag:%%'),
    array(select t.trait || '=' || t.value from members.trait t where t.member_id = m.member_id)
from members.member m
left join members.profile p on p.member_id = m.member_id
where m.member_id = any(%(member_ids)s::bigint[]) and m.state <> 'erased';

-- name: candidates
-- The first entries of each range, in the order of spellings: never more than a bound is read.
select w.term, w.rank, found.member_id
from unnest(%(terms)s::int[], %(ranks)s::int[], %(lows)s::text[], %(highs)s::text[])
    as w (term, rank, low, high)
cross join lateral (
    select t.member_id
    from members.token t
    where t.token >= w.low collate "C" and t.token < w.high collate "C"
    order by t.token, t.member_id
    limit %(limit)s::int
) as found;

-- name: satisfying
-- Of some members those whose tokens satisfy another term too; each is looked up by its key.
select c.member_id
from unnest(%(member_ids)s::bigint[]) as c (member_id)
where exists (
    select from unnest(%(lows)s::text[], %(highs)s::text[]) as w (low, high)
    cross join lateral (
        select from members.token t
        where t.member_id = c.member_id
            and t.token >= w.low collate "C" and t.token < w.high collate "C"
        limit 1
    ) as found);

-- name: lines
-- What a list says of some members, whoever may see how much of it.
select m.member_id, m.kind, m.state, m.merged_into, m.enrolled_us, p.name
from members.member m
left join members.profile p on p.member_id = m.member_id
where m.member_id = any(%(member_ids)s::bigint[]);

-- name: contacts
-- What these members are found by now.
select member_id, kind, value
from members.identity
where member_id = any(%(member_ids)s::bigint[]) and valid_to_us is null
order by member_id, kind desc, identity_id
limit %(limit)s::int;

-- name: standings
-- Which of many candidates are still there, before a few of them are shown.
select member_id, state from members.member where member_id = any(%(member_ids)s::bigint[]);

-- name: progress
-- How far the members of before were taken in; one process at a time goes on.
select edition, after_id, through_id from members.lookup_progress for update;

-- name: restart
-- Another edition of the spellings: everybody is written anew.
update members.lookup_progress
set edition = %(edition)s::int, after_id = 0,
    through_id = (select coalesce(max(member_id), 0) from members.member);

-- name: advance
-- After a batch, in its transaction.
update members.lookup_progress set after_id = %(after_id)s::bigint;

-- name: next_ids
-- The next batch of members to take in, in id order.
select member_id
from members.member
where member_id > %(after_id)s::bigint and member_id <= %(through_id)s::bigint
order by member_id
limit %(limit)s::int;
