"""Tells Coterie on PostgreSQL and the oracle the same, and compares what they say."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from coterie import events as ev
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.time import from_datetime
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.storage import Connection, transaction
from tests.club.oracle import Club, Person
from tests.club.oracle_buyer import Told
from tests.club.terms import TIERS, Shape, Terms, text_of
from tests.ledger.oracle import HOLDERS

START = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)
CURRENCIES = ("points", "stars")


class World:
    """Three persons and a household, told twice."""

    def __init__(self, db: Connection, shape: Shape, terms: Terms) -> None:
        self.db, self.shape = db, shape
        self.engine = Engine()
        self.now = START
        self.club = Club(shape, terms, START.date())
        self.waiting: list[tuple[Arrival, Told]] = []
        self.sent = 0
        self.seen: dict[int, int] = {}
        self.agreed = True
        """whether nothing is known to be wrong: what follows a difference says nothing"""
        start_us = from_datetime(START)
        with transaction(db):
            publish(db, text_of(shape, terms), 0, 0)
        kinds = ["person"] * 3 + ["household"]
        newcomers = [
            Newcomer((("card", f"CARD{n}"),), enrolled_us=start_us, kind=kind)
            for n, kind in enumerate(kinds)
        ]
        with transaction(db):
            made = create_members(db, newcomers, now_us=start_us)
        self.ids = [number for number in made if isinstance(number, int)]
        self.household = self.ids[-1]
        for number, kind in zip(self.ids, kinds, strict=True):
            self.club.add(number, pools=kind == "household")
            self.seen[number] = 0

    # ------------------------------------------------------------------ telling

    def person(self, number: int) -> Person:
        return self.club.people[number]

    def today(self) -> date:
        return self.person(self.household).day(self.now)

    def tell(
        self,
        kind: str,
        who: int,
        event: type[ev.Event],
        wire: dict[str, Any],
        told: dict[str, Any],
        late: timedelta = timedelta(0),
    ) -> bool:
        """Tell the oracle now, and Coterie with the batch; return whether it will be accepted."""
        self.agreed = False
        # Two events never share an instant with the publication of a version.
        self.now += timedelta(seconds=1)
        at = max(self.now - late, START)
        self.sent += 1
        sent = event(
            source="till",
            key=f"k{self.sent}",
            occurred_at=at.isoformat(),
            member=ev.MemberRef(id=who),
            **wire,
        )
        expected = self.club.tell(kind, who, at, self.now, **told)
        arrival = arrival_of(sent, received_us=from_datetime(self.now))
        self.waiting.append((arrival, expected))
        self.agreed = True
        return expected.status == "accepted"

    def flush(self) -> None:
        """Send what waits as one batch, and compare everything."""
        self.agreed = False
        if self.waiting:
            batch, self.waiting = self.waiting, []
            answers = self.engine.submit(self.db, [arrival for arrival, _ in batch])
            for (_, expected), answer in zip(batch, answers, strict=True):
                compare_answer(answer, expected)
        self.compare()
        self.agreed = True

    def publish(self, terms: Terms, after: timedelta) -> None:
        """Publish a version that begins ``after`` from now; what waits is still of the old one."""
        self.now += timedelta(seconds=1)
        since = max(self.now + after, self.club.versions[-1][0] or self.now)
        self.club.versions.append((since, terms))
        with transaction(self.db):
            publish(
                self.db,
                text_of(self.shape, terms),
                from_datetime(since),
                from_datetime(self.now),
            )
        self.now += timedelta(seconds=1)

    def settle(self, numbers: list[int]) -> None:
        """What the worker does: decide for some members what fell due by now."""
        self.flush()
        self.engine.settle(self.db, numbers, from_datetime(self.now))
        for number in numbers:
            self.person(number).advance(self.now)
        self.compare()

    # ------------------------------------------------------------------ comparing

    def compare(self) -> None:
        for number in self.ids:
            person, seen = self.person(number), self.seen[number]
            new = list(enumerate(person.record, 1))[seen:]
            events = [(n, told.kind, told.status, told.code) for n, told in new]
            same(f"events of {number}", self.events(number), events)
            moved = {n: told.moved for n, told in new if told.moved}
            same(f"movements of {number}", self.movements(number), moved)
            changes = [
                (n, c.before, c.tier, c.until, c.reason, c.version)
                for n, told in new
                for c in told.tiers
            ]
            same(f"tiers of {number}", self.changes(number), changes)
            self.seen[number] = len(person.record)
            state = state_of(person)
            for what, found in self.state(number).items():
                same(f"{what} of {number}", found, state[what])

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.db.execute(statement, values).fetchall()

    def events(self, number: int) -> list[tuple[Any, ...]]:
        return self.rows(
            "select seq, kind, status, code from events.event "
            "where member_id = %s and seq > %s order by seq",
            number,
            self.seen[number],
        )

    def movements(self, number: int) -> dict[int, Counter[tuple[str, ...]]]:
        found: dict[int, Counter[tuple[str, ...]]] = {}
        for seq, currency, debit, credit, reason, units in self.rows(
            "select seq, currency, debit, credit, reason, units from ledger.movement "
            "where member_id = %s and seq > %s",
            number,
            self.seen[number],
        ):
            found.setdefault(seq, Counter())[currency, debit, credit, reason] += units
        return found

    def changes(self, number: int) -> list[tuple[Any, ...]]:
        return self.rows(
            "select seq, from_tier, to_tier, until_on, reason, version from tiers.change "
            "where member_id = %s and seq > %s order by seq, n",
            number,
            self.seen[number],
        )

    def state(self, number: int) -> dict[str, Any]:
        return {
            "balances": {
                currency: numbers
                for currency, *numbers in self.rows(
                    "select currency, available, pending, held, owed from ledger.balance "
                    "where member_id = %s",
                    number,
                )
                if any(numbers)
            },
            "lots": self.rows(
                "select lot_no, currency, earned_seq, units, remaining, held, lapsed, expires_on, "
                "state, contributor_id, earned_us from ledger.lot where member_id = %s order by 1",
                number,
            ),
            "holds": self.rows(
                "select hold_ref, state, units, captured from ledger.hold "
                "where member_id = %s order by 1",
                number,
            ),
            "tier": self.rows(
                "select tier, since_on, until_on, reason, version, changes, course->>'earned', "
                "coalesce((course->'carried'->>'spent')::int, 0) "
                "from tiers.standing where member_id = %s",
                number,
            ),
        }


def state_of(person: Person) -> dict[str, Any]:
    """The same of the oracle's member."""
    balances = {c: [person.balance(c, account) for account in HOLDERS] for c in CURRENCIES}
    place = person.place
    return {
        "balances": {c: numbers for c, numbers in balances.items() if any(numbers)},
        "lots": [
            (lot.no, lot.currency, lot.seq, lot.units, lot.left, lot.held, lot.lapsed, lot.last,
             lot.state, person.from_whom.get(lot.no), from_datetime(lot.born))
            for lot in person.lots
        ],
        "holds": sorted((h.ref, h.state, h.units, h.captured) for h in person.holds),
        "tier": [] if place is None else [
            (TIERS[place.shown[0]], place.since, place.shown[1], place.reason,
             place.version or place.begun, place.told, TIERS[place.rank], place.carried)
        ],
    }  # fmt: skip


def same(what: str, found: Any, expected: Any) -> None:
    assert found == expected, f"{what}: Coterie says {found}, the oracle {expected}"


def compare_answer(answer: Answer, expected: Told) -> None:
    same("answer", (answer.status, answer.code), (expected.status, expected.code))
    moved: Counter[tuple[str, str, str, str]] = Counter()
    for effect in answer.effects:
        moved[effect.currency, effect.debit, effect.credit, effect.reason] += effect.units
    same("effects", moved, expected.moved)
    tiers = [(t.before, t.tier, t.until, t.reason) for t in answer.tiers]
    told = [(c.before, c.tier, c.until and c.until.isoformat(), c.reason) for c in expected.tiers]
    same("tiers", tiers, told)
