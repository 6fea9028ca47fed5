-- name: read_secret
-- What seals forms and cookies; the database made it when it was set up.
select value from settings.secret where purpose = 'pages';

-- name: read_brand
-- One row, or none before anything was set.
select name_zh, name_en, colour, card_colour, language from settings.brand;

-- name: lock_brand
-- Two changes at once are made one after the other.
select name_zh, name_en, colour, card_colour, language from settings.brand for update;

-- name: save_brand
-- There is one brand.
insert into settings.brand (name_zh, name_en, colour, card_colour, language, updated_us)
values (%(name_zh)s::text, %(name_en)s::text, %(colour)s::text, %(card_colour)s::text,
    %(language)s::text, %(now_us)s::bigint)
on conflict (one) do update set
    name_zh = excluded.name_zh, name_en = excluded.name_en, colour = excluded.colour,
    card_colour = excluded.card_colour, language = excluded.language,
    updated_us = excluded.updated_us;

-- name: list_images
-- Without their bytes: every page asks which there are.
select slot, media_type, encode(sha256, 'hex'), octet_length(content), width, height
from settings.image order by slot;

-- name: read_image
-- By its digest too: an address that was handed out shows that image, or none.
select media_type, content from settings.image
where slot = %(slot)s::text and sha256 = decode(%(sha256)s::text, 'hex');

-- name: save_image
-- A new image takes the place of the one before.
insert into settings.image (slot, media_type, sha256, content, width, height, updated_us)
values (%(slot)s::text, %(media_type)s::text, sha256(%(content)s::bytea), %(content)s::bytea,
    %(width)s::int, %(height)s::int, %(now_us)s::bigint)
on conflict (slot) do update set
    media_type = excluded.media_type, sha256 = excluded.sha256, content = excluded.content,
    width = excluded.width, height = excluded.height, updated_us = excluded.updated_us;

-- name: delete_image
-- Back to what pages show without one.
delete from settings.image where slot = %(slot)s::text;

-- name: count_images
-- A bound on how many card faces there are.
select count(*) from settings.image where slot <> %(slot)s::text;

-- name: read_hosts
-- The names this site answers under, beside this machine's own.
select name from settings.host order by name;

-- name: clear_hosts
-- The list is saved as a whole.
delete from settings.host;

-- name: save_hosts
-- See clear_hosts.
insert into settings.host (name) select unnest(%(names)s::text[]);
