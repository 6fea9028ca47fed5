-- What happened to each customer, in the order it is lived through: an order is all the sales of
-- one invoice at the invoice's first time, a cancellation is one row. "rows" is
-- online_retail_rows.sql. Equal rows stay what they are: rows.
with grouped as (
    select
        customer, invoice, min(moment) as moment, min(place) as place, false as comes_back,
        list({place: place, article: article, pieces: pieces, pence: pence} order by place) as lines
    from rows where refused is null and not comes_back
    group by customer, invoice
    union all
    select
        customer, invoice, moment, place, true,
        [{place: place, article: article, pieces: pieces, pence: pence}]
    from rows where refused is null and comes_back
)
select customer, comes_back, lines from grouped order by customer, moment, place
