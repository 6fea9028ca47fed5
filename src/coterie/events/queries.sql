-- name: insert_events
-- A batch's events in one statement.
copy events.event (
    member_id, seq, kind, source, key, occurred_us, offset_minutes, received_us, as_of_us,
    day, booked_day, version, mode, status, code, actor, channel, store, operator, device,
    device_sequence, partner, campaign, order_ref, caused_by, payload, outcome) from stdin;

-- name: upsert_returned
-- What has come back of a sale so far, or that an event was reversed; the event itself stays.
insert into events.returned (member_id, order_seq, lines)
select * from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[], %(lines)s::json[])
on conflict (member_id, order_seq) do update set lines = excluded.lines;

-- name: sales_by_reference
-- The sales a return names; newest first, bounded because a name should be one sale.
select e.member_id, e.seq, e.occurred_us, e.day - date '0001-01-01' + 1, e.version,
    e.payload::text, e.outcome::text, r.lines::text
from events.event e
left join events.returned r on r.member_id = e.member_id and r.order_seq = e.seq
where (e.member_id, e.order_ref) in (
        select * from unnest(%(member_ids)s::bigint[], %(order_refs)s::text[]))
    and e.kind = 'order' and e.status = 'accepted'
order by e.member_id, e.seq desc
limit %(limit)s::int;

-- name: sales_of_products
-- A return without reference is matched to sales of its products, newest first, within a window.
select e.member_id, e.seq, e.occurred_us, e.day - date '0001-01-01' + 1, e.version,
    e.payload::text, e.outcome::text, r.lines::text
from events.event e
left join events.returned r on r.member_id = e.member_id and r.order_seq = e.seq
where e.member_id = %(member_id)s::bigint
    and e.kind = 'order' and e.status = 'accepted'
    and e.day >= date '0001-01-01' + (%(oldest_day)s::int - 1)
    and exists (
        select from json_array_elements(e.payload->'lines') line
        where line->>'product' = any(%(products)s::text[]))
order by e.occurred_us desc, e.seq desc
limit %(limit)s::int;

-- name: newest_sales
-- What a merge brings along.
select e.member_id, e.seq, e.occurred_us, e.day - date '0001-01-01' + 1, e.version,
    e.payload::text, e.outcome::text, r.lines::text
from events.event e
left join events.returned r on r.member_id = e.member_id and r.order_seq = e.seq
where e.member_id = %(member_id)s::bigint and e.kind = 'order' and e.status = 'accepted'
order by e.occurred_us desc, e.seq desc
limit %(limit)s::int;

-- name: events_by_seq
-- The events that are to be undone, or asked for by their number.
select e.member_id, e.seq, e.kind, e.occurred_us, e.day - date '0001-01-01' + 1, e.version,
    e.status, e.code, e.payload::text, e.outcome::text, r.lines::text
from events.event e
left join events.returned r on r.member_id = e.member_id and r.order_seq = e.seq
where (e.member_id, e.seq) in (
    select * from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[]));

-- name: forget_waiting
-- An event that waited by an identity holds it; what became of it is recorded without.
update events.waiting w
set identity_value = null, payload = '{}'
from unnest(%(kinds)s::text[], %(values)s::text[]) as gone (kind, value)
where w.decided is not null and w.identity_kind = gone.kind and w.identity_value = gone.value;

-- name: last_merge
-- Which event merged a member; the newest, because a merge may have been taken back before.
select seq
from events.event
where member_id = %(member_id)s::bigint and kind = 'state_change' and status = 'accepted'
    and payload->>'merged_into' is not null
order by seq desc
limit 1;

-- name: insert_waiting
-- Events set aside; the number comes back so that the registry can point to it.
insert into events.waiting (
    reason, source, key, occurred_us, received_us, identity_kind, identity_value, payload)
values (
    %(reason)s::text, %(source)s::text, %(key)s::text, %(occurred_us)s::bigint,
    %(received_us)s::bigint, %(identity_kind)s::text, %(identity_value)s::text,
    %(payload)s::json)
returning waiting_id;

-- name: open_waiting
-- A page of what waits, oldest first.
select waiting_id, reason, source, key, occurred_us, received_us, identity_kind, identity_value,
    payload::text
from events.waiting
where decided is null and waiting_id > %(after_id)s::bigint
    and (%(reason)s::text is null or reason = %(reason)s::text)
order by waiting_id
limit %(limit)s::int;

-- name: waiting_by_identity
-- What waits for somebody who has just become known, in the order it happened.
select waiting_id, reason, source, key, occurred_us, received_us, identity_kind, identity_value,
    payload::text
from events.waiting
where decided is null and reason = 'unknown_member'
    and (identity_kind, identity_value) in (
        select * from unnest(%(kinds)s::text[], %(values)s::text[]))
order by occurred_us, waiting_id
limit %(limit)s::int;

-- name: waiting_by_id
-- One event that waits, to decide about it.
select waiting_id, reason, source, key, occurred_us, received_us, identity_kind, identity_value,
    payload::text
from events.waiting
where waiting_id = %(waiting_id)s::bigint and decided is null;

-- name: waiting_state
-- What an event that was set aside waits for, or what a person decided.
select reason, decided from events.waiting where waiting_id = %(waiting_id)s::bigint;

-- name: decide_waiting
-- A waiting event is decided once; what became an event keeps nobody's phone or address here.
update events.waiting
set decided = %(decided)s::text, decided_us = %(decided_us)s::bigint,
    decided_by = %(decided_by)s::text,
    identity_kind = case when %(decided)s::text = 'refused' then identity_kind end,
    identity_value = case when %(decided)s::text = 'refused' then identity_value end,
    payload = case when %(decided)s::text = 'refused' then payload else '{}'::json end
where waiting_id = any(%(waiting_ids)s::bigint[]) and decided is null;

-- name: view_recorded
-- One event with its whole envelope, for people and programs that ask what happened.
select member_id, seq, kind, source, key, occurred_us, offset_minutes, received_us,
    day - date '0001-01-01' + 1, booked_day - date '0001-01-01' + 1, version, mode, status, code,
    payload::text, outcome::text
from events.event
where member_id = %(member_id)s::bigint and seq = %(seq)s::bigint;

-- name: any_events
-- Whether anything ever happened.
select exists (select from events.event);
