-- name: members_by_state
-- How many members there are, and how they stand.
select state, count(*) from members.member group by state order by count(*) desc;

-- name: members_by_tier
-- Who stands where; nobody has a row for the lowest tier before anything happened on the ladder.
select s.ladder, s.tier, count(*)
from tiers.standing s
join members.member m on m.member_id = s.member_id
where m.state not in ('merged', 'erased')
group by s.ladder, s.tier;

-- name: waiting_by_reason
-- What asks for a person.
select reason, count(*) from events.waiting where decided is null group by reason order by reason;

-- name: flows
-- What was issued, redeemed and lapsed, from the daily sums.
select currency,
    coalesce(sum(units) filter (where debit = 'issued' and credit <> 'written_off'), 0)
        - coalesce(sum(units) filter (where credit = 'issued'), 0),
    coalesce(sum(units) filter (where credit = 'redeemed'), 0)
        - coalesce(sum(units) filter (where debit = 'redeemed'), 0),
    coalesce(sum(units) filter (where credit = 'breakage'), 0)
        - coalesce(sum(units) filter (where debit = 'breakage'), 0),
    coalesce(sum(case when credit = 'available' then units when debit = 'available' then -units
        else 0 end), 0),
    coalesce(sum(case when credit = 'pending' then units when debit = 'pending' then -units
        else 0 end), 0),
    coalesce(sum(case when credit = 'held' then units when debit = 'held' then -units
        else 0 end), 0),
    coalesce(sum(case when debit = 'owed' then units when credit = 'owed' then -units
        else 0 end), 0)
from ledger.rollup
group by currency
order by currency;

-- name: months
-- Month by month, what one currency gave and took.
select to_char(booked_on, 'YYYY-MM'),
    coalesce(sum(units) filter (where debit = 'issued'), 0),
    coalesce(sum(units) filter (where credit = 'redeemed'), 0),
    coalesce(sum(units) filter (where credit = 'breakage'), 0)
from ledger.rollup
where currency = %(currency)s::text
group by 1
order by 1 desc
limit %(limit)s::int;

-- name: prospects
-- Who was only known at first, newest first, with the first thing each bought; whoever holds it by a
-- merge now is another member, and the sale stands where it was recorded.
select m.member_id, p.name, m.enrolled_state, m.state, m.enrolled_us, m.enrolled_channel,
    m.enrolled_origin, first.occurred_us, first.order_ref, joined.occurred_us
from members.member m
left join members.profile p on p.member_id = m.member_id
left join lateral (
    select e.occurred_us, e.order_ref
    from events.event e
    where e.member_id = m.member_id and e.kind = 'order' and e.status = 'accepted'
    order by e.occurred_us, e.seq
    limit 1
) first on true
left join lateral (
    select e.occurred_us
    from events.event e
    where e.member_id = m.member_id and e.status = 'accepted'
        and (e.outcome::jsonb -> 'entered' ->> 1 = 'active'
            or (e.kind = 'state_change' and e.payload ->> 'state' = 'active'))
    order by e.seq
    limit 1
) joined on true
where m.enrolled_state in ('prospect', 'unverified')
    and (m.enrolled_us, m.member_id) < (%(before_us)s::bigint, %(before_id)s::bigint)
    and (%(origin)s::text is null or m.enrolled_origin = %(origin)s::text)
    and (not %(open)s::bool or m.state in ('prospect', 'unverified'))
order by m.enrolled_us desc, m.member_id desc
limit %(limit)s::int;

-- name: events_recorded
-- How many events there are: every member's last number, summed.
select coalesce(sum(seq), 0) from members.member;

-- name: orders_named
-- By the index on references, in the order of their bytes; a reference should be one sale.
select member_id, seq, kind, occurred_us, status, order_ref, store
from events.event
where order_ref ~>=~ %(low)s::text and order_ref ~<~ %(high)s::text and kind = 'order'
order by order_ref using ~<~, member_id
limit %(limit)s::int;

-- name: event_numbered
-- As events are named everywhere: member and number.
select member_id, seq, kind, occurred_us, status, order_ref, store
from events.event
where member_id = %(member_id)s::bigint and seq = %(seq)s::bigint;
-- name: export_members
-- Everybody who is somebody, with the first active identity of each kind; in id order, streamed.
select m.member_id, coalesce(i.ids ->> 'external', 'member-' || m.member_id), i.ids, i.more,
    p.name, p.language, p.born_on::text, m.kind, m.state, m.enrolled_us, m.enrolled_channel,
    m.enrolled_store, m.enrolled_origin, m.attributes
from members.member m
left join members.profile p on p.member_id = m.member_id
left join lateral (
    select jsonb_object_agg(f.kind, f.value) as ids, sum(f.others)::bigint as more
    from (
        select kind, (array_agg(value order by valid_from_us, identity_id))[1] as value,
            count(*) - 1 as others
        from members.identity where member_id = m.member_id and valid_to_us is null
        group by kind) f) i on true
