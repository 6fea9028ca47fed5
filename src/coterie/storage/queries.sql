-- name: find_keys
-- Which of a batch's keys were answered before; asked under the members' locks.
select source, key, digest, member_id, seq, waiting_id
from storage.registry
where (source, key) in (select * from unnest(%(sources)s::text[], %(keys)s::text[]));

-- name: insert_keys
-- One row per answered event, in the transaction that records it.
copy storage.registry (source, key, digest, member_id, seq, waiting_id) from stdin;

-- name: settle_keys
-- An event that waited has got its place.
update storage.registry r
set member_id = row.member_id, seq = row.seq, waiting_id = null
from unnest(
    %(sources)s::text[], %(keys)s::text[], %(member_ids)s::bigint[], %(seqs)s::bigint[]
) as row (source, key, member_id, seq)
where r.source = row.source and r.key = row.key;

-- name: insert_facts
-- What the outside is to hear, in the order it happened.
copy storage.outbox (member_id, seq, facts, follow_up) from stdin;

-- name: follow_ups
-- Consequences for other members that have not been delivered, oldest first.
select fact_id, member_id, seq, facts::text
from storage.outbox
where follow_up and retry_at_us <= %(now_us)s::bigint
order by fact_id
limit %(limit)s::int;

-- name: follow_ups_of
-- The same, for the events of a batch that was just recorded.
select fact_id, member_id, seq, facts::text
from storage.outbox
where follow_up and (member_id, seq) in (
    select * from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[]))
order by fact_id;

-- name: delete_facts
-- Delivered.
delete from storage.outbox where (member_id, seq, fact_id) in (
    select * from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[], %(fact_ids)s::bigint[]));

-- name: postpone_facts
-- What could not be delivered is tried again later, each time with a longer pause.
update storage.outbox o
set attempts = attempts + 1,
    retry_at_us = %(now_us)s::bigint + 1000000 * (2 ^ least(attempts, 12))::bigint
from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[], %(fact_ids)s::bigint[])
    as row (member_id, seq, fact_id)
where o.member_id = row.member_id and o.seq = row.seq and o.fact_id = row.fact_id;

-- name: plain_facts
-- What the outside is to be told, oldest first; follow-ups are not for it.
select fact_id, member_id, seq, facts::text
from storage.outbox
where not follow_up
order by fact_id limit %(limit)s::int for update skip locked;

-- name: outbox_backlog
-- For monitors: bounded, whatever waits.
select
    (select count(*) from (select from storage.outbox where not follow_up limit 10000) f),
    (select count(*) from (select from storage.outbox where follow_up limit 10000) f),
    (select count(*) from (select from storage.outbox where follow_up and attempts > 0
        limit 10000) f);

-- name: read_clock
-- No row: the world's time is the machine's.
select base_us, set_at_us, rate_milli from storage.clock;

-- name: write_clock
-- One row, whoever sets it last.
insert into storage.clock (base_us, set_at_us, rate_milli)
values (%(base_us)s::bigint, %(set_at_us)s::bigint, %(rate_milli)s::bigint)
on conflict (one) do update
set base_us = excluded.base_us, set_at_us = excluded.set_at_us, rate_milli = excluded.rate_milli;

-- name: lock_clock
-- Two steps at once must both count.
select base_us, set_at_us, rate_milli from storage.clock for update;

-- name: clear_clock
-- Back to the machine's time.
delete from storage.clock;

-- name: share_settings
-- Held by every batch: what it was decided under (versions, closed books) does not change meanwhile.
select pg_advisory_xact_lock_shared(7102);

-- name: own_settings
-- Held by who publishes a version or closes books: no batch is half way through.
select pg_advisory_xact_lock(7102);
