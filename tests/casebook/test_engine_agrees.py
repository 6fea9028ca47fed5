"""What a case does in memory, the engine does on PostgreSQL: the same units, tiers and counters.

Cases that begin on a tier are left out: in a database a tier is held from its event on.
"""

from typing import Any

import msgspec
import pytest

from coterie.casebook import Case, read_casebook
from coterie.casebook.playing import World
from coterie.casebook.starting import TEMPLATES
from coterie.events import Event, MemberRef, OpeningBalance, OpeningMetrics, StateChange
from coterie.intake.engine import Engine
from coterie.intake.loading import load_standings
from coterie.intake.reading import arrival_of
from coterie.kernel.time import format_instant
from coterie.members import Newcomer, create_members
from coterie.programme.compile import CompiledProgramme
from coterie.programme.standing import Standing
from coterie.programme.versions import publish_programme
from coterie.replay import verify
from coterie.storage import Connection, transaction

NAMES = sorted(folder.name for folder in TEMPLATES.iterdir())


class Stage:
    """One case on a database: its members, and the numbers their events had."""

    def __init__(self, db: Connection, engine: Engine, case: Case) -> None:
        self.db = db
        self.engine = engine
        self.case = case
        self.labels: dict[str, int] = {}
        newcomers = [
            Newcomer(
                (("card", f"{case.code}-{given.name}"),),
                kind=given.kind,
                enrolled_us=min(given.enrolled_us, case.begins_us),
                attributes=given.attributes,
            )
            for given in case.given
        ]
        with transaction(db):
            made = create_members(db, newcomers, now_us=case.begins_us)
        self.ids = {
            given.member_id: number
            for given, number in zip(case.given, made, strict=True)
            if isinstance(number, int)
        }
        for given in case.given:
            if any(given.metrics.values()):
                counted = {code: value for code, value in given.metrics.items() if value}
                self.begin(OpeningMetrics, given.member_id, metrics=counted)
            for currency, lots in given.lots.items():
                self.begin(OpeningBalance, given.member_id, currency=currency, lots=lots)
            if given.state != "active":
                self.begin(StateChange, given.member_id, state=given.state)

    def begin(self, kind: type[Event], member_id: int, **fields: Any) -> None:
        event = kind(
            key=f"{self.case.code}:{member_id}:{kind.__name__}:{fields.get('currency')}",
            occurred_at=format_instant(self.case.begins_us),
            member=MemberRef(id=member_id),
            **fields,
        )
        assert self.send(event, self.case.begins_us).status == "accepted"

    def send(self, event: Event, received_us: int) -> Any:
        named = {
            field: MemberRef(id=self.ids[value.id])
            for field in event.__struct_fields__
            if isinstance(value := getattr(event, field), MemberRef) and value.id is not None
        }
        arrival = arrival_of(msgspec.structs.replace(event, **named), received_us=received_us)
        return self.engine.submit(self.db, [arrival])[0]

    def play(self) -> int:
        """Let everything happen; return when it ended."""
        at_us = self.case.begins_us
        for step in self.case.steps:
            at_us = max(at_us, step.at_us)
            if step.event is None:
                self.engine.settle(self.db, sorted(self.ids.values()), at_us)
                continue
            seqs = {name: self.labels[label] for name, label in step.labels.items()}
            event = msgspec.structs.replace(step.event, **seqs)
            answer = self.send(event, step.at_us if step.received_us is None else step.received_us)
            if step.label is not None:
                self.labels[step.label] = int(answer.event.partition(":")[2])
        self.engine.settle(self.db, sorted(self.ids.values()), at_us)
        return at_us

    def standings(self) -> dict[int, Standing]:
        with transaction(self.db):
            loaded = load_standings(self.db, sorted(self.ids.values()))
        return {own: loaded[number] for own, number in self.ids.items()}


def seen(standing: Standing, ids: dict[int, int]) -> dict[str, Any]:
    """What must be alike; links name members by numbers that differ, as events' own do."""
    accounts = {
        code: (a.available, a.pending, a.held, a.owed) for code, a in standing.accounts.items()
    }
    counters = {
        code: buckets
        for code, buckets in standing.counters.items()
        if not code.startswith(("link:", "referral:"))
    }
    tiers = {code: (t.tier, t.until_day, t.reason) for code, t in standing.tiers.items()}
    member = standing.member
    assert member.member_id in (*ids, *ids.values())
    return {
        "accounts": accounts,
        "counters": counters,
        "tiers": tiers,
        "state": member.state,
        "attributes": member.attributes,
        "events": member.seq,
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_does_what_a_case_does_in_memory(db: Connection, database_url: str, name: str):
    book = read_casebook(TEMPLATES / name)
    engine = Engine()
    with transaction(db):
        publish_programme(db, book.programme, 0, 0, None)
    compiled = CompiledProgramme(book.programme, 1)
    played = 0
    for case in book.cases:
        if any(given.tiers for given in case.given):
            continue
        played += 1
        stage = Stage(db, engine, case)
        until_us = stage.play()
        world = World(compiled, case)
        for step in case.steps:
            world.play(step)
        world.settle(until_us)
        for own, found in stage.standings().items():
            wanted = seen(world.standings[own], stage.ids)
            if world.standings[own].member.state != "active":
                wanted["events"] += 1  # that state is an event there
            assert seen(found, stage.ids) == wanted, f"{case.code}: member {own}"
    assert played > 1
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, report
