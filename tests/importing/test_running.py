"""Whole imports on a real database: what arrives, what is refused, and that nothing doubles."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.importing.errors import ImportElsewhere
from coterie.intake.importing.loading import Submitter
from coterie.intake.importing.mapping import parse_mapping
from coterie.intake.importing.model import FileOptions, What
from coterie.intake.importing.plain import plain_mapping
from coterie.intake.importing.readers import open_source
from coterie.intake.importing.running import Job, Report, run_import
from coterie.intake.reading import Arrival
from coterie.kernel.time import parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Connection, connect, transaction
from tests.importing.support import write

NOW_US = parse_instant("2026-06-01T00:00:00+08:00")[0]
PROGRAMME = """
programme: shop
name: {zh: 店, en: Shop}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    expiry: {model: fixed, months: 2}
rules:
  - code: base
    name: {zh: 消费积分, en: Points}
    on: order
    earn: {currency: points, units: 1, per: "1.00"}
sources:
  import: {on_unknown_member: refuse, unmatched_returns: refuse}
"""
SALES = """\
import: events
zone: Asia/Shanghai
refuse:
  - {when: {column: card, empty: true}, code: member_missing}
rows:
  - when: {column: invoice, starts_with: R}
    kind: return
    set: {member.card: card, occurred_at: at}
    line:
      product: article
      quantity_milli: {column: pieces, decimal: 3, negate: true}
  - kind: order
    group_by: [invoice]
    set: {member.card: card, occurred_at: at, order_ref: invoice, currency: {const: CNY}}
    line:
      product: article
      quantity_milli: {column: pieces, decimal: 3}
      amount_minor: {product: [price, pieces], decimal: CNY}
"""
HEADER = "invoice,card,at,article,pieces,price\n"


class Silent:
    """Progress that only remembers."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def begin(self, phase: str, total: float | None, done: float = 0, rows: int = 0) -> None:
        self.phases.append(phase)

    def reach(self, done: float, rows: int) -> None:
        pass


def job(path: Path, mapping: str = SALES, what: What = What.EVENTS, **given: Any) -> Job:
    if mapping:
        found = parse_mapping(mapping, what)
    else:
        found = plain_mapping(
            what, open_source(path, FileOptions()).columns, at=given.pop("at", None)
        )
    refused = path.with_name(path.name + ".refused.csv")
    return Job(path=path, mapping=found, now_us=NOW_US, refused_path=refused, **given)


def run(url: str, what: Job, **given: Any) -> Report:
    return run_import(url, what, progress=Silent(), **given)


def refused_rows(report: Report) -> list[dict[str, str]]:
    assert report.refused_path is not None
    with report.refused_path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def open_shop(url: str, cards: Sequence[str] = ("C0001", "C0002", "C0003")) -> None:
    with connect(url) as db:
        with transaction(db):
            publish(db, PROGRAMME, 0, 0)
        newcomers = [Newcomer((("card", card),), enrolled_us=1) for card in cards]
        with transaction(db):
            create_members(db, newcomers, now_us=NOW_US)


def recorded(url: str) -> list[tuple[Any, ...]]:
    """Everything the ledger and the record hold, in order."""
    with connect(url) as db:
        events = db.execute(
            "select member_id, seq, kind, source, key, occurred_us, as_of_us, status, code,"
            " payload::text, outcome::text from events.event order by 1, 2"
        ).fetchall()
        movements = db.execute(
            "select member_id, seq, n, currency, debit, credit, units, reason"
            " from ledger.movement order by 1, 2, 3"
        ).fetchall()
        return events + movements


@pytest.fixture
def shop(database_url: str) -> str:
    open_shop(database_url)
    return database_url


def many_sales(path: Path, count: int = 120) -> Path:
    lines = [
        f"I{n // 2},C000{1 + n // 2 % 3},2026-0{1 + n * 7 % 5}-1{n % 9} 12:{n % 60:02d},"
        f"P{n % 7},{1 + n % 3},{n % 11}.50\n"
        for n in range(count)
    ]
    return write(path, HEADER + "".join(lines))


def test_a_file_becomes_events_of_members_in_the_order_of_time(shop: str, tmp_path: Path):
    path = write(
        tmp_path / "sales.csv",
        HEADER
        + "I2,C0001,2026-03-01 10:00,tea,1,20.00\n"
        + "I1,C0001,2026-01-05 10:00,tea,2,10.00\n"
        + "I1,C0001,2026-01-05 10:01,cup,1,5.50\n"
        + "R9,C0001,2026-03-02 09:00,tea,-3,10.00\n"
        + "R8,C0001,2026-03-02 10:00,tea,-1,10.00\n"
        + "I3,,2026-03-01 10:00,tea,1,20.00\n"
        + "I4,C9999,2026-03-01 10:00,tea,1,20.00\n"
        + "I5,C0002,2026-03-01,tea,x,20.00\n"
        + "I5,C0002,2026-03-01,cup,1,20.00\n"
        + "I6,C0002\n",
    )
    report = run(shop, job(path))
    assert (report.accepted, report.refused, report.finished) == (5, 5, True)
    assert report.reasons == {
        "member_missing": 1,
        "member_unknown": 1,
        "return_unmatched": 1,
        "row_fields": 1,
        "value_malformed": 1,
    }
    rows = refused_rows(report)
    assert [(row["refused_row"], row["refused_code"]) for row in rows] == [
        ("5", "return_unmatched"),
        ("6", "member_missing"),
        ("7", "member_unknown"),
        ("8", "value_malformed"),
        ("10", "row_fields"),
    ]
    assert rows[3]["refused_reason"] == "quantity_milli from 'pieces': 'x' is not a number."
    assert (rows[3]["invoice"], rows[3]["pieces"]) == ("I5", "x")
    assert (rows[4]["invoice"], rows[4]["at"]) == ("I6", "")
    kinds = [
        (event[2], event[7], event[4].split(":")[0] != "")
        for event in recorded(shop)
        if len(event) == 11 and event[2] != "due"
    ]
    assert [kind for kind, status, _ in kinds if status == "accepted"] == [
        "order",
        "order",
        "return",
        "order",
    ]


