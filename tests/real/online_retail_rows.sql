-- Every row of the file under the policy of docs/guides/real-data.md: what it is, what it is worth
-- in pence, or why it is refused; the first reason in the order below counts. $file is the file.
with given as (
    select
        file_row_number + 1 as place,
        coalesce(trim(Invoice), '') as invoice,
        upper(trim(StockCode)) as article,
        trim(StockCode) as code,
        cast("Customer ID" as varchar) as customer,
        InvoiceDate as moment,
        Quantity as quantity,
        -- Prices have up to three digits after the point; the double is the nearest to them.
        cast(Price as decimal(18, 6)) as price
    from read_parquet($file, file_row_number = true)
)
select
    place, invoice, article, customer, moment,
    starts_with(invoice, 'C') as comes_back,
    abs(quantity) as pieces,
    -- A line is rounded to the penny, half a penny up.
    cast(round(cast(abs(quantity) as decimal(9, 0)) * price, 2) * 100 as bigint) as pence,
    case
        when customer is null then 'member_missing'
        when code in (
            'POST', 'DOT', 'C2', 'M', 'm', 'D', 'S', 'B', 'ADJUST', 'ADJUST2', 'AMAZONFEE',
            'BANK CHARGES', 'CRUK', 'PADS', 'GIFT'
        ) or starts_with(code, 'TEST') then 'not_an_article'
        when price <= 0 then 'price_not_positive'
        when starts_with(invoice, 'C') and quantity >= 0 then 'quantity_not_negative'
        when not starts_with(invoice, 'C') and quantity <= 0 then 'quantity_not_positive'
    end as refused
from given
order by place
