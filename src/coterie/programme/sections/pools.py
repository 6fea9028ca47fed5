"""Pools: members who save together; what becomes of units as they join, spend and leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.programme.model import Programme, Words
from coterie.programme.moving_lots import send_lots
from coterie.programme.pooling import contribution
from coterie.programme.schema_parts import CODE, WORDS, Schema, choice, listing, mapping, whole
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)
from coterie.programme.standing import FollowUp
from coterie.programme.turn import Step, Turn

if TYPE_CHECKING:
    from coterie.ledger import Lot
    from coterie.programme.compile import CompiledProgramme

BURNS = ("by_date", "pro_rata")
KINDS = ("household", "pool", "organisation")
MEMBERS_MAX = 100
_STAYING = frozenset({"due", "transfer_in", "transfer_back", "reinstate", "merge_in", "unmerge_in"})
"""Of what units that come stay with the member: gifts, corrections, and what due moments bring."""


class Pool(Struct, frozen=True):
    """Units of ``currencies`` go to a member of one of ``kinds``, with those who earned them.

    ``burn``: lots by date, or in proportion to what each contributor has there.
    """

    code: str
    name: Words
    currencies: tuple[str, ...]
    kinds: tuple[str, ...]
    burn: str
    members_max: int

    @property
    def mark(self) -> str:
        """What a contributor keeps: the member that pools for them (0)."""
        return f"pool:{self.code}"

    @property
    def contributors(self) -> str:
        """What the pool keeps: its contributors, by their ids."""
        return f"pool_of:{self.code}"


class Pools(Section):
    """``pools:`` by code."""

    code = "pools"
    noun = "pool"

    def schema(self) -> Schema:
        """Return ``{name, currencies, kinds, burn, members_max}``."""
        return mapping(
            {
                "name": WORDS,
                "currencies": {**listing(CODE, 50, 1), "uniqueItems": True},
                "kinds": {**listing(choice(*KINDS), 3, 1), "uniqueItems": True},
                "burn": choice(*BURNS),
                "members_max": whole(1, MEMBERS_MAX),
            },
            ("name", "currencies"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Pool:
        """Return the pool."""
        del path, ground
        return Pool(
            code,
            words_of(raw["name"]),
            tuple(raw["currencies"]),
            tuple(raw.get("kinds", ("household", "pool"))),
            raw.get("burn", "by_date"),
            raw.get("members_max", 10),
        )

    def plain(self, entry: Pool, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        del programme
        return {
            "name": plain_words_of(entry.name),
            "currencies": list(entry.currencies),
            "kinds": list(entry.kinds),
            "burn": entry.burn,
            "members_max": entry.members_max,
        }

    def check(self, entry: Pool, path: str, checker: Checker) -> None:
        """Refuse currencies nobody declares, or that another pool takes as well."""
        programme = checker.programme
        others: dict[str, Pool] = programme.parts.get(self.code, {})
        for n, currency in enumerate(entry.currencies):
            at = f"{path}.currencies[{n}]"
            known = programme.currencies
            if not checker.named("currency", currency, "currencies", known, at):
                continue
            for other in others.values():
                if other.code < entry.code and currency in other.currencies:
                    checker.find(at, f"the pool {other.code!r} takes {currency} already.")

    def words(self, entry: Pool, programme: Programme, lang: str) -> str:
        """Say what is pooled and how it is spent."""
        zh = lang == "zh"
        names = [str(getattr(programme.currencies[c].name, lang)) for c in entry.currencies]
        listed = ("、" if zh else " and ").join(names)
        if zh:
            how = "按到期先后" if entry.burn == "by_date" else "按各成员贡献比例"
            return (
                f"{entry.name.zh}：最多{entry.members_max}位成员共用{listed}，{how}扣减；"
                "退出时取回本人剩余部分，等级仍按个人计算。"
            )
        how = "by date" if entry.burn == "by_date" else "in proportion to what each has there"
        return (
            f"{entry.name.en}: up to {entry.members_max} members share {listed}, spent {how}; "
            "who leaves takes what is left of their own; tiers stay with each member."
        )

    def breaks(self, old: Pool, new: Pool) -> Iterator[str]:
        """Units of a currency that is pooled lie with pools."""
        for currency in old.currencies:
            if currency not in new.currencies:
                yield f"pools hold {currency}; it cannot be taken out."

    def step(self, entries: Mapping[str, Pool], cp: CompiledProgramme) -> Step | None:
        """Return the step that sends on what members of pools earn."""
        del cp
        return _Step(tuple(entries.values())) if entries else None


class _Step(Step):
    needs_complete = True

    def __init__(self, pools: tuple[Pool, ...]) -> None:
        self._pools = pools

    def after(self, turn: Turn) -> bool:
        """Send on what came, and ask for what was taken back of what had gone."""
        if turn.label in _STAYING or turn.label.startswith("pool_"):
            return False
        changed = False
        for pool in self._pools:
            if pool.mark in turn.standing.counters:
                changed = self._send(turn, pool) or changed
                self._ask(turn, pool)
        return changed

    def _send(self, turn: Turn, pool: Pool) -> bool:
        came: dict[str, list[Lot]] = {}
        for lot in turn.book.opened:
            if lot.currency in pool.currencies and lot.remaining:
                came.setdefault(lot.currency, []).append(lot)
        if not came:
            return False
        # What the rounds before sent on stands in one list with this.
        name = pool.code
        before = next((f for f in turn.decision.follow_ups if f.name == name), None)
        lots = [
            sent
            for currency in sorted(came)
            for sent in send_lots(turn.book, currency, came[currency], "pool")
        ]
        follow_up = contribution(turn.standing, pool, lots)
        if before is not None:
            follow_up.fields["lots"][:0] = before.fields["lots"]
            turn.decision.follow_ups.remove(before)
        turn.decision.follow_ups.append(follow_up)
        return True

    def _ask(self, turn: Turn, pool: Pool) -> None:
        """Ask the pool for what a return could not find, because it lies there."""
        if turn.label not in ("return", "reversal", "referral_back"):
            return
        missing: dict[str, int] = {}
        for m in turn.book.movements:
            taken = m.debit in ("owed", "written_off") and m.credit == "issued"
            if taken and m.currency in pool.currencies:
                missing[m.currency] = missing.get(m.currency, 0) + m.units
        asked = {f.name for f in turn.decision.follow_ups}
        for currency, units in sorted(missing.items()):
            name = f"{pool.code}:{currency}"
            if name in asked:
                continue
            fields = {
                "scheme": pool.code,
                "contributor_id": turn.standing.member.member_id,
                "currency": currency,
                "units": units,
            }
            pool_id = turn.mark(pool.mark)
            turn.decision.follow_ups.append(FollowUp("pool_take", pool_id, fields, name))
