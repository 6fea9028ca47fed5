-- name: load_balances
-- The accounts of a batch's members, under the members' locks.
select member_id, currency, available, pending, held, owed, inactive_us
from ledger.balance where member_id = any(%(member_ids)s::bigint[]);

-- name: load_live_lots
-- All lots a decision may burn, release or expire. An index of live lots alone would cost every
-- event more than passing over the empty ones after the first live one costs here.
select l.member_id, l.lot_no, l.currency, l.earned_seq, l.units, l.remaining, l.earned_us, l.state,
    l.held, l.lapsed, l.expires_us, l.expires_on - date '0001-01-01' + 1, l.releases_us,
    l.priority, l.contributor_id
from unnest(%(member_ids)s::bigint[], %(lots_froms)s::bigint[]) as wanted (member_id, lots_from)
join ledger.lot l on l.member_id = wanted.member_id and l.lot_no >= wanted.lots_from
where l.remaining > 0 or l.held > 0;

-- name: load_lots_numbered
-- The lots that a spending used, to be refilled, and those that an event opened, to be undone.
select member_id, lot_no, currency, earned_seq, units, remaining, earned_us, state, held, lapsed,
    expires_us, expires_on - date '0001-01-01' + 1, releases_us, priority, contributor_id
from ledger.lot
where (member_id, lot_no) in (
    select * from unnest(%(member_ids)s::bigint[], %(lot_nos)s::bigint[]));

-- name: load_lapsed_lots
-- What may be reinstated.
select member_id, lot_no, currency, earned_seq, units, remaining, earned_us, state, held, lapsed,
    expires_us, expires_on - date '0001-01-01' + 1, releases_us, priority, contributor_id
from ledger.lot
where member_id = %(member_id)s::bigint and currency = %(currency)s::text and lapsed > 0;

-- name: load_holds
-- Open holds, and those that a batch names, whatever became of them.
select member_id, hold_ref, currency, units, placed_seq, expires_us, parts::text, state, captured
from ledger.hold
where member_id = any(%(member_ids)s::bigint[]) and state = 'open'
union
select h.member_id, h.hold_ref, h.currency, h.units, h.placed_seq, h.expires_us, h.parts::text,
    h.state, h.captured
from unnest(%(named_ids)s::bigint[], %(hold_refs)s::text[]) as named (member_id, hold_ref)
join ledger.hold h on h.member_id = named.member_id and h.hold_ref = named.hold_ref;

-- name: load_movements
-- The movements of some events, to answer again or to undo.
select member_id, seq, n, currency, debit, credit, units, reason, rule, unit_cost_micro, funder,
    campaign
from ledger.movement
where (member_id, seq) in (
    select * from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[]))
order by member_id, seq, n;

-- name: load_lot_uses
-- Which lots some events used.
select member_id, seq, n, lot_no, units
from ledger.lot_use
where (member_id, seq) in (
    select * from unnest(%(member_ids)s::bigint[], %(seqs)s::bigint[]))
order by member_id, seq, n, lot_no;

-- name: insert_balances
-- A movement needs its balance row; zero is where it starts.
insert into ledger.balance (member_id, currency)
select * from unnest(%(member_ids)s::bigint[], %(currencies)s::text[])
on conflict do nothing;

-- name: insert_movements
-- Balances and daily sums change with it, by trigger, in the same statement.
copy ledger.movement (
    member_id, seq, n, currency, debit, credit, units, reason, rule, version, store, campaign,
    funder, unit_cost_micro, booked_on, recorded_us) from stdin;

-- name: insert_lots
-- Lots that opened.
copy ledger.lot (
    member_id, lot_no, currency, earned_seq, units, remaining, held, lapsed, state, earned_us,
    expires_us, expires_on, releases_us, priority, contributor_id) from stdin;

-- name: update_lots
-- Lots that were used, released, refilled or prolonged.
update ledger.lot l
set remaining = row.remaining, held = row.held, lapsed = row.lapsed, state = row.state,
    expires_us = row.expires_us, expires_on = date '0001-01-01' + (row.expires_day - 1)
from unnest(
    %(member_ids)s::bigint[], %(lot_nos)s::bigint[], %(remaining)s::bigint[], %(held)s::bigint[],
    %(lapsed)s::bigint[], %(states)s::text[], %(expires)s::bigint[], %(expires_days)s::int[]
) as row (member_id, lot_no, remaining, held, lapsed, state, expires_us, expires_day)
where l.member_id = row.member_id and l.lot_no = row.lot_no;

-- name: insert_lot_uses
-- Which movement took or filled how much of which lot.
insert into ledger.lot_use (member_id, seq, n, lot_no, units)
select * from unnest(
    %(member_ids)s::bigint[], %(seqs)s::bigint[], %(ns)s::int[], %(lot_nos)s::bigint[],
    %(units)s::bigint[]);

-- name: upsert_holds
-- A hold is placed once and ends once; what was placed does not change.
insert into ledger.hold (
    member_id, hold_ref, currency, units, captured, state, placed_seq, expires_us, parts)
