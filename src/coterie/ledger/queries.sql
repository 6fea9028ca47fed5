-- name: view_balances
-- (From here on: what views.py asks.) What a member has; units that lapse next stand beside, so that nobody is surprised.
select b.currency, b.available - b.owed, b.pending, b.held, b.owed, b.inactive_us,
    next.expires_on - date '0001-01-01' + 1, coalesce(next.units, 0)
from ledger.balance b
left join lateral (
    select l.expires_on, sum(l.remaining)::bigint as units
    from ledger.lot l
    where l.member_id = b.member_id and l.currency = b.currency
        and l.state = 'open' and l.remaining > 0 and l.expires_us is not null
    group by l.expires_us, l.expires_on
    order by l.expires_us
    limit 1
) next on true
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