where m.state not in ('merged', 'erased')
order by m.member_id;

-- name: export_balances
-- What is left of every lot, held units too: they are the member's until they are captured.
select coalesce(x.value, 'member-' || l.member_id), l.currency, l.remaining + l.held,
    l.expires_on::text, l.earned_us, l.state, l.held
from ledger.lot l
join members.member m on m.member_id = l.member_id and m.state not in ('merged', 'erased')
left join lateral (
    select value from members.identity
    where member_id = l.member_id and kind = 'external' and valid_to_us is null
    order by valid_from_us, identity_id limit 1) x on true
where l.state <> 'cancelled' and l.remaining + l.held > 0
order by l.member_id, l.lot_no;

-- name: export_metrics
-- What was counted about each member, by counter and bucket.
select coalesce(x.value, 'member-' || m.member_id), m.enrolled_us, c.buckets
from metrics.counters c
join members.member m on m.member_id = c.member_id and m.state not in ('merged', 'erased')
left join lateral (
    select value from members.identity
    where member_id = m.member_id and kind = 'external' and valid_to_us is null
    order by valid_from_us, identity_id limit 1) x on true
order by m.member_id;

-- name: export_tiers
-- Where members stand, and what decides it.
select coalesce(x.value, 'member-' || m.member_id), s.ladder, s.course::text
from tiers.standing s
join members.member m on m.member_id = s.member_id and m.state not in ('merged', 'erased')
left join lateral (
    select value from members.identity
    where member_id = m.member_id and kind = 'external' and valid_to_us is null
    order by valid_from_us, identity_id limit 1) x on true
order by m.member_id, s.ladder;

-- name: export_events
-- What happened, in each member's order.
select member_id, seq, kind, occurred_us, source, key, status, code, payload::text
from events.event
order by member_id, seq;

-- name: export_movements
-- Every unit that moved, with its reason.
select member_id, seq, n, currency, units, debit, credit, reason, rule, booked_on::text, recorded_us
from ledger.movement
order by member_id, seq, n;

-- name: export_debts
-- How many members owe something in a currency: no import brings a debt.
select count(*) from ledger.balance where owed > 0;

-- name: timeline_events
-- A page of a member's sequence, the newest first.
select member_id, seq, kind, occurred_us, offset_minutes, received_us, as_of_us,
    day - date '0001-01-01' + 1, booked_day - date '0001-01-01' + 1, version, status, code,
    payload::text, outcome::text, operator, actor, source, store, order_ref
from events.event
where member_id = %(member_id)s::bigint and seq < %(before_seq)s::bigint
order by seq desc
limit %(limit)s::int;

-- name: timeline_movements
-- What the events of a page moved.
select seq, n, currency, debit, credit, units, reason, rule
from ledger.movement
where member_id = %(member_id)s::bigint and seq = any(%(seqs)s::bigint[])
order by seq, n
limit %(limit)s::int;

-- name: timeline_tiers
-- What they changed on ladders.
select seq, ladder, from_tier, to_tier, until_on - date '0001-01-01' + 1, reason, evidence::text
from tiers.change
where member_id = %(member_id)s::bigint and seq = any(%(seqs)s::bigint[])
order by seq, n
limit %(limit)s::int;

-- name: members_by_enrolment
-- The newest first; a bounded number is looked at, and those that fit are kept. `looked_us` and
-- `looked_id` say how far, so that the next page goes on there also when nobody fitted.
with looked as (
    select m.member_id, m.kind, m.state, m.enrolled_us, m.enrolled_channel, m.enrolled_store,
        m.merged_into
    from members.member m
    where (m.enrolled_us, m.member_id) < (%(before_us)s::bigint, %(before_id)s::bigint)
        and m.enrolled_us >= %(from_us)s::bigint
    order by m.enrolled_us desc, m.member_id desc
    limit %(look)s::int
), far as (
    select enrolled_us, member_id from looked order by enrolled_us, member_id limit 1
), fits as (
    select l.* from looked l
    where (%(state)s::text is null or l.state = %(state)s::text)
        and (%(channel)s::text is null or l.enrolled_channel = %(channel)s::text)
        and (%(store)s::text is null or l.enrolled_store = %(store)s::text)
    order by l.enrolled_us desc, l.member_id desc
    limit %(limit)s::int
)
select f.member_id, f.kind, f.state, f.enrolled_us, f.enrolled_channel, f.enrolled_store,
    f.merged_into, p.name, far.enrolled_us, far.member_id, (select count(*) from looked)
from far
left join fits f on true
left join members.profile p on p.member_id = f.member_id
order by f.enrolled_us desc, f.member_id desc;

