"""What a case expects against what is there: a difference for each number that is another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from coterie.casebook.model import Expected
from coterie.casebook.playing import Played, World
from coterie.kernel.numbers import format_minor
from coterie.kernel.time import format_day
from coterie.ledger import Lot, Movement
from coterie.programme.measures import metric_scale
from coterie.programme.model import Programme
from coterie.programme.standing import Standing

Differs = tuple[str, str, str]
"""The path below the case, what was expected, what was found."""


class Comparer:
    """Compares expectations with a world."""

    def __init__(self, programme: Programme, world: World) -> None:
        """Take both."""
        self.programme = programme
        self.world = world

    def compare(
        self, expected: Expected, member_id: int, at_us: int, played: Sequence[Played]
    ) -> Iterator[Differs]:
        """Yield what differs for a member at a moment; ``played`` is what happened since."""
        standing = self.world.standings[member_id]
        path = expected.path
        own = [p for p in played if p.member_id == member_id]
        movements = [m for p in own if p.decision is not None for m in p.decision.movements]
        yield from self._accounts(expected, standing, path)
        yield from self._lots(expected, standing, path)
        yield from self._tiers(expected, standing, path)
        yield from self._metrics(expected, standing, at_us, path)
        if expected.state is not None:
            yield from _differ(f"{path}.state", expected.state, standing.member.state)
        for code, value in expected.attributes.items():
            found = standing.member.attributes.get(code)
            yield from _differ(f"{path}.attributes.{code}", value, found)
        for code, units in expected.change.items():
            found = sum(_change(m) for m in movements if m.currency == code)
            yield from self._units(f"{path}.change.{code}", code, units, found)
        for rule, (units, scale) in expected.gives.items():
            total = sum(m.units for m in movements if m.rule == rule and m.debit == "issued")
            wanted = format_minor(units, scale)
            yield from _differ(f"{path}.gives.{rule}", wanted, format_minor(total, scale))
        if expected.effects is not None:
            yield from self._effects(expected, movements, path)
        for name, inner in expected.members.items():
            other = next(i for i, s in self.world.names.items() if s == name)
            yield from self.compare(inner, other, at_us, played)

    def _units(self, path: str, currency: str, wanted: int, found: int) -> Iterator[Differs]:
        scale = self.programme.currencies[currency].scale
        yield from _differ(path, format_minor(wanted, scale), format_minor(found, scale))

    def _accounts(self, expected: Expected, standing: Standing, path: str) -> Iterator[Differs]:
        for name, wanted in expected.accounts.items():
            for code, units in wanted.items():
                account = standing.accounts.get(code)
                if account is None:
                    found = 0
                elif name == "balances":
                    found = account.available - account.owed
                else:
                    found = int(getattr(account, name))
                yield from self._units(f"{path}.{name}.{code}", code, units, found)

    def _lots(self, expected: Expected, standing: Standing, path: str) -> Iterator[Differs]:
        for code, wanted in expected.lots.items():
            scale = self.programme.currencies[code].scale
            left = [lot for lot in standing.lots.values() if lot.currency == code]
            found = [
                (lot.remaining, None if lot.expires_day is None else format_day(lot.expires_day))
                for lot in sorted(left, key=_burn_order)
                if lot.remaining
            ]
            if found != wanted:
                yield f"{path}.lots.{code}", _lots_text(wanted, scale), _lots_text(found, scale)

    def _tiers(self, expected: Expected, standing: Standing, path: str) -> Iterator[Differs]:
        for ladder, said in expected.tiers.items():
            there = self.world.tier(standing, ladder)
            for key, value in said.items():
                yield from _differ(f"{path}.tiers.{ladder}.{key}", value, there.get(key))

    def _metrics(
        self, expected: Expected, standing: Standing, at_us: int, path: str
    ) -> Iterator[Differs]:
        day = self.world.programmes.zone.day(at_us)
        for code, wanted in expected.metrics.items():
            scale = metric_scale(self.programme, code)
            found = self.world.cp.metric_value(standing, code, day)
            yield from _differ(
                f"{path}.metrics.{code}", format_minor(wanted, scale), format_minor(found, scale)
            )

    def _effects(
        self, expected: Expected, movements: Sequence[Movement], path: str
    ) -> Iterator[Differs]:
        wanted = expected.effects or []
        if len(wanted) != len(movements):
            yield f"{path}.effects", f"{len(wanted)} effects", f"{len(movements)} effects"
        for number, (said, found) in enumerate(zip(wanted, movements, strict=False)):
            for key, value in said.items():
                there: Any = getattr(found, key)
                yield from _differ(f"{path}.effects[{number}].{key}", value, there)


def _differ(path: str, wanted: Any, found: Any) -> Iterator[Differs]:
    if wanted != found:
        yield path, _shown(wanted), _shown(found)


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _change(movement: Movement) -> int:
    """Return by how much a movement changes what can be spent: open lots less what is owed."""
    gained = movement.units if movement.credit in _OWN else 0
    lost = movement.units if movement.debit in _OWN else 0
    return gained - lost


_OWN = ("available", "owed")


def _burn_order(lot: Lot) -> tuple[int, int, int, int]:
    # What is pending cannot be spent yet, so it stands last.
    expires = lot.expires_us if lot.expires_us is not None else 1 << 62
    return (1 if lot.state == "pending" else 0, expires, lot.earned_us, lot.lot_no)


def _lots_text(lots: Sequence[tuple[int, str | None]], scale: int) -> str:
    texts = [format_minor(units, scale) + (f" to {day}" if day else "") for units, day in lots]
    return "; ".join(texts) or "no lots"
