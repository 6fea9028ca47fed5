-- Per household what is valid and what has lapsed at the end of $day; "lots" is
-- completejourney_lots.sql. Nothing is ever spent here, so a lot is there wholly or not at all.
select
    household,
    cast(coalesce(sum(base + bonus) filter (valid_through >= $day), 0) as bigint) as available,
    cast(coalesce(sum(base + bonus) filter (valid_through < $day), 0) as bigint) as lapsed
from lots
group by household
order by household
