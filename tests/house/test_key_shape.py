"""The shape that lets members be dealt over many machines one day: member_id leads every key.

A unique key that member_id does not lead would have to be looked up on every machine. It is not
needed today, and cannot be added to a full database: so it is kept from the first table on.
"""

import psycopg

# schema.index or schema.table -> why its keys may start with something else.
EXCEPTIONS: dict[str, str] = {
    "members.identity": "finds the member, so it cannot know the member yet: dealt by its own hash",
    "storage.registry": "one key is unique over the whole installation: dealt by its own hash",
}
EXEMPT_SCHEMAS = {
    "information_schema": "PostgreSQL's own",
    "pg_catalog": "PostgreSQL's own",
}

UNIQUE_KEYS = """
select n.nspname as schema, t.relname as table, i.relname as index,
       array(select a.attname::text
             from unnest(x.indkey::int2[]) with ordinality as k(attnum, place)
             join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
             where k.place <= x.indnkeyatts
             order by k.place) as columns
from pg_index x
join pg_class t on t.oid = x.indrelid
join pg_class i on i.oid = x.indexrelid
join pg_namespace n on n.oid = t.relnamespace
where x.indisunique
  and t.relkind in ('r', 'p')
  and exists (select 1 from pg_attribute a
              where a.attrelid = t.oid and a.attname = 'member_id' and not a.attisdropped)
order by 1, 2, 3
"""


def unique_keys(database_url: str) -> list[tuple[str, str, str, list[str]]]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(UNIQUE_KEYS).fetchall()
    return [row for row in rows if row[0] not in EXEMPT_SCHEMAS]


def test_member_id_leads_every_unique_key_of_a_member_owned_table(database_url: str):
    wrong = [
        f"{schema}.{table}: {index} ({', '.join(columns)})"
        for schema, table, index, columns in unique_keys(database_url)
        if columns[:1] != ["member_id"]
        and f"{schema}.{table}" not in EXCEPTIONS
        and f"{schema}.{index}" not in EXCEPTIONS
    ]
    assert not wrong, "\n".join(wrong)


def test_no_exception_outlives_its_table(database_url: str):
    names = {f"{k[0]}.{name}" for k in unique_keys(database_url) for name in (k[1], k[2])}
    assert set(EXCEPTIONS) <= names, f"gone: {set(EXCEPTIONS) - names}"
