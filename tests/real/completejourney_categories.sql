-- The tree of categories as the catalogue takes it: departments, and in each its categories,
-- because the same category lies in several departments. $products is the file of products.
select distinct department as category, cast(null as varchar) as parent
from read_parquet($products)
union all
select distinct department || '/' || product_category, department
from read_parquet($products)
where product_category is not null
order by category
