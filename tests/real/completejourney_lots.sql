-- What the programme of the supermarket promises, worked out from the files alone: one row a
-- basket with its money in cents, its points and the last day they are valid. It shares nothing
-- with the product: no code, no table. $transactions and $products are the files.
with excluded_departments(department) as (
    values ('FUEL'), ('SPIRITS'), ('COUPON'), ('POSTAL CENTER'), ('CHARITABLE CONT')
),
excluded_categories(department, product_category) as (
    values
        ('GROCERY', 'LIQUOR'),
        ('GROCERY', 'BOTTLE DEPOSITS'),
        ('DRUG GM', 'CIGARETTES'),
        ('DRUG GM', 'CIGARS'),
        ('DRUG GM', 'TOBACCO OTHER'),
        ('DRUG GM', 'PHARMACY'),
        ('DRUG GM', 'TICKETS'),
        ('DRUG GM', 'PREPAID WIRELESS&ACCESSORIES'),
        ('DRUG GM', 'LONG DISTANCE CALLING CARDS')
),
excluded as (
    select product_id from read_parquet($products) semi join excluded_departments using (department)
    union
    select product_id from read_parquet($products)
    semi join excluded_categories using (department, product_category)
),
lines as (
    select
        household_id, basket_id, cast(transaction_timestamp as timestamp) as moment,
        -- The file holds dollars as binary fractions; none is further than dust from a cent.
        cast(round(sales_value * 100) as bigint) as cents,
        product_id not in (select product_id from excluded) as earns
    from read_parquet($transactions)
),
baskets as (
    select
        household_id, basket_id, min(moment) as moment, count(*) as lines, sum(cents) as cents,
        -- A point for each whole dollar of the basket, over all lines that earn.
        coalesce(sum(cents) filter (earns), 0) // 100 as base
    from lines
    group by household_id, basket_id
)
select
    cast(household_id as varchar) as household,
    cast(basket_id as varchar) as basket,
    strftime(moment, '%Y-%m') as month,
    lines,
    cast(cents as bigint) as cents,
    cast(base as bigint) as base,
    -- Half as much again on Wednesdays (ISO weekday 3), a half point up.
    cast(case when isodow(moment) = 3 then (base + 1) // 2 else 0 end as bigint) as bonus,
    last_day(cast(moment + interval 6 months as date)) as valid_through
from baskets