-- name: members_in_state
-- Who is not active, by the index on exactly those.
with looked as (
    select m.member_id, m.kind, m.state, m.enrolled_us, m.enrolled_channel, m.enrolled_store,
        m.merged_into
    from members.member m
    where m.state = %(state)s::text and m.state <> 'active'
        and (m.enrolled_us, m.member_id) < (%(before_us)s::bigint, %(before_id)s::bigint)
        and m.enrolled_us >= %(from_us)s::bigint
    order by m.enrolled_us desc, m.member_id desc
    limit %(look)s::int
), far as (
    select enrolled_us, member_id from looked order by enrolled_us, member_id limit 1
), fits as (
    select l.* from looked l
    where (%(channel)s::text is null or l.enrolled_channel = %(channel)s::text)
        and (%(store)s::text is null or l.enrolled_store = %(store)s::text)
    order by l.enrolled_us desc, l.member_id desc
    limit %(limit)s::int
)
select f.member_id, f.kind, f.state, f.enrolled_us, f.enrolled_channel, f.enrolled_store,
    f.merged_into, p.name, far.enrolled_us, far.member_id, (select count(*) from looked)
from far
left join fits f on true
left join members.profile p on p.member_id = f.member_id
order by f.enrolled_us desc, f.member_id desc;

-- name: members_by_mark
-- By tag or trait, in id order, newest first.
with looked as (
    select t.member_id from members.token t
    where t.token = %(token)s::text collate "C" and t.member_id < %(before_id)s::bigint
    order by t.member_id desc
    limit %(look)s::int
)
select m.member_id, m.kind, m.state, m.enrolled_us, m.enrolled_channel, m.enrolled_store,
    m.merged_into, p.name
from looked l
join members.member m on m.member_id = l.member_id
left join members.profile p on p.member_id = m.member_id
order by m.member_id desc;

-- name: members_by_standing
-- By tier, in id order, newest first.
with looked as (
    select s.member_id from tiers.standing s
    where s.ladder = %(ladder)s::text and s.tier = %(tier)s::text
        and s.member_id < %(before_id)s::bigint
    order by s.member_id desc
    limit %(look)s::int
)
select m.member_id, m.kind, m.state, m.enrolled_us, m.enrolled_channel, m.enrolled_store,
    m.merged_into, p.name
from looked l
join members.member m on m.member_id = l.member_id
left join members.profile p on p.member_id = m.member_id
order by m.member_id desc;

-- name: bouncing
-- Contacts that came back, the latest first, as far as they are the member's still.
select k.member_id, p.name, k.kind, k.value, k.bounced_us, k.bounce
from members.contact_mark k
join members.identity i on i.member_id = k.member_id and i.kind = k.kind and i.value = k.value
    and i.valid_to_us is null
left join members.profile p on p.member_id = k.member_id
where k.bounced_us is not null
    and (k.bounced_us, k.member_id) < (%(before_us)s::bigint, %(before_id)s::bigint)
order by k.bounced_us desc, k.member_id desc
limit %(limit)s::int;

-- name: to_review
-- A bounded stretch of members in id order, with what of their data is missing or old: no name, no
-- way to reach them, nothing confirmed since a moment.
select m.member_id, p.name, m.state, m.enrolled_us, reach.kinds, mark.verified_us
from (
    select member_id, state, enrolled_us from members.member
    where member_id < %(before_id)s::bigint
    order by member_id desc
    limit %(look)s::int
) m
left join members.profile p on p.member_id = m.member_id
left join lateral (
    select array_agg(distinct i.kind) as kinds from members.identity i
    where i.member_id = m.member_id and i.valid_to_us is null
        and i.kind in ('phone', 'email', 'messenger')
) reach on true
left join lateral (
    select max(k.verified_us) as verified_us from members.contact_mark k
    where k.member_id = m.member_id
) mark on true
order by m.member_id desc;

-- name: lively_members
-- Whose story a demo shows: active people to whom most happened.
select member_id
from members.member
where state = 'active' and kind = 'person'
order by seq desc, member_id
limit %(limit)s::int;

-- name: counter_sales
-- What one till sent since a moment, newest first, by the index on the events of tills; a return may
-- leave its amounts to be worked out.
select e.member_id, e.seq, e.kind, e.received_us, e.order_ref, e.operator, p.name,
    (select sum((line ->> 'amount_minor')::bigint)
        from json_array_elements(e.payload -> 'lines') line),
    exists (
        select from events.event u
        where u.member_id = e.member_id and u.seq > e.seq and u.kind = 'reversal'
            and u.status = 'accepted' and (u.payload ->> 'reverses_seq')::bigint = e.seq)
from events.event e
left join members.profile p on p.member_id = e.member_id
where e.source = 'counter' and e.device = %(device)s::text
    and e.received_us >= %(since_us)s::bigint and e.status = 'accepted'
    and e.kind in ('order', 'return')
order by e.received_us desc, e.member_id, e.seq desc
limit %(limit)s::int;
