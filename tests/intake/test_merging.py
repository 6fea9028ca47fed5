"""Two files of one person become one and two again: units, debts, counts, identities, the proof."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from coterie.events import MemberRef
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival
from coterie.kernel.time import DAY_US, HOUR_US
from coterie.members import find_member, read_member
from coterie.replay import verify
from coterie.storage import Connection, connect
from tests.intake.world import PROGRAMME, START_US, Stream, arrival, dump, open_world, submit

NOON_US = START_US + 12 * HOUR_US
NewDatabase = Callable[[], str]


class Desk:
    """Sends events one at a time by the number of the card."""

    def __init__(self, db: Connection, members: int = 4, *, programme: str = PROGRAMME) -> None:
        self.db = db
        self.engine = Engine()
        self.members = open_world(db, members, programme=programme)
        self.sent = 0

    def send(self, who: int, kind: str, at_us: int = NOON_US, **fields: Any) -> Answer:
        return self.engine.submit(self.db, [self.make(who, kind, at_us, **fields)])[0]

    def make(self, who: int, kind: str, at_us: int = NOON_US, **fields: Any) -> Arrival:
        self.sent += 1
        given = {"key": f"m{self.sent}", "member": {"card": f"C{1000 + who}"}, "kind": kind}
        return arrival(at_us, **{**given, **fields})

    def earn(self, who: int, yuan: int = 100, at_us: int = NOON_US) -> Answer:
        lines = [{"amount_minor": yuan * 100, "product": "p"}]
        return self.send(who, "order", at_us, order_ref=f"O{self.sent}", lines=lines)

    def merge(self, away: int, into: int, at_us: int = NOON_US) -> Answer:
        other = self.members[into]
        member = {"id": self.members[away]}
        return self.send(
            away, "state_change", at_us, member=member, state="merged", merged_into=other
        )

    def unmerge(self, away: int, at_us: int = NOON_US) -> Answer:
        row = self.db.execute(
            "select member_id, seq from events.event where kind = 'merge_in' and status = "
            "'accepted' and payload ->> 'merged_id' = %s order by occurred_us desc, seq desc",
            (str(self.members[away]),),
        ).fetchone()
        assert row is not None
        return self.send(
            away,
            "unmerge",
            at_us,
            member={"id": row[0]},
            merged_id=self.members[away],
            merge_seq=row[1],
        )

    def balance(self, who: int, currency: str = "points") -> tuple[int, int, int]:
        row = self.db.execute(
            "select available, pending, owed from ledger.balance where member_id = %s "
            "and currency = %s",
            (self.members[who], currency),
        ).fetchone()
        return row or (0, 0, 0)

    def counted(self, who: int) -> dict[str, dict[str, int]]:
        row = self.db.execute(
            "select buckets from metrics.counters where member_id = %s", (self.members[who],)
        ).fetchone()
        return row[0] if row else {}


@pytest.fixture
def desk(db: Connection) -> Desk:
    return Desk(db)


def test_everything_goes_over_and_comes_back(desk: Desk) -> None:
    desk.earn(0)
    desk.earn(1)
    desk.send(0, "transfer", currency="points", units=1, receiver={"card": "C1002"})
    assert desk.merge(0, 1).status == "accepted"
    assert (desk.balance(0), desk.balance(1)) == ((0, 0, 0), (199, 0, 0))
    assert (desk.balance(0, "stamps"), desk.balance(1, "stamps")) == ((0, 0, 0), (0, 2, 0))
    (spent,) = desk.counted(1)["spend_half"].values()
    assert spent == 20_000
    assert find_member(desk.db, MemberRef(card="C1000")) == desk.members[1]
    assert [i.value for i in read_member(desk.db, desk.members[1]).identities] == ["C1001", "C1000"]
    assert desk.earn(0, 10).member_id == desk.members[1]
    desk.send(1, "spend", currency="points", units=150)
    assert desk.unmerge(0).status == "accepted"
    # 199 + 10 for the order + 20 because it was the third of the two together - 150 spent.
    assert sum(desk.balance(who)[0] for who in (0, 1)) == 79
    assert desk.balance(0, "stamps") == (0, 1, 0)
    assert find_member(desk.db, MemberRef(card="C1000")) == desk.members[0]
    assert read_member(desk.db, desk.members[0]).state == "active"
    (spent,) = desk.counted(1)["spend_half"].values()
    assert spent == 11_000
    assert desk.earn(0).member_id == desk.members[0]


def test_what_follows_bears_a_key_and_a_cause_and_is_kept_in_the_outcome(desk: Desk) -> None:
    desk.earn(0)
    receiver = {"card": "C1001"}
    given = desk.send(0, "transfer", currency="points", units=30, receiver=receiver)
    row = desk.db.execute(
        "select key, source, caused_by from events.event where kind = 'transfer_in'"
    ).fetchone()
    assert row == (f"transfer_in:{given.event}", "coterie", given.event)
    kept = desk.db.execute(
        "select outcome #>> '{follow_ups,0,0}' from events.event where kind = 'transfer'"
    ).fetchone()
    assert kept == ("transfer_in",)


def test_a_debt_goes_along_and_back_as_far_as_it_is_not_repaid(desk: Desk) -> None:
    desk.send(0, "adjustment", currency="points", units=-80, reason="test")
    assert desk.balance(0) == (0, 0, 80)
    desk.merge(0, 1)
    assert (desk.balance(0), desk.balance(1)) == ((0, 0, 0), (0, 0, 80))
    desk.earn(1, 30)
    assert desk.balance(1) == (0, 0, 50)
    desk.unmerge(0)
    assert (desk.balance(0), desk.balance(1)) == ((0, 0, 50), (0, 0, 0))
    assert desk.unmerge(0).code == "already_undone"


def test_a_survivors_debt_is_repaid_out_of_what_comes(desk: Desk) -> None:
    desk.send(1, "adjustment", currency="points", units=-80, reason="test")
    desk.earn(0, 100)
    desk.merge(0, 1)
    assert desk.balance(1) == (20, 0, 0)
    desk.unmerge(0)
    assert (desk.balance(0), desk.balance(1)) == ((20, 0, 0), (0, 0, 0))


def test_what_cannot_be_merged(desk: Desk) -> None:
    desk.earn(0)
    desk.send(0, "hold", currency="points", units=10, hold_ref="H")
    assert desk.merge(0, 1).code == "merge_blocked"
    assert desk.balance(0)[0] == 90
    nobody = desk.send(0, "state_change", state="merged", merged_into=1)
    assert (nobody.code, nobody.where) == ("member_unknown", "merged_into")
    assert desk.merge(2, 3).status == "accepted"
    again = desk.send(3, "state_change", state="merged", merged_into=desk.members[2])
    assert (again.status, again.code) == ("refused", "malformed")
    wrong = desk.send(3, "unmerge", merged_id=desk.members[0], merge_seq=1)
    assert wrong.code == "nothing_to_undo"


def test_a_merge_of_merges_is_taken_back_in_its_order(desk: Desk) -> None:
    for who in range(3):
        desk.earn(who)
    desk.merge(0, 1)
    desk.merge(1, 2)
    assert find_member(desk.db, MemberRef(card="C1000")) == desk.members[2]
    early = desk.send(0, "unmerge", merged_id=desk.members[0], merge_seq=2)
    assert early.code == "nothing_to_undo"
    desk.unmerge(1)
    assert [desk.balance(who)[0] for who in range(3)] == [0, 200, 100]
    assert find_member(desk.db, MemberRef(card="C1000")) == desk.members[1]
    desk.unmerge(0)
    assert [desk.balance(who)[0] for who in range(3)] == [100, 100, 100]


def test_an_event_behind_a_merge_in_one_batch_reaches_who_took_over(desk: Desk) -> None:
    desk.earn(0)
    merged: dict[str, Any] = {"state": "merged", "merged_into": desk.members[1]}
    batch = [
        desk.make(0, "state_change", **merged),
        desk.make(0, "spend", currency="points", units=60),
        desk.make(1, "spend", currency="points", units=40),
    ]
    answers = desk.engine.submit(desk.db, batch)
    assert [(a.status, a.member_id) for a in answers[1:]] == [("accepted", desk.members[1])] * 2


def _histories(desk: Desk, seed: int) -> None:
    """Live through a seeded stream in which people are merged and unmerged all the time."""
    pick = random.Random(seed)
    stream = Stream(seed, 4)
    merged: list[int] = []
    for _ in range(140):
        (event,) = stream.take(1)
        desk.engine.submit(desk.db, [event])
        at_us = stream.at_us + 2_000_000
        roll = pick.random()
        left = [who for who in range(4) if who not in merged]
        if roll < 0.12 and len(left) > 1:
            away, into = pick.sample(left, 2)
            answer = desk.merge(away, into, at_us)
            if answer.status == "accepted":
                merged.append(away)
        elif roll < 0.22 and merged:
            assert desk.unmerge(merged.pop(), at_us).status == "accepted"
    for who in reversed(merged):
        assert desk.unmerge(who, stream.at_us + DAY_US).status == "accepted"


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_whatever_is_merged_and_unmerged_the_ledger_proves_itself(
    new_database: NewDatabase, seed: int
) -> None:
    url = new_database()
    with connect(url) as db:
        desk = Desk(db)
        _histories(desk, seed)
        assert db.execute("select count(*) from storage.outbox where follow_up").fetchone() == (0,)
        held = db.execute(
            "select count(*) from events.event where kind in ('merge_in', 'unmerge_in')"
        ).fetchone()
        assert held is not None
        assert held[0] > 6
        for who in range(4):
            assert find_member(db, MemberRef(card=f"C{1000 + who}")) == desk.members[who]
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def test_batches_or_single_events_leave_the_same(new_database: NewDatabase) -> None:
    left = []
    for size in (1, 50):
        with connect(new_database()) as db:
            desk = Desk(db)
            sent = Stream(9, 4).take(60)
            into: dict[str, Any] = {"state": "merged", "merged_into": desk.members[2]}
            at_us = sent[30].at_us
            sent.insert(30, desk.make(1, "state_change", at_us, **into))
            batches = [sent[n : n + size] for n in range(0, len(sent), size)]
            answers = submit(db, desk.engine, batches)
            left.append((answers, dump(db)))
    assert left[0] == left[1]
