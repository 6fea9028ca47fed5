"""The mapping language is closed, and tells where it is not understood."""

from pathlib import Path

import msgspec
import pytest

from coterie.intake.importing.errors import MappingMalformed
from coterie.intake.importing.mapping import check_columns, load_mapping, parse_mapping
from coterie.intake.importing.model import What
from coterie.intake.importing.plain import plain_mapping
from tests.importing.support import EXAMPLES, records, shape, write

ORDER = """\
rows:
  kind: order
  set:
    occurred_at: at
    member.card: card
    order_ref: invoice
  line:
    amount_minor: {column: price, decimal: 2}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("kind: order", "kind: oder", 2, "Did you mean 'order'"),
        ("occurred_at: at", "ocurred_at: at", 4, "Did you mean 'occurred_at'"),
        ("member.card: card", "member.cart: card", 5, "Did you mean 'member.card'"),
        ("    member.card: card\n", "", 3, "No member"),
        ("    occurred_at: at\n", "", 3, "occurred_at is not set"),
        ("decimal: 2", "decimal: 20", 8, "from 0 to 9"),
        ("decimal: 2", "decimal: ZZZ", 8, "ISO 4217"),
        ("decimal: 2", "decimals: 2", 8, "Did you mean 'decimal'"),
        ("column: price,", "column: price, const: 1,", 8, "exactly one of column, const"),
        ("order_ref: invoice", "order_ref: {product: [a, b]}", 6, "needs `decimal`"),
        ("order_ref: invoice", "order_ref: {column: a, with: b}", 6, "belongs to `join`"),
        ("occurred_at: at", 'occurred_at: {column: at, time: "%Q"}', 4, "A format is iso"),
        ("occurred_at: at", 'occurred_at: {column: at, time: "%Y %Y"}', 4, "everything once"),
        ("occurred_at: at", "occurred_at: {column: at, zone: Mars}", 4, "not an IANA"),
        ("order_ref: invoice", "order_ref: {column: a, round: up}", 6, "no meaning for a text"),
        ("order_ref: invoice", "order_ref: {join: [a, b], decimal: 2}", 6, "no number"),
        ("order_ref: invoice", "order_ref: {column: a, otherwise: b}", 6, "belongs to `map`"),
        ("decimal: 2", "decimal: 2, map: {a: b}", 8, "no meaning for a decimal"),
        ("  line:", "  lines:", 7, "Did you mean 'line'"),
        ("rows:", "row:", 1, "Did you mean 'rows'"),
        ("rows:", "source: coterie\nrows:", 1, "code of one's own"),
        ("  kind: order", "  kind: order\n  kind: order", 3, "twice"),
        ("rows:", "import: members\nrows:", 1, "not for events"),
        ("rows:", "refuse: {when: {column: a, empty: true}}\nrows:", 1, "`code` is missing"),
        (
            "rows:",
            "refuse: {when: {column: a, bellow: 1}, code: x}\nrows:",
            1,
            "Did you mean 'below'",
        ),
        ("rows:", "refuse: {when: {column: a, below: x}, code: x}\nrows:", 1, "one number"),
        ("rows:", "refuse: {when: {all: []}, code: x}\nrows:", 1, "takes conditions"),
        ("rows:", "file: {encodign: gb18030}\nrows:", 1, "Did you mean 'encoding'"),
        ("rows:", "rows: [", 3, "not YAML"),
    ],
)
def test_mistakes_are_told_with_their_line(old: str, new: str, line: int, said: str):
    text = ORDER.replace(old, new, 1)
    assert text != ORDER
    with pytest.raises(MappingMalformed, match=said) as caught:
        parse_mapping(text, What.EVENTS, file="m.yaml")
    assert f"m.yaml, line {line}" in caught.value.where


def test_a_column_that_is_not_there_is_told_with_line_and_neighbour():
    mapping = parse_mapping(ORDER, What.EVENTS)
    with pytest.raises(MappingMalformed, match=r"'price'. Did you mean 'prize'") as caught:
        check_columns(mapping, ["at", "card", "invoice", "prize"], file="m.yaml")
    assert caught.value.where == "m.yaml, line 8, amount_minor"


def test_an_endless_mapping_is_refused():
    with pytest.raises(MappingMalformed):
        parse_mapping("rows: &a [*a]", What.EVENTS)
    deep = "rows: {when: " + "{not: " * 30 + "{}" + "}" * 31
    with pytest.raises(MappingMalformed):
        parse_mapping(deep, What.EVENTS)


def test_cases_guards_and_groups(tmp_path: Path):
    path = write(
        tmp_path / "a.csv",
        "invoice,card,at,price,kind\n"
        "1,C0001,2026-01-01T00:00:00Z,1.00,sale\n"
        "1,C0001,2026-01-01T00:00:01Z,2.00,sale\n"
        "1,C0002,2026-01-01T00:00:02Z,2.00,sale\n"
        "2,C0001,2026-01-01T00:00:03Z,0,sale\n"
        "2,C0001,2026-01-01T00:00:04Z,3,gift\n"
        "2,C0001,2026-01-01T00:00:05Z,3,other\n",
    )
    shaped = shape(
        path,
        """
