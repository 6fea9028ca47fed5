-- What a brand decides about its pages, and the secret that seals their forms and cookies.

create schema settings;

-- Made here, once: every process must seal alike, and nobody has to choose it.
create table settings.secret (
    purpose text primary key check (purpose = 'pages'),
    value bytea not null check (octet_length(value) = 32)
);
insert into settings.secret (purpose, value)
values ('pages', sha256((gen_random_uuid()::text || gen_random_uuid()::text
    || gen_random_uuid()::text)::bytea));

create table settings.brand (
    one boolean primary key default true check (one),
    name_zh text not null check (length(name_zh) <= 60),
    name_en text not null check (length(name_en) <= 60),
    colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
    card_colour text not null check (card_colour ~ '^#[0-9a-f]{6}$'),
    language text check (language in ('zh', 'en')),
    updated_us bigint not null
);

create table settings.image (
    slot text primary key check (slot ~ '^(logo|card(-[a-z0-9_]{1,40})?)$'),
    media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
    sha256 bytea not null check (sha256 = sha256(content)),
    content bytea not null check (octet_length(content) between 1 and 524288),
    width integer not null check (width between 16 and 2048),
    height integer not null check (height between 16 and 2048),
    updated_us bigint not null
);

create table settings.host (
    name text primary key check (name = lower(name) and length(name) between 1 and 253)
);
