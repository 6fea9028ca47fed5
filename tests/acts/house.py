"""A world with a programme, members and staff, for tests of acts."""

from __future__ import annotations

from importlib import resources
from typing import Any

from coterie.acts import Actor, Acts, Deciding, signed_in
from coterie.intake.engine import Engine
from coterie.kernel.clock import FixedClock
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.staff import NewAccount, Person, RoleGrant, Way, add_account, grants_of, roles
from coterie.storage import Connection, transaction

NOW = 1_767_225_600_000_000
DEMO = (resources.files("coterie.programme") / "library" / "demo.yaml").read_text("utf-8")


class House:
    """The world, its acts, and people by their login."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.engine = Engine()
        self.clock = FixedClock(NOW)
        self.machine = FixedClock(NOW)
        self.acts = Acts(self, machine=self.machine)
        self.deciding = Deciding(self.acts)
        with transaction(db):
            publish(db, DEMO, 0, 0)
        newcomers = [
            Newcomer((("card", f"CARD{n}"),), enrolled_us=NOW - 1_000, store=store)
            for n, store in enumerate(("hz-01", "hz-02"))
        ]
        with transaction(db):
            self.members = [int(str(n)) for n in create_members(db, newcomers, now_us=NOW)]

    def person(self, login: str, *granted: RoleGrant) -> Actor:
        """Add somebody who can sign in, and return them as an actor."""
        given = granted or (RoleGrant(login),)
        with transaction(self.db):
            number = add_account(
                self.db, NewAccount(f"{login}@tea.example", login, given, "en"), now_us=NOW
            )
            # As if they had set a password: hashing it would take longer than the test.
            self.db.execute(
                "update staff.account set state = 'active', password_hash = '$argon2id$x'"
                " where account_id = %s",
                (number,),
            )
        grants = grants_of(given, roles(self.db))
        person = Person(number, f"{login}@tea.example", login, "en", 1, Way.PASSWORD, grants)
        return signed_in(person, "192.0.2.0/24")

    def perform(self, actor: Actor, act: str, args: Any, key: str = "k1") -> Any:
        """Do an act."""
        return self.acts.perform(self.db, actor, act, args, reason="as asked", key=key)

    def adjust(self, actor: Actor, units: int, key: str = "k1", member: int = 0) -> Any:
        """Adjust the points of a member."""
        args = {"member_id": self.members[member], "currency": "points", "units": units}
        return self.perform(actor, "units.adjust", args, key)

    def points(self, member: int = 0) -> int:
        """Return what a member has."""
        row = self.db.execute(
            "select coalesce(sum(remaining), 0) from ledger.lot"
            " where member_id = %s and currency = 'points'",
            (self.members[member],),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def trail(self) -> list[tuple[str, str, str]]:
        """Return what the audit trail says: who, what, with what outcome."""
        rows = self.db.execute("select actor_kind, actor, act, outcome from audit.entry order by n")
        return [(f"{kind}:{actor}", act, outcome) for kind, actor, act, outcome in rows]