rows:
  - when: {column: kind, equals: sale}
    kind: order
    refuse: {when: {not: {column: price, above: 0}}, code: free, reason: It costs nothing.}
    group_by: invoice
    set: {occurred_at: at, member.card: card, order_ref: invoice}
    line: {amount_minor: {column: price, decimal: 2}}
  - when: {any: [{column: kind, in: [gift, present]}, {column: invoice, starts_with: X}]}
    kind: adjustment
    set:
      occurred_at: at
      member.card: card
      currency: {const: points}
      units: {column: price, integer: true}
      reason: kind
""",
    )
    assert [(each.row, each.code) for each in shaped.refused] == [(4, "free"), (6, "no_case")]
    assert shaped.rows == [1, 2, 3, 5]
    # One invoice of two members is two orders: an event touches one member.
    assert shaped.groups[0] == shaped.groups[1] != shaped.groups[2]
    assert shaped.groups[3] is None
    heads = [msgspec.json.decode(head) for head in shaped.heads]
    assert heads[0]["key"] == heads[1]["key"] != heads[2]["key"]
    assert "C0001" not in heads[0]["key"], "keys stay when personal data goes"
    assert heads[3]["key"] == "file:5"


def test_tenders_tags_and_empty_cells(tmp_path: Path):
    path = write(
        tmp_path / "a.csv",
        "at,card,ref,price,cash,points,tags\n2026-01-01T00:00:00Z,C0001,1,3.00,1.00,0,a|b\n"
        "2026-01-01T00:00:00Z,C0001,2,3.00,,2.00,\n",
    )
    shaped = shape(
        path,
        """
rows:
  kind: order
  set:
    occurred_at: at
    member.card: card
    order_ref: ref
    tenders.cash: {column: cash, decimal: 2}
    tenders.points: {column: points, decimal: 2}
  line: {amount_minor: {column: price, decimal: 2}, tags: {column: tags, split: "|"}}
""",
    )
    first, second = (msgspec.json.decode(head) for head in shaped.heads)
    assert first["tenders"] == [{"kind": "cash", "amount_minor": 100}]
    assert second["tenders"] == [{"kind": "points", "amount_minor": 200}]
    assert [msgspec.json.decode(part) for part in shaped.parts if part] == [
        {"amount_minor": 300, "tags": ["a", "b"]},
        {"amount_minor": 300},
    ]


def test_what_a_row_lacks_is_told_with_its_columns(tmp_path: Path):
    path = write(
        tmp_path / "a.csv",
        "at,card,invoice,price\n2026-01-01T00:00:00Z,C0001,,1.00\n2026-01-01T00:00:00Z,,1,1.00\n"
        "2026-01-01T00:00:00Z,C0001,1,-1\n2026-01-01T00:00:00,C0001,1,1\n",
    )
    shaped = shape(path, ORDER)
    assert [(each.row, each.code) for each in sorted(shaped.refused, key=lambda e: e.row)] == [
        (1, "event_malformed"),
        (2, "bad_member_reference"),
        (3, "event_malformed"),
        (4, "value_malformed"),
    ]
    reasons = {each.row: each.reason for each in shaped.refused}
    assert "(order_ref, from 'invoice')" in reasons[1]
    assert "(amount_minor, from 'price')" in reasons[3]
    assert "zone" in reasons[4]


def test_a_plain_file_is_told_what_its_columns_are_not():
    with pytest.raises(MappingMalformed, match="Did you mean 'occurred_at'"):
        plain_mapping(What.EVENTS, ["kind", "occured_at"])
    with pytest.raises(MappingMalformed, match="no column 'kind'"):
        plain_mapping(What.EVENTS, ["occurred_at"])
    with pytest.raises(MappingMalformed, match="--at"):
        plain_mapping(What.BALANCES, ["member.card", "currency", "units"])
    with pytest.raises(MappingMalformed, match="Did you mean 'product'"):
        plain_mapping(What.PRODUCTS, ["produkt"])


EXAMPLE_KINDS = {
    "online_retail": What.EVENTS,
    "completejourney_members": What.MEMBERS,
    "completejourney_households": What.MEMBERS,
    "completejourney_products": What.PRODUCTS,
    "completejourney_events": What.EVENTS,
}


def test_every_example_is_known():
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == set(EXAMPLE_KINDS)


@pytest.mark.parametrize("name", EXAMPLE_KINDS)
def test_examples_can_be_read(name: str):
    load_mapping(EXAMPLES / f"{name}.yaml", EXAMPLE_KINDS[name])


@pytest.mark.shared
def test_the_online_retail_example_accounts_for_every_row(shared_data: Path):
    path = shared_data / "online_retail" / "online_retail_2009-12_to_2010-12.parquet"
    shaped = shape(path, load_mapping(EXAMPLES / "online_retail.yaml", What.EVENTS))
    assert len(shaped.rows) + len(shaped.refused) == 525_461
    missing = sum(each.code == "member_missing" for each in shaped.refused)
    assert missing == 107_927
    assert len({each.row for each in shaped.refused}) == len(shaped.refused)


@pytest.mark.shared
def test_the_demographics_example(shared_data: Path):
    path = shared_data / "completejourney" / "demographics.parquet"
    example = load_mapping(EXAMPLES / "completejourney_members.yaml", What.MEMBERS)
    found = records(path, example, What.MEMBERS)
    assert (len(found.rows), found.refused) == (801, [])