def test_the_same_file_again_changes_nothing(shop: str, tmp_path: Path):
    path = many_sales(tmp_path / "sales.csv")
    first = run(shop, job(path))
    assert (first.accepted, first.again, first.refused) == (120, 0, 0)
    before = recorded(shop)
    again = run(shop, job(path))
    assert (again.accepted, again.again, again.refused) == (120, 120, 0)
    assert recorded(shop) == before


def test_rows_refused_for_their_member_go_through_once_the_member_is_there(
    database_url: str, tmp_path: Path
):
    open_shop(database_url, ())
    path = many_sales(tmp_path / "sales.csv", 12)
    assert run(database_url, job(path)).reasons == {"member_unknown": 12}
    people = write(tmp_path / "people.csv", "card\nC0001\nC0002\nC0003\n")
    assert run(database_url, job(people, "", What.MEMBERS)).accepted == 3
    report = run(database_url, job(path))
    assert (report.accepted, report.refused) == (12, 0)


class Stop:
    """Stops after so many questions."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_an_import_that_is_stopped_anywhere_goes_on(
    shop: str, new_database: Callable[[], str], tmp_path: Path
):
    path = many_sales(tmp_path / "sales.csv")
    run(shop, job(path))
    whole = recorded(shop)
    other = new_database()
    open_shop(other)
    for after in range(60):
        report = run(other, job(path, chunk_events=3), stopped=Stop(after))
        if report.finished:
            break
    assert report.finished
    assert (report.accepted, report.again, report.refused) == (120, 0, 0)
    assert recorded(other) == whole


def test_two_processes_leave_the_same_as_one(
    shop: str, new_database: Callable[[], str], tmp_path: Path
):
    path = many_sales(tmp_path / "sales.csv")
    run(shop, job(path))
    other = new_database()
    open_shop(other)
    report = run(other, job(path, jobs=2, chunk_events=7))
    assert (report.accepted, report.refused) == (120, 0)
    assert recorded(other) == recorded(shop)


class DiesAfterSubmitting:
    """An engine whose process dies when the third chunk is recorded, before that is noted."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.chunks = 0

    def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
        answers = self.engine.submit(db, arrivals)
        self.chunks += 1
        if self.chunks == 3:
            raise psycopg.OperationalError("the server went away")
        return answers


def test_a_chunk_whose_place_was_lost_is_not_doubled(
    shop: str, new_database: Callable[[], str], tmp_path: Path
):
    path = many_sales(tmp_path / "sales.csv")
    other = new_database()
    open_shop(other)
    submitter: Callable[[], Submitter] = DiesAfterSubmitting
    with pytest.raises(psycopg.OperationalError):
        run(other, job(path, chunk_events=5), submitter=submitter)
    report = run(other, job(path, chunk_events=5))
    # The lost chunk held five events of two rows.
    assert (report.accepted, report.again, report.refused) == (120, 10, 0)
    run(shop, job(path))
    assert recorded(other) == recorded(shop)


def test_a_file_that_is_being_imported_is_refused(shop: str, tmp_path: Path):
    path = many_sales(tmp_path / "sales.csv", 10)

    class Curious:
        def submit(self, db: Connection, arrivals: Sequence[Arrival]) -> list[Answer]:
            with pytest.raises(ImportElsewhere):
                run(shop, job(path))
            return Engine().submit(db, arrivals)

    assert run(shop, job(path), submitter=Curious).accepted == 10


def test_an_order_of_too_many_rows_keeps_as_many_as_an_order_may_have(shop: str, tmp_path: Path):
    rows = "".join(f"I1,C0001,2026-01-05 10:00,P{n},1,1.00\n" for n in range(503))
    report = run(shop, job(write(tmp_path / "sales.csv", HEADER + rows)))
    assert (report.accepted, report.reasons) == (500, {"too_many_lines": 3})


def test_a_corrected_file_of_refused_rows_can_be_imported(shop: str, tmp_path: Path):
    path = write(tmp_path / "sales.csv", HEADER + "I1,C0001,2026-01-05 10:00,tea,?,1.00\n")
    report = run(shop, job(path))
    assert report.refused_path is not None
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(report.refused_path.read_text("utf-8-sig").replace("?", "2"), "utf-8")
    assert run(shop, job(corrected)).accepted == 1


def test_a_plain_file_needs_no_mapping(shop: str, tmp_path: Path):
    path = write(
        tmp_path / "events.csv",
        "kind,key,occurred_at,member.card,order_ref,currency,line.product,line.amount_minor,"
        "units,reason\n"
        "order,a,2026-01-05T10:00:00+08:00,C0001,o1,CNY,tea,1000,,\n"
        "order,a,2026-01-05T10:00:00+08:00,C0001,o1,CNY,cup,500,,\n"
        "adjustment,b,2026-01-06T10:00:00+08:00,C0001,,points,,,7,gift\n"
        "nonsense,c,2026-01-06T10:00:00+08:00,C0001,,,,,,\n",
    )
    report = run(shop, job(path, ""))
    assert (report.accepted, report.reasons) == (3, {"unknown_kind": 1})
    with connect(shop) as db:
        assert db.execute("select sum(available) from ledger.balance").fetchone() == (22,)
