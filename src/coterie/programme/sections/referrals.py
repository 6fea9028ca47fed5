"""Referrals: units for both when somebody whom a member brought does what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor
from coterie.programme.conditions import parse_condition, plain_condition, sentence
from coterie.programme.conditions.kind import label
from coterie.programme.model import Condition, Programme, Words
from coterie.programme.reclaiming import reclaim
from coterie.programme.schema_parts import (
    CODE,
    CONDITION,
    DECIMAL,
    ON,
    WORDS,
    Schema,
    choice,
    mapping,
    whole,
)
from coterie.programme.sections.limits import (
    Limit,
    counts_otherwise,
    limit_of,
    limit_words,
    plain_limit,
    times_limit_schema,
)
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)
from coterie.programme.standing import FollowUp, Sale, follow_up_key
from coterie.programme.turn import Ask, Step, Turn

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme

RETURNED = ("take_back", "keep")


class Gift(Struct, frozen=True):
    """Units of a currency."""

    currency: str
    units: int


class Referral(Struct, frozen=True):
    """Once for every friend: when ``on`` happens and ``when`` held before it, both get units.

    The friend is linked to the other by ``role``. ``within_days``: only so many days after the
    friend enrolled. ``limit`` bounds how often one referrer is rewarded. ``returned`` says what
    becomes of the units when the whole order comes back.
    """

    code: str
    name: Words
    role: str
    on: str
    when: Condition | None
    friend: Gift | None
    referrer: Gift | None
    within_days: int | None
    limit: Limit | None
    returned: str

    @property
    def counter(self) -> str:
        """The counter of the referrer that ``limit`` looks at."""
        return f"referred:{self.code}"

    @property
    def mark(self) -> str:
        """What the friend keeps: the event that qualified (0) and who was rewarded for it (1)."""
        return f"referral:{self.code}"


class Referrals(Section):
    """``referrals:`` by code."""

    code = "referrals"
    noun = "referral"

    def schema(self) -> Schema:
        """Return ``{name, role, on, when, within_days, friend, referrer, limit, returned}``."""
        gift = mapping({"currency": CODE, "units": DECIMAL}, ("currency", "units"))
        return mapping(
            {
                "name": WORDS,
                "role": CODE,
                "on": ON,
                "when": CONDITION,
                "within_days": whole(1, 3660),
                "friend": gift,
                "referrer": gift,
                "limit": times_limit_schema(),
                "returned": choice(*RETURNED),
            },
            ("name",),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Referral:
        """Return the referral."""
        if "friend" not in raw and "referrer" not in raw:
            raise Malformed("give `friend`, `referrer` or both.", where=path)
        if "limit" in raw and "referrer" not in raw:
            raise Malformed("a limit is the referrer's.", where=f"{path}.limit")
        return Referral(
            code,
            words_of(raw["name"]),
            raw.get("role", "referrer"),
            raw.get("on", "order"),
            parse_condition(raw["when"], f"{path}.when") if "when" in raw else None,
            _gift(raw, "friend", path, ground),
            _gift(raw, "referrer", path, ground),
            raw.get("within_days"),
            limit_of(raw["limit"], raw["limit"]["times"]) if "limit" in raw else None,
            raw.get("returned", "take_back"),
        )

    def plain(self, entry: Referral, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        found: dict[str, Any] = {
            "name": plain_words_of(entry.name),
            "role": entry.role,
            "on": entry.on,
        }
        if entry.when is not None:
            found["when"] = plain_condition(entry.when)
        if entry.within_days is not None:
            found["within_days"] = entry.within_days
        for key, gift in (("friend", entry.friend), ("referrer", entry.referrer)):
            if gift is not None:
                units = format_minor(gift.units, programme.currencies[gift.currency].scale)
                found[key] = {"currency": gift.currency, "units": units}
        if entry.limit is not None:
            found["limit"] = plain_limit(entry.limit)
        found["returned"] = entry.returned
        return found

    def check(self, entry: Referral, path: str, checker: Checker) -> None:
        """Refuse names nobody declares, and nothing to give; warn of rewards without end."""
        programme = checker.programme
        for key, gift in (("friend", entry.friend), ("referrer", entry.referrer)):
            if gift is None:
                continue
            known = programme.currencies
            checker.named("currency", gift.currency, "currencies", known, f"{path}.{key}.currency")
            if gift.units == 0:
                checker.find(f"{path}.{key}.units", "a referral gives more than nothing.")
        kind, _, activity = entry.on.partition(":")
        if kind == "activity":
            known_activities = programme.activities
            checker.named("activity", activity, "activities", known_activities, f"{path}.on")
        checker.condition(entry.when, entry.on)
        if entry.referrer is not None and entry.limit is None:
            checker.find(
                path,
                "one member may be rewarded for any number of friends.",
                "a `limit` such as {times: 10, window: year}.",
                warning=True,
            )

    def words(self, entry: Referral, programme: Programme, lang: str) -> str:
        """Say who gets what for what."""
        zh = lang == "zh"
        when = _occasion(entry, programme, lang)
        parts = [_gift_words(entry.friend, programme, lang, "被推荐人" if zh else "the friend")]
        parts.append(
            _gift_words(entry.referrer, programme, lang, "推荐人" if zh else "the referrer")
        )
        given = ("，" if zh else " and ").join(part for part in parts if part)
        if entry.limit is not None:
            most = limit_words(entry.limit, lang)
            given += f"（推荐人{most}）" if zh else f" (the referrer {most})"
        if entry.returned == "take_back":
            back = "；整单退货则收回" if zh else "; taken back when the whole order comes back"
        else:
            back = ""
        back = back if entry.on == "order" else ""
        name = str(getattr(entry.name, lang))
        return f"{name}：{when}，{given}{back}。" if zh else f"{name}: {when}, {given}{back}."

    def breaks(self, old: Referral, new: Referral) -> Iterator[str]:
        """Who brought whom is on record by role."""
        if old.role != new.role:
            yield f"was about the role {old.role!r}; a new referral needs a new code."
        if counts_otherwise(old.limit, new.limit):
            yield "counts over another window now; a new referral needs a new code."

    def step(self, entries: Mapping[str, Referral], cp: CompiledProgramme) -> Step | None:
        """Return the step that looks at what friends do."""
        return _Step(tuple(entries.values()), cp) if entries else None


def _gift(raw: dict[str, Any], key: str, path: str, ground: Ground) -> Gift | None:
    if key not in raw:
        return None
    currency = raw[key]["currency"]
    return Gift(currency, ground.units(raw[key]["units"], currency, f"{path}.{key}.units"))


def _occasion(entry: Referral, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    kind, _, activity = entry.on.partition(":")
    if kind == "order":
        what = "下单" if zh else "orders"
    else:
        named = label(programme.activities.get(activity), activity, lang)
        what = f"完成“{named}”" if zh else f"does “{named}”"
    within = ""
    if entry.within_days is not None:
        days = entry.within_days
        within = f"注册{days}天内" if zh else f" within {days} days of enrolling"
    held = ""
    if entry.when is not None:
        said = sentence(entry.when, lang, programme)
        held = f"且{said}" if zh else f" and {said}"
    if zh:
        return f"被推荐人{within}首次{what}{held}时"
    return f"when a friend first {what}{within}{held}"


def _gift_words(gift: Gift | None, programme: Programme, lang: str, who: str) -> str:
    if gift is None:
        return ""
    currency = programme.currencies[gift.currency]
    units = format_minor(gift.units, currency.scale)
    if lang == "zh":
        return f"{who}获得{units}{currency.name.zh}"
    return f"{who} gets {units} {currency.name.en}"


class _Step(Step):
    def __init__(self, referrals: tuple[Referral, ...], cp: CompiledProgramme) -> None:
        self._referrals = referrals
        self.asks = tuple(Ask.of(r.mark, r.on, r.when, cp.programme) for r in referrals)

    def after(self, turn: Turn) -> bool:
        """Reward what happened for the first time; take back what came back as a whole."""
        if turn.label in ("return", "reversal"):
            return self._back(turn)
        asked = turn.decision.asked
        if not asked:
            return False
        changed = False
        for referral in self._referrals:
            if referral.mark in asked and referral.mark not in turn.standing.counters:
                changed = self._reward(turn, referral) or changed
        return changed

    def _reward(self, turn: Turn, referral: Referral) -> bool:
        member, cp = turn.standing.member, turn.cp
        referrer_id = turn.mark(f"link:{referral.role}")
        if not referrer_id or not cp.states[member.state].earn:
            return False
        days = turn.day - cp.zone.day(member.enrolled_us)
        if referral.within_days is not None and days > referral.within_days:
            return False
        turn.set_mark(referral.mark, turn.seq)
        turn.set_mark(referral.mark, referrer_id, 1)
        gift = referral.friend
        if gift is not None:
            turn.issue(gift.currency, gift.units, "referral", referral.code)
        self._send(turn, referral, "referral", referrer_id)
        return True

    def _back(self, turn: Turn) -> bool:
        gone = {sale.seq: sale.version for sale in turn.decision.sales if _all_back(sale)}
        if turn.decision.undone is not None:
            gone[turn.decision.undone] = turn.standing.undone[turn.decision.undone].version
        changed = False
        for now in self._referrals:
            seq = turn.mark(now.mark)
            if seq not in gone:
                continue
            # What was given is what the version of that moment promised.
            then = turn.programmes.numbered(gone[seq]).programme.parts.get("referrals", {})
            referral = then.get(now.code, now)
            if referral.returned == "keep":
                continue
            referrer_id = turn.mark(referral.mark, 1)
            # Not marked any more: what the friend buys next may qualify again.
            del turn.standing.counters[referral.mark]
            turn.standing.counters_changed = True
            gift = referral.friend
            # What an activity gave its own reversal takes back, whatever it was given for.
            if gift is not None and seq != turn.decision.undone:
                parts = (gift.currency, gift.units, seq, "referral_back", referral.code)
                reclaim(turn.book, turn.cp, turn.standing, *parts)
            self._send(turn, referral, "referral_back", referrer_id, undone=seq)
            changed = True
        return changed

    def _send(
        self, turn: Turn, referral: Referral, kind: str, referrer_id: int, undone: int = 0
    ) -> None:
        gift = referral.referrer
        if gift is None:
            return
        me, code = turn.standing.member.member_id, referral.code
        fields = {
            "referral": code,
            "friend_id": me,
            "currency": gift.currency,
            "units": gift.units,
        }
        undoes = follow_up_key("referral", me, undone, code) if undone else None
        turn.decision.follow_ups.append(FollowUp(kind, referrer_id, fields, code, undoes))


def _all_back(sale: Sale) -> bool:
    """Tell whether nothing of a sale remains bought: by amount, or quantity where it was free."""
    for index, line in enumerate(sale.order.lines):
        quantity, amount = sale.returned.get(index, (0, 0))
        if amount < line.amount_minor or (
            line.amount_minor == 0 and quantity < line.quantity_milli
        ):
            return False
    return True
