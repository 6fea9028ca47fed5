"""What values and tiers are called, in the words of the programme."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from coterie.programme.conditions.kind import label
from coterie.programme.model import Field, Programme

_SAID = {"zh": ("否", "是"), "en": ("no", "yes")}


def value_label(declared: Field | None, value: Any, lang: str) -> str:
    """Return what a value of an attribute or a field is called; itself where it has no name."""
    if isinstance(value, bool):
        return _SAID[lang][value]
    named = None if declared is None else declared.names.get(str(value))
    return str(value) if named is None else str(getattr(named, lang))


def tier_label(programme: Programme, ladder: str, tier: str, lang: str) -> str:
    """Return what a tier is called; its code where nobody declares it."""
    declared = programme.parts.get("ladders", {}).get(ladder)
    tiers = {} if declared is None else {each.code: each for each in declared.tiers}
    return label(tiers.get(tier), tier, lang)


def chosen_by(
    attribute: str | None, ladder: str | None, programme: Programme, lang: str
) -> tuple[str, Callable[[str], str]]:
    """Return what an attribute, or else a ladder, is called, and how its values or tiers are."""
    if attribute is None:
        ladder = ladder or ""
        declared = programme.parts.get("ladders", {}).get(ladder)
        return label(declared, ladder, lang), partial(tier_label, programme, ladder, lang=lang)
    found = programme.attributes.get(attribute)
    return label(found, attribute, lang), partial(value_label, found, lang=lang)
