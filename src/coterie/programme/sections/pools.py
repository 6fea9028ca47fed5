"""Pools: members who save together; what becomes of units as they join, spend and leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.programme.model import Programme, Words
from coterie.programme.moving_lots import send_lots
from coterie.programme.pooling import contribution
from coterie.programme.schema_parts import CODE, WORDS, Schema, choice, listing, mapping, whole
from coterie.programme.sections.limits import (
    Limit,
    counts_otherwise,
    limit_of,
    limit_words,
    plain_limit,
    units_limit_schema,
)
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
INVITING = ("anyone", "members", "owner")
_INVITED = {
    "anyone": ("任何人可加入", "anyone may join"),
    "members": ("须由可使用的成员邀请加入", "others join when asked by a member who may spend"),
    "owner": ("须由主理人邀请加入", "others join when asked by an owner"),
}
MEMBERS_MAX = 100
_STAYING = frozenset({"due", "transfer_in", "transfer_back", "reinstate", "merge_in", "unmerge_in"})
"""Of what units that come stay with the member: gifts, corrections, and what due moments bring."""


class Pool(Struct, frozen=True):
    """Units of ``currencies`` go to a member of one of ``kinds``, with those who earned them.

    ``burn``: lots by date, or in proportion to what each contributor has there. ``invite`` says
    who asks others in; with ``asks_who`` every spending names its contributor; ``member_limit``
    is what each may spend of each currency.
    """

    code: str
    name: Words
    currencies: tuple[str, ...]
    kinds: tuple[str, ...]
    burn: str
    members_max: int
    invite: str = "anyone"
    asks_who: bool = False
    member_limit: Limit | None = None

    @property
    def ruled(self) -> bool:
        """Whether not everybody may do everything; then who comes first is the owner."""
        return self.asks_who or self.member_limit is not None or self.invite != "anyone"

    @property
    def limits(self) -> str:
        """What the pool keeps: limits that differ from the programme's, by contributor."""
        return f"pool_limit:{self.code}"

    @property
    def used(self) -> str:
        """How the counters begin that say what a contributor spent."""
        return f"pool_used:{self.code}:"

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
        """Return what is pooled (currencies, kinds), how it burns, and who may do what."""
        return mapping(
            {
                "name": WORDS,
                "currencies": {**listing(CODE, 50, 1), "uniqueItems": True},
                "kinds": {**listing(choice(*KINDS), 3, 1), "uniqueItems": True},
                "burn": choice(*BURNS),
                "members_max": whole(1, MEMBERS_MAX),
                "invite": choice(*INVITING),
                "asks_who": {"type": "boolean"},
                "member_limit": units_limit_schema(),
            },
            ("name", "currencies"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Pool:
        """Return the pool."""
        limit = None
        if "member_limit" in raw:
            given = raw["member_limit"]
            at = f"{path}.member_limit.units"
            limit = limit_of(given, ground.units(given["units"], raw["currencies"][0], at))
        return Pool(
            code,
            words_of(raw["name"]),
            tuple(raw["currencies"]),
            tuple(raw.get("kinds", ("household", "pool"))),
            raw.get("burn", "by_date"),
            raw.get("members_max", 10),
            raw.get("invite", "anyone"),
            raw.get("asks_who", False),
            limit,
        )

    def plain(self, entry: Pool, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        found: dict[str, Any] = {
            "name": plain_words_of(entry.name),
            "currencies": list(entry.currencies),
            "kinds": list(entry.kinds),
            "burn": entry.burn,
            "members_max": entry.members_max,
        }
        if entry.ruled:
            found |= {"invite": entry.invite, "asks_who": entry.asks_who}
        if entry.member_limit is not None:
            scale = programme.currencies[entry.currencies[0]].scale
            found["member_limit"] = plain_limit(entry.member_limit, scale)
        return found

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
        scales = {programme.currencies[c].scale for c in entry.currencies if c in known}
        if entry.member_limit is not None and len(scales) > 1:
            checker.find(f"{path}.member_limit", "the currencies count in different units.")

    def words(self, entry: Pool, programme: Programme, lang: str) -> str:
        """Say what is pooled and how it is spent."""
        zh = lang == "zh"
        names = [str(getattr(programme.currencies[c].name, lang)) for c in entry.currencies]
        listed = ("、" if zh else " and ").join(names)
        if zh:
            how = "按到期先后" if entry.burn == "by_date" else "按各成员贡献比例"
            return (
                f"{entry.name.zh}：最多{entry.members_max}位成员共用{listed}，{how}扣减；"
                f"退出时取回本人剩余部分，等级仍按个人计算。{_may(entry, programme, lang)}"
            )
        how = "by date" if entry.burn == "by_date" else "in proportion to what each has there"
        return (
            f"{entry.name.en}: up to {entry.members_max} members share {listed}, spent {how}; "
            "who leaves takes what is left of their own; tiers stay with each member."
            f"{_may(entry, programme, lang)}"
        )

    def breaks(self, old: Pool, new: Pool) -> Iterator[str]:
        """Units of a currency that is pooled lie with pools; what was counted keeps its window."""
        if counts_otherwise(old.member_limit, new.member_limit):
            yield f"the limit of {old.code} counts what was spent in another window."
        for currency in old.currencies:
            if currency not in new.currencies:
                yield f"pools hold {currency}; it cannot be taken out."

    def step(self, entries: Mapping[str, Pool], cp: CompiledProgramme) -> Step | None:
        """Return the step that sends on what members of pools earn."""
        del cp
        return _Step(tuple(entries.values())) if entries else None


def _may(entry: Pool, programme: Programme, lang: str) -> str:
    """Say who may do what, where not everybody may do everything."""
    if not entry.ruled:
        return ""
    zh = lang == "zh"
    parts = [_INVITED[entry.invite][0 if zh else 1]]
    if entry.asks_who:
        parts.append("每次使用须写明由哪位成员使用" if zh else "every spending names its member")
    if entry.member_limit is not None:
        scale = programme.currencies[entry.currencies[0]].scale
        told = limit_words(entry.member_limit, lang, scale)
        parts.append(f"每位成员{told}" if zh else f"each spends {told} unless told otherwise")
    if zh:
        return "先加入者为主理人，可调整他人权限；" + "，".join(parts) + "；仅储蓄者不可使用。"
    return (
        " The first to join is the owner, who changes what others may; "
        f"{', '.join(parts)}; who only saves spends nothing."
    )


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
