"""A preview tells what would happen, and writes nothing."""

from pathlib import Path

from coterie.intake.importing.mapping import parse_mapping
from coterie.intake.importing.model import What
from coterie.intake.importing.preview import Preview, preview
from coterie.intake.importing.readers import open_source
from coterie.intake.importing.shaping import Shaper
from coterie.storage import connect
from tests.importing.support import write
from tests.importing.test_running import HEADER, NOW_US, SALES, open_shop, recorded


def look(path: Path, url: str | None, mapping: str = SALES, rows: int = 10_000) -> Preview:
    found = parse_mapping(mapping, What.EVENTS)
    source = open_source(path, found.file)
    shaper = Shaper(found, prefix="preview")
    given = {"now_us": NOW_US, "shown": 2, "rows": rows}
    if url is None:
        return preview(source.batches(found.columns()), shaper, found.what, db=None, **given)
    with connect(url) as db:
        return preview(source.batches(found.columns()), shaper, found.what, db=db, **given)


def test_a_preview_tells_what_would_be_sent_and_refused(database_url: str, tmp_path: Path):
    open_shop(database_url)
    before = recorded(database_url)
    path = write(
        tmp_path / "sales.csv",
        HEADER
        + "I1,C0001,2026-01-05 10:00,tea,2,10.00\n"
        + "I1,C9999,2026-01-05 10:00,tea,2,10.00\n"
        + "I1,,2026-01-05 10:00,tea,2,10.00\n"
        + "I1,C0001,2026-13-05 10:00,tea,2,10.00\n",
    )
    found = look(path, database_url)
    assert (found.rows, found.accepted) == (4, 1)
    assert found.reasons == {"member_unknown": 1, "member_missing": 1, "value_malformed": 1}
    [(row, sent)] = found.shown
    assert row == 1
    assert sent["lines"] == [{"amount_minor": 2000, "product": "tea", "quantity_milli": 2000}]
    assert any("not in the catalogue: tea" in note for note in found.notes)
    assert recorded(database_url) == before
    assert look(path, None).reasons == {"member_missing": 1, "value_malformed": 1}


def test_a_preview_knows_currencies(database_url: str, tmp_path: Path):
    open_shop(database_url)
    path = write(tmp_path / "a.csv", "c,at,u\nC0001,2026-01-05T10:00:00Z,5\n")
    text = """
rows:
  kind: adjustment
  set:
    {member.card: c, occurred_at: at, currency: {const: stars}, units: u, reason: {const: x}}
"""
    assert look(path, database_url, text).reasons == {"undeclared_name": 1}
    dollars = SALES.replace("const: CNY", "const: USD")
    path = write(tmp_path / "b.csv", HEADER + "I1,C0001,2026-01-05 10:00,tea,2,10.00\n")
    assert look(path, database_url, dollars).reasons == {"wrong_value": 1}


def test_a_preview_without_a_programme_says_so(database_url: str, tmp_path: Path):
    path = write(tmp_path / "a.csv", HEADER + "I1,C0001,2026-01-05 10:00,tea,2,10.00\n")
    assert any("programme" in note for note in look(path, database_url).notes)


def test_a_preview_looks_at_the_first_rows_only(tmp_path: Path):
    row = "I1,C0001,2026-01-05 10:00,tea,2,10.00\n"
    found = look(write(tmp_path / "a.csv", HEADER + row * 20_000), None, rows=10_000)
    assert found.rows < 20_000
    assert any("Only the first" in note for note in found.notes)
