-- A history of two orders a member under the first five rules of the benchmark's programme, made by
-- the database itself: set-based, so that ten million movements take a minute or two. That it is
-- the same that the engine would have made is checked on a sample (bench/seeding.py).

-- name: draw_orders
-- All that differs between orders, drawn from hashes of their place: the same in every run.
create unlogged table bench_order as
with place as (
    select m.i, 100000 + m.i as member_id, s.seq,
        hashint8extended(m.i, 11 * s.seq) as h1, hashint8extended(m.i, 13 * s.seq) as h2
    from generate_series(1, %(members)s::bigint) as m (i), generate_series(1, 2) as s (seq)
), drawn as (
    select i, member_id, seq,
        case when seq = 2 then date '2026-04-01' + (h1 & 65535)::int %% 61
            -- A fifth of the members has points that lapse with June 2026, nobody earlier.
            when i %% 5 = 0 then date '2025-06-01' + (h1 & 65535)::int %% 30
            else date '2025-07-01' + (h1 & 65535)::int %% 274 end as day,
        32400 + ((h1 >> 16) & 1048575)::int %% 43200 as second,
        1000 + ((h1 >> 40) & 65535)::int %% 15000 as a0,
        1000 + (h2 & 65535)::int %% 15000 as a1,
        1000 + ((h2 >> 16) & 65535)::int %% 15000 as a2,
        1 + ((h2 >> 32) & 1023)::int %% 50 as store,
        1 + ((h2 >> 42) & 65535)::int %% %(products)s::int as product
    from place
), earned as (
    select *, a0 + a1 + a2 as total,
        (a0 + a1 + a2) / 100 as base, (a0 + a1 + a2 + 100) / 200 as miles,
        (a0 + 100) / 200 + (a1 + 100) / 200 + (a2 + 100) / 200 as tier, (a0 + a1 + a2) / 1000 as blocks,
        (extract(epoch from day)::bigint - 28800 + second) * 1000000 as at_us,
        to_char(day + make_interval(secs => second), 'YYYY-MM-DD"T"HH24:MI:SS') as local,
        extract(year from day)::int as year,
        extract(year from day)::int * 12 + extract(month from day)::int - 1 as month,
        day - date '0001-01-01' + 1 as ordinal
    from drawn
)
select *, base + tier + 5 as points, miles + blocks as all_miles,
    sum(base + tier + 5) over member as points_after, sum(miles + blocks) over member as miles_after,
    (date_trunc('month', day) + interval '13 months')::date as points_end,
    (day + interval '36 months')::date + 1 as miles_end
from earned
window member as (partition by member_id order by seq)
order by member_id, seq;

-- name: seed_catalogue
-- What the lines of orders name.
with categories as (
    insert into catalogue.category (category) select 'c' || n from generate_series(1, 20) n
), brands as (
    insert into catalogue.brand (brand) select 'b' || n from generate_series(1, 10) n
), places as (
    insert into catalogue.place (place, kind) select 's' || n, 'store' from generate_series(1, 50) n
)
update catalogue.stamp set changes = changes + 1;

-- name: seed_parents
-- What a template calls what its rules are about.
insert into catalogue.category (category) select unnest(%(names)s::text[]);

-- name: seed_kinship
-- Each category of the benchmark belongs to one of the template's.
with belongs as (
    update catalogue.category c set parent = n.parent
    from unnest(%(categories)s::text[], %(parents)s::text[]) n (category, parent)
    where c.category = n.category
)
update catalogue.stamp set changes = changes + 1;

-- name: seed_products
-- After the categories and brands they name.
insert into catalogue.product (product, category, brand)
select 'p' || n, 'c' || 1 + n %% 20, 'b' || 1 + n %% 10
from generate_series(1, %(products)s::int) n;

-- name: seed_members
-- As they stand after their second order.
insert into members.member (member_id, seq, lot_no, clock_us, next_due_us, enrolled_us,
    enrolled_attributes, attributes)
select member_id, 2, 4, max(at_us) + 1000000,
    (extract(epoch from min(least(points_end, miles_end)))::bigint - 28800) * 1000000,
    1735660800000000, attributes, attributes
from (
    select *, jsonb_build_object(
        'level', ('{basic,silver,gold,platinum}'::text[])[1 + i %% 4],
        'segment', ('{new,family,student,senior}'::text[])[1 + i / 4 %% 4]) as attributes
    from bench_order) o
group by member_id, attributes
order by member_id;

