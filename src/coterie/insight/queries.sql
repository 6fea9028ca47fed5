-- name: members_by_state
-- How many members there are, and how they stand.
select state, count(*) from members.member group by state order by count(*) desc;

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

-- name: events_recorded
-- How many events there are: every member's last number, summed.
select coalesce(sum(seq), 0) from members.member;
