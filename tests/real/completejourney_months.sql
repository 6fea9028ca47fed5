-- Money and points per household and month of the year; "lots" is completejourney_lots.sql.
select
    household, month,
    cast(count(*) as bigint) as baskets,
    cast(sum(lines) as bigint) as lines,
    cast(sum(cents) as bigint) as cents,
    cast(sum(base) as bigint) as base,
    cast(sum(bonus) as bigint) as bonus
from lots
group by household, month
order by household, month