-- name: seed_identities
-- One card each.
insert into members.identity (kind, value, member_id, valid_from_us)
select 'card', '88' || lpad(i::text, 8, '0'), 100000 + i, 1735660800000000
from generate_series(1, %(members)s::bigint) i;

-- name: seed_sequence
-- New members come after those that are there.
select setval('members.member_id_seq', 100000 + %(members)s::bigint);

-- name: seed_events
-- With payload and outcome as intake writes them.
insert into events.event (member_id, seq, kind, source, key, occurred_us, offset_minutes,
    received_us, as_of_us, day, booked_day, version, mode, status, channel, store, order_ref,
    payload, outcome)
select member_id, seq, 'order', 'pos', format('seed-%%s-%%s', member_id, seq), at_us, 480,
    at_us + 1000000, at_us + 1000000, day, day, 1, 'live', 'accepted', 'pos', 's' || store,
    format('R%%s-%%s', member_id, seq),
    format('{"kind":"order","source":"pos","key":"seed-%%s-%%s","occurred_at":"%%s+08:00",'
        '"member":{"card":"88%%s"},"channel":"pos","store":"s%%s","order_ref":"R%%s-%%s","lines":['
        '{"amount_minor":%%s,"line":"1","product":"p%%s","categories":["c%%s"],"brand":"b%%s"},'
        '{"amount_minor":%%s,"line":"2","product":"p%%s","categories":["c%%s"],"brand":"b%%s"},'
        '{"amount_minor":%%s,"line":"3","product":"p%%s","categories":["c%%s"],"brand":"b%%s"}]}',
        member_id, seq, local, lpad(i::text, 8, '0'), store, member_id, seq,
        a0, p1, 1 + p1 %% 20, 1 + p1 %% 10, a1, p2, 1 + p2 %% 20, 1 + p2 %% 10,
        a2, p3, 1 + p3 %% 20, 1 + p3 %% 10)::json,
    format('{"n":5,"balances":[["points",%%1$s,0,0,0],["miles",%%2$s,0,0,0]],"grants":['
        '["base","points",%%3$s,%%4$s,[["day",%%5$s,%%3$s],["month",%%6$s,%%3$s],["year",%%7$s,%%3$s]]],'
        '["miles","miles",%%8$s,%%4$s,[]],'
        '["tier-points","points",%%9$s,%%4$s,[["month",%%6$s,%%9$s],["year",%%7$s,%%9$s]]],'
        '["order-bonus","points",5,%%4$s,[["day",%%5$s,5]]],'
        '["spend-miles","miles",%%10$s,%%4$s,[]]],"counted":["orders_month","spend_year"],"opened":[%%11$s,2]}',
        points_after, miles_after, base, format('[[0,%%s],[1,%%s],[2,%%s]]', a0, a1, a2),
        ordinal, month, year, miles, tier, blocks, 2 * seq - 1)::json
from (
    select *, product as p1, 1 + (product + 6) %% %(products)s::int as p2,
        1 + (product + 13) %% %(products)s::int as p3
    from bench_order) o
order by member_id, seq;

-- name: seed_registry
-- The digest is not the one intake takes: nobody sends these again.
insert into storage.registry (source, key, digest, member_id, seq)
select 'pos', format('seed-%%s-%%s', member_id, seq),
    decode(md5(member_id || ' ' || seq), 'hex'), member_id, seq
from bench_order order by member_id, seq;

-- name: seed_movements
-- Five an order, in the order of the rules; the trigger is off, its work follows below.
insert into ledger.movement (member_id, seq, n, currency, debit, credit, units, reason, rule,
    version, store, booked_on, recorded_us)
select o.member_id, o.seq, m.n, m.currency, 'issued', 'available', m.units, 'earn', m.rule, 1,
    's' || o.store, o.day, o.at_us + 1000000
from bench_order o, lateral (values
    (1, 'points', 'base', o.base), (2, 'miles', 'miles', o.miles),
    (3, 'points', 'tier-points', o.tier), (4, 'points', 'order-bonus', 5),
    (5, 'miles', 'spend-miles', o.blocks)) as m (n, currency, rule, units)
order by o.member_id, o.seq, m.n;

-- name: seed_lots
-- One a currency and order.
insert into ledger.lot (member_id, lot_no, currency, earned_seq, units, remaining, state,
    earned_us, expires_us, expires_on)
select o.member_id, 2 * (o.seq - 1) + l.n, l.currency, o.seq, l.units, l.units, 'open', o.at_us,
    (extract(epoch from l.ends)::bigint - 28800) * 1000000, l.ends - 1
