"""What a promise gives: units, pieces of a reward without paying, or a benefit in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor
from coterie.programme.conditions.kind import label
from coterie.programme.giving import issue
from coterie.programme.model import Programme, Words
from coterie.programme.saying import pick
from coterie.programme.schema_parts import CODE, DECIMAL, WORDS, Schema, whole
from coterie.programme.sections.rewards import GRANTED
from coterie.programme.sections.section import plain_words_of, words_of

if TYPE_CHECKING:
    from coterie.ledger import Book
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.ground import Checker, Ground
    from coterie.programme.standing import Standing

QUANTITY_MAX = 1_000
KEYS = ("currency", "units", "reward", "quantity", "benefit")


class Gift(Struct, frozen=True):
    """Exactly one of ``units`` of ``currency``, ``quantity`` pieces of ``reward``, ``benefit``."""

    currency: str | None = None
    units: int = 0
    reward: str | None = None
    quantity: int = 1
    benefit: Words | None = None


def gift_properties() -> dict[str, Schema]:
    """Return the keys by which a gift is written."""
    return {
        "currency": CODE,
        "units": DECIMAL,
        "reward": CODE,
        "quantity": whole(1, QUANTITY_MAX),
        "benefit": WORDS,
    }


def gift_of(raw: dict[str, Any], path: str, ground: Ground) -> Gift:
    """Return the gift that the keys of a mapping say; raises ``Malformed``."""
    if sum(key in raw for key in ("units", "reward", "benefit")) != 1:
        raise Malformed("give one of `units`, `reward` and `benefit`.", where=path)
    if ("currency" in raw) != ("units" in raw):
        raise Malformed("`currency` goes with `units`.", where=path)
    if "quantity" in raw and "reward" not in raw:
        raise Malformed("`quantity` goes with `reward`.", where=f"{path}.quantity")
    if "units" in raw:
        units = ground.units(raw["units"], raw["currency"], f"{path}.units")
        return Gift(raw["currency"], units)
    if "reward" in raw:
        return Gift(reward=raw["reward"], quantity=raw.get("quantity", 1))
    return Gift(benefit=words_of(raw["benefit"]))


def plain_gift(gift: Gift, programme: Programme) -> dict[str, Any]:
    """Return a gift as it is written."""
    if gift.currency is not None:
        scale = programme.currencies[gift.currency].scale
        return {"currency": gift.currency, "units": format_minor(gift.units, scale)}
    if gift.reward is not None:
        return {"reward": gift.reward, "quantity": gift.quantity}
    assert gift.benefit is not None
    return {"benefit": plain_words_of(gift.benefit)}


def check_gift(gift: Gift, path: str, noun: str, checker: Checker) -> None:
    """Refuse names nobody declares, and nothing to give."""
    programme = checker.programme
    if gift.currency is not None:
        currencies = programme.currencies
        checker.named("currency", gift.currency, "currencies", currencies, f"{path}.currency")
        if gift.units == 0:
            checker.find(f"{path}.units", f"{noun} gives more than nothing.")
    if gift.reward is not None:
        rewards = programme.parts.get("rewards", {})
        checker.named("reward", gift.reward, "rewards", rewards, f"{path}.reward")


def gift_words(gift: Gift, programme: Programme, lang: str) -> str:
    """Say what is given: ``5000 Points``, ``2 × Free drink``, a benefit."""
    zh = lang == "zh"
    if gift.currency is not None:
        currency = programme.currencies[gift.currency]
        units, unit = format_minor(gift.units, currency.scale), pick(currency.name, lang)
        return f"{units}{unit}" if zh else f"{units} {unit}"
    if gift.reward is not None:
        name = label(programme.parts["rewards"].get(gift.reward), gift.reward, lang)
        if gift.quantity == 1:
            return f"“{name}”一份" if zh else name
        return f"“{name}”{gift.quantity}份" if zh else f"{gift.quantity} × {name}"
    return pick(gift.benefit, lang)


def hand_over(
    gift: Gift,
    times: int,
    book: Book,
    cp: CompiledProgramme,
    standing: Standing,
    place: tuple[int, int],
    reason: str,
    code: str,
) -> None:
    """Give a gift so many times; ``place`` is the event's sequence number and business day.

    A reward becomes a right to redeem without paying. A benefit in words leaves no trace here: who
    provides it reads the event.
    """
    if gift.currency is not None:
        issue(book, cp, standing, gift.currency, gift.units * times, reason, code, *place)
    elif gift.reward is not None:
        marks = standing.counters.setdefault(f"{GRANTED}{gift.reward}", {})
        marks[0] = marks.get(0, 0) + gift.quantity * times
        standing.counters_changed = True
