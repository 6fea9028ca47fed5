"""The card that a member shows: its number, and the same as QR code and as Code 128.

A number has a check digit (Luhn, ISO/IEC 7812-1), so that a wrongly typed one finds nobody.
"""

from __future__ import annotations

from typing import NamedTuple

import segno
from barcode import get_barcode_class
from markupsafe import Markup

from coterie.kernel.errors import Refusal
from coterie.members import Identity, IdentityTaken, add_identity
from coterie.storage import Connection

PREFIX = "88"
DIGITS = 10
TRIES_MAX = 20
BAR_HEIGHT = 60
_QUIET = 10
"""Modules of white that Code 128 wants at either side."""


class Card(NamedTuple):
    """A card: its number in groups of four, and two drawings of it without any style inline."""

    number: str
    qr: Markup
    bars: Markup


def luhn(digits: str) -> str:
    """Return the check digit of a row of digits."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = int(char) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def number_for(member_id: int) -> str:
    """Return the card number that a member gets who brought none."""
    digits = f"{PREFIX}{member_id:0{DIGITS}d}"
    return digits + luhn(digits)


def give_card(db: Connection, member_id: int, *, now_us: int) -> str:
    """Let a member be found by a card of our own, and return its number.

    A number that somebody brought from elsewhere is passed over. Raises what
    :func:`~coterie.members.add_identity` raises.
    """
    refusal: Refusal | None = None
    for offset in range(TRIES_MAX):
        try:
            return add_identity(
                db, member_id, "card", number_for(member_id + offset * 10**9), now_us=now_us
            )[1]
        except IdentityTaken as taken:
            refusal = taken
    assert refusal is not None, "there was at least one try"
    raise refusal


def card_of(identities: tuple[Identity, ...]) -> Card | None:
    """Return the card a member shows: the first number that is active, or None."""
    number = next((i.value for i in identities if i.kind == "card" and i.valid_to_us is None), None)
    return None if number is None else draw(number)


def draw(number: str) -> Card:
    """Draw a card's number."""
    grouped = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    qr = segno.make(number, error="m", micro=False).svg_inline(scale=5, border=2, omitsize=True)
    return Card(grouped, Markup(qr), Markup(_bars(number)))  # noqa: S704 - drawn here from bits


def _bars(number: str) -> str:
    modules = get_barcode_class("code128")(number).build()[0]
    width = len(modules) + 2 * _QUIET
    path = "".join(
        f"M{_QUIET + place}.5 0V{BAR_HEIGHT}" for place, bit in enumerate(modules) if bit == "1"
    )
    return (
        f'<svg viewBox="0 0 {width} {BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path stroke="#000" stroke-width="1" d="{path}"/></svg>'
    )