from bench_order o, lateral (values
    (1, 'points', o.points, o.points_end), (2, 'miles', o.all_miles, o.miles_end)
) as l (n, currency, units, ends)
order by o.member_id, o.seq, l.n;

-- name: seed_balances
-- What the trigger would have summed up.
insert into ledger.balance (member_id, currency, available)
select o.member_id, b.currency, b.units
from bench_order o, lateral (values ('points', o.points_after), ('miles', o.miles_after))
    as b (currency, units)
where o.seq = 2
order by o.member_id;

-- name: seed_rollups
-- As above.
insert into ledger.rollup (booked_on, currency, reason, store, rule, debit, credit, shard, units,
    movements)
select o.day, m.currency, 'earn', 's' || o.store, m.rule, 'issued', 'available', 0, sum(m.units),
    count(*)
from bench_order o, lateral (values
    ('points', 'base', o.base), ('miles', 'miles', o.miles),
    ('points', 'tier-points', o.tier), ('points', 'order-bonus', 5),
    ('miles', 'spend-miles', o.blocks)) as m (currency, rule, units)
group by o.day, m.currency, o.store, m.rule;

-- name: seed_counters
-- Buckets that a window can no longer reach were dropped when the second order came.
insert into metrics.counters (member_id, buckets)
select b.member_id, json_build_object(
    'cap:day', case when a.ordinal > b.ordinal - %(keep_days)s::int
        then json_build_object(a.ordinal, a.base + 5, b.ordinal, b.base + 5)
        else json_build_object(b.ordinal, b.base + 5) end,
    'cap:month', case when a.month > b.month - %(keep_months)s::int
        then json_build_object(a.month, a.base + a.tier, b.month, b.base + b.tier)
        else json_build_object(b.month, b.base + b.tier) end,
    'cap:year', case when a.year = b.year
        then json_build_object(a.year, a.base + a.tier + b.base + b.tier)
        else json_build_object(a.year, a.base + a.tier, b.year, b.base + b.tier) end,
    'orders_month', case when a.month > b.month - %(keep_months)s::int
        then json_build_object(a.month, 1, b.month, 1)
        else json_build_object(b.month, 1) end,
    'spend_year', json_build_object(a.month, a.total, b.month, b.total))
from bench_order a
join bench_order b on b.member_id = a.member_id and b.seq = 2
where a.seq = 1
order by b.member_id;

-- name: sample_events
-- What the engine is asked to decide again, to compare.
select member_id, seq, payload::text, outcome::text
from events.event
where member_id = any(%(member_ids)s::bigint[])
order by member_id, seq;

-- name: sample_lots
-- As above.
select member_id, lot_no, currency, earned_seq, units, remaining, earned_us, expires_us,
    expires_on - date '0001-01-01' + 1
from ledger.lot
where member_id = any(%(member_ids)s::bigint[])
order by member_id, lot_no;

-- name: sample_members
-- As above.
select m.member_id, m.seq, m.lot_no, m.clock_us, m.next_due_us, c.buckets::text
from members.member m
join metrics.counters c using (member_id)
where m.member_id = any(%(member_ids)s::bigint[]);

-- name: count_acknowledged
-- Every event that was acknowledged is there: counted by its key, registry and event together.
select count(*)
from storage.registry r
join events.event e on e.member_id = r.member_id and e.seq = r.seq
where r.source = 'pos' and r.key >= %(first)s::text and r.key < %(last)s::text
    and e.status = 'accepted';

-- name: bare_account
-- The bare ledger beside which batches are measured: what LIMITS.md's probe was.
create table bare_account (
    id bigint primary key, balance bigint not null default 0
) with (fillfactor = 80);

-- name: bare_entry
-- As above.
create table bare_entry (
    entry_id bigint generated always as identity primary key,
    account_id bigint not null, amount bigint not null, kind text not null,
    idem text not null unique, created_at timestamptz not null default now()
);

-- name: bare_index
-- As above.
create index on bare_entry (account_id, entry_id);

-- name: bare_fill
-- As above.
insert into bare_account (id) select generate_series(1, 1000000);

-- name: bare_batch
-- One insert of entries and one grouped update of balances, in one statement.
with row as (
    select * from unnest(%(ids)s::bigint[], %(amounts)s::bigint[], %(keys)s::text[])
        as r (id, amount, idem)
), entry as (
    insert into bare_entry (account_id, amount, kind, idem)
    select id, amount, 'earn', idem from row
    on conflict (idem) do nothing
    returning account_id, amount
)
update bare_account a
set balance = a.balance + e.amount
from (select account_id, sum(amount)::bigint as amount from entry group by account_id) e
where a.id = e.account_id;
