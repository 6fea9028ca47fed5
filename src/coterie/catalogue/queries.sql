-- Master data: saved in batches by whoever keeps it, read by every sale.

-- name: take_stamp
-- First in every change: one writer at a time, so that a tree is judged by what is committed, and
-- every cache sees afterwards that something moved.
update catalogue.stamp set changes = changes + 1;

-- name: read_stamp
-- A page in memory: cheap enough for every batch.
select changes from catalogue.stamp;

-- name: all_categories
-- The whole tree, to judge it; the bound is the tree's own.
select category, parent, name_zh, name_en from catalogue.category limit 200000;

-- name: save_categories
-- In whatever order: the foreign key to the parent is checked after the statement.
insert into catalogue.category as c (category, parent, name_zh, name_en)
select category, parent, name_zh, name_en
from unnest(%(keys)s::text[], %(parents)s::text[], %(names_zh)s::text[], %(names_en)s::text[])
    as new (category, parent, name_zh, name_en)
on conflict (category) do update
set parent = excluded.parent, name_zh = excluded.name_zh, name_en = excluded.name_en;

-- name: save_brands
-- A row says everything about its brand: what it leaves out is gone.
insert into catalogue.brand (brand, name_zh, name_en)
select brand, name_zh, name_en
from unnest(%(keys)s::text[], %(names_zh)s::text[], %(names_en)s::text[])
    as new (brand, name_zh, name_en)
on conflict (brand) do update set name_zh = excluded.name_zh, name_en = excluded.name_en;

-- name: save_products
-- Tags travel as one text each, because PostgreSQL has no arrays of arrays of different lengths.
insert into catalogue.product (product, name, category, brand, tags)
select product, name, category, brand, tags::text[]
from unnest(
    %(keys)s::text[], %(names)s::text[], %(categories)s::text[], %(brands)s::text[],
    %(tags)s::text[]
) as new (product, name, category, brand, tags)
on conflict (product) do update
set name = excluded.name, category = excluded.category, brand = excluded.brand,
    tags = excluded.tags;

-- name: all_places
-- The whole tree, to judge it.
select place, kind, parent, name, day_cut_minutes from catalogue.place limit 200000;

-- name: save_places
-- As categories.
insert into catalogue.place (place, kind, parent, name, day_cut_minutes)
select place, kind, parent, name, day_cut_minutes
from unnest(
    %(keys)s::text[], %(kinds)s::text[], %(parents)s::text[], %(names)s::text[],
    %(day_cuts)s::int[]
) as new (place, kind, parent, name, day_cut_minutes)
on conflict (place) do update
set kind = excluded.kind, parent = excluded.parent, name = excluded.name,
    day_cut_minutes = excluded.day_cut_minutes;

-- name: save_staff
-- Who left is set inactive, never deleted: old sales name them.
insert into catalogue.staff (staff, name, store, active)
select staff, name, store, active
from unnest(%(keys)s::text[], %(names)s::text[], %(stores)s::text[], %(actives)s::bool[])
    as new (staff, name, store, active)
on conflict (staff) do update
set name = excluded.name, store = excluded.store, active = excluded.active;

-- name: known_categories
-- Which of these exist.
select category from catalogue.category where category = any(%(keys)s::text[]);

-- name: known_brands
-- Which of these exist.
select brand from catalogue.brand where brand = any(%(keys)s::text[]);

-- name: known_stores
-- Which of these are stores.
select place from catalogue.place where kind = 'store' and place = any(%(keys)s::text[]);

-- name: some_categories
-- To name the nearest one to a person who mistyped; a bound because it is only a help.
select category from catalogue.category order by category limit 5000;

-- name: some_brands
-- As above.
select brand from catalogue.brand order by brand limit 5000;

-- name: some_stores
-- As above.
select place from catalogue.place where kind = 'store' order by place limit 5000;

-- name: resolve_products
-- Each product with its category and all wider ones, nearest first. Twelve levels bound the walk.
with recursive wanted as materialized (
    select product, category, brand, tags
    from catalogue.product
    where product = any(%(products)s::text[])
), chain (leaf, category, parent, level) as (
    select c.category, c.category, c.parent, 1
    from (select distinct category from wanted) w
    join catalogue.category c on c.category = w.category
    union all
    select chain.leaf, c.category, c.parent, chain.level + 1
    from chain
    join catalogue.category c on c.category = chain.parent
    where chain.level < 12
), path as (
    select leaf, array_agg(category order by level) as categories from chain group by leaf
)
select w.product, coalesce(p.categories, '{}'), w.brand, w.tags
from wanted w
left join path p on p.leaf = w.category;

-- name: day_cuts
-- Only stores whose day does not begin at midnight.
select place, day_cut_minutes
from catalogue.place
where kind = 'store' and day_cut_minutes > 0;

-- name: read_product
-- One product, as saved.
select product, name, category, brand, tags
from catalogue.product
where product = %(product)s::text;

-- name: list_products
-- By keyset; optionally of one category (not of what is in it).
select product, name, category, brand, tags
from catalogue.product
where product > %(after)s::text
    and (%(category)s::text is null or category = %(category)s::text)
order by product
limit %(limit)s::int;

-- name: list_categories
-- By keyset.
select category, parent, name_zh, name_en
from catalogue.category
where category > %(after)s::text
order by category
limit %(limit)s::int;

-- name: list_brands
-- By keyset.
select brand, name_zh, name_en
from catalogue.brand
where brand > %(after)s::text
order by brand
limit %(limit)s::int;

-- name: list_places
-- By keyset.
select place, kind, parent, name, day_cut_minutes
from catalogue.place
where place > %(after)s::text
order by place
limit %(limit)s::int;

-- name: list_staff
-- By keyset.
select staff, name, store, active
from catalogue.staff
where staff > %(after)s::text
order by staff
limit %(limit)s::int;
