"""A brand as its pages show it."""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

DEFAULT_COLOUR = "#1d5fbf"
CARD_FACE = re.compile(r"card(-[a-z0-9_]{1,40})?")


class Slot(StrEnum):
    """Places for an image; a card face of a tier is ``card-<tier>``."""

    LOGO = "logo"
    """The mark in the header; shown up to 32 px high."""
    CARD = "card"
    """The face of a member's card where the tier has none of its own."""


class ImageLine(Struct, frozen=True):
    """An image without its bytes; ``sha256`` (hex) is part of its address."""

    slot: str
    media_type: str
    sha256: str
    bytes: int
    width: int
    height: int


class Image(Struct, frozen=True):
    """An image as it is sent."""

    media_type: str
    content: bytes


class Brand(Struct, frozen=True):
    """Names are empty where the programme's are to be shown; ``language`` None: the browser's."""

    name_zh: str = ""
    name_en: str = ""
    colour: str = DEFAULT_COLOUR
    card_colour: str = DEFAULT_COLOUR
    language: str | None = None
    images: tuple[ImageLine, ...] = ()

    def name(self, language: str) -> str:
        """Return the name in ``zh`` or ``en``; empty where the programme's is to be shown."""
        return self.name_zh if language == "zh" else self.name_en

    def image(self, slot: str) -> ImageLine | None:
        """Return the image in a slot."""
        return next((each for each in self.images if each.slot == slot), None)


class BrandChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; None leaves a setting as it is. ``language`` empty: the browser's."""

    name_zh: str | None = None
    name_en: str | None = None
    colour: str | None = None
    card_colour: str | None = None
    language: str | None = None