select * from unnest(
    %(member_ids)s::bigint[], %(hold_refs)s::text[], %(currencies)s::text[], %(units)s::bigint[],
    %(captured)s::bigint[], %(states)s::text[], %(placed_seqs)s::bigint[], %(expires)s::bigint[],
    %(parts)s::json[])
on conflict (member_id, hold_ref) do update
set captured = excluded.captured, state = excluded.state
where ledger.hold.state = 'open';

-- name: update_inactivity
-- When units lapse for inactivity moves with every activity.
update ledger.balance b set inactive_us = row.inactive_us
from unnest(
    %(member_ids)s::bigint[], %(currencies)s::text[], %(inactive)s::bigint[]
) as row (member_id, currency, inactive_us)
where b.member_id = row.member_id and b.currency = row.currency
    and b.inactive_us is distinct from row.inactive_us;

-- name: closed_through
-- The last accounting day that is closed, as an ordinal.
select closed_through - date '0001-01-01' + 1 from ledger.closed_books;

-- name: close_books
-- Accounting days close in order and stay closed.
insert into ledger.closed_books (closed_through)
values (date '0001-01-01' + (%(day)s::int - 1))
on conflict (one) do update set closed_through = excluded.closed_through
where ledger.closed_books.closed_through <= excluded.closed_through;

-- name: view_balances
-- (From here on: what views.py asks.) What a member has; the units that lapse next stand beside.
-- The member's lots are read once, whatever the currencies: there is no index of live ones.
with ending as (
    select distinct on (l.currency) l.currency, l.expires_on, sum(l.remaining)::bigint as units
    from ledger.lot l
    where l.member_id = %(member_id)s::bigint
        and l.state = 'open' and l.remaining > 0 and l.expires_us is not null
    group by l.currency, l.expires_us, l.expires_on
    order by l.currency, l.expires_us
)
select b.currency, b.available - b.owed, b.pending, b.held, b.owed, b.inactive_us,
    next.expires_on - date '0001-01-01' + 1, coalesce(next.units, 0)
from ledger.balance b
left join ending next using (currency)
where b.member_id = %(member_id)s::bigint
order by b.currency;

-- name: view_lots
-- In the order they will burn, so that the page reads as what happens next.
select lot_no, currency, state, units, remaining, held, lapsed, earned_seq, earned_us,
    expires_us, expires_on - date '0001-01-01' + 1, releases_us, priority, contributor_id
from ledger.lot
where member_id = %(member_id)s::bigint
    and (%(currency)s::text is null or currency = %(currency)s::text)
    and (%(finished)s::bool or remaining > 0 or held > 0)
    and (%(after_currency)s::text is null or
        (currency, priority, coalesce(expires_us, 9223372036854775807), earned_us, lot_no)
        > (%(after_currency)s::text, %(after_priority)s::bigint, %(after_expires_us)s::bigint,
           %(after_earned_us)s::bigint, %(after_lot_no)s::bigint))
order by currency, priority, coalesce(expires_us, 9223372036854775807), earned_us, lot_no
limit %(limit)s::int;

-- name: view_holds
-- Newest first; a hold is named by its member and its reference, the event that placed it is unique.
select hold_ref, currency, units, captured, state, placed_seq, expires_us
from ledger.hold
where member_id = %(member_id)s::bigint
    and (%(finished)s::bool or state = 'open')
    and (%(before_seq)s::bigint is null or placed_seq < %(before_seq)s::bigint)
order by placed_seq desc
limit %(limit)s::int;

-- name: view_statement
-- Newest first. What could be spent after each movement counts back from the balance now, or from
-- where the page before ended, so that no page reads the movements of another.
with page as (
    select seq, n, currency, debit, credit, units, reason, rule, campaign, store, booked_on,
        recorded_us,
        case when credit in ('available', 'owed') then units else 0 end
            - case when debit in ('available', 'owed') then units else 0 end as change
    from ledger.movement
    where member_id = %(member_id)s::bigint
        and (%(currency)s::text is null or currency = %(currency)s::text)
        and (%(before_seq)s::bigint is null
            or (seq, n) < (%(before_seq)s::bigint, %(before_n)s::bigint))
    order by seq desc, n desc
    limit %(limit)s::int
), start as (
    select currency, available - owed as units
    from ledger.balance
    where member_id = %(member_id)s::bigint and %(before_seq)s::bigint is null
    union all
    select currency, units
    from unnest(%(start_currencies)s::text[], %(start_units)s::bigint[]) as r (currency, units)
    where %(before_seq)s::bigint is not null
)
select p.seq, p.n, p.currency, p.debit, p.credit, p.units, p.reason, p.rule, p.campaign, p.store,
    p.booked_on - date '0001-01-01' + 1, p.recorded_us, p.change,
    (coalesce(s.units, 0) + p.change - sum(p.change) over (
        partition by p.currency order by p.seq desc, p.n desc))::bigint as running,
    (select json_object_agg(currency, units) from start) as start
from page p
left join start s using (currency)
order by p.seq desc, p.n desc;
