"""The card that a member shows: its number, and the same as QR code and as Code 128."""

from __future__ import annotations

from typing import NamedTuple

import segno
from barcode import get_barcode_class
from markupsafe import Markup

from coterie.members import Identity

BAR_HEIGHT = 60
_QUIET = 10
"""Modules of white that Code 128 wants at either side."""


class Card(NamedTuple):
    """A card: its number in groups of four, and two drawings of it without any style inline."""

    number: str
    qr: Markup
    bars: Markup


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
