"""Which colours can be read, which images are images, which names are host names."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

from coterie.settings.errors import BadBrand, BadHosts, BadImage
from coterie.settings.model import CARD_FACE, Brand, BrandChange, Slot

NAME_MAX = 60
AA = 4.5
"""The least contrast of text on its ground (WCAG 2.2, 1.4.3)."""
WHITE, INK, DARK = "#ffffff", "#000000", "#2b2b2b"
"""Text on dark grounds, text on light ones, and the ground of cards in the dark theme."""
IMAGE_BYTES_MAX = 512 * 1024
SIDE_MIN, SIDE_MAX = 16, 2048
HOSTS_MAX = 20
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_STEPS = 50


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: str) -> str:
    """Return white or black, whichever reads better on a ground: one of them always does."""
    return WHITE if contrast(WHITE, ground) >= contrast(INK, ground) else INK


def readable_on(colour: str, ground: str) -> str:
    """Return the colour, moved towards white or black until it can be read as text on a ground."""
    towards = 255 if _luminance(ground) < 0.5 else 0
    parts = _parts(colour)
    for step in range(_STEPS + 1):
        mixed = [part + (towards - part) * step // _STEPS for part in parts]
        found = "#" + "".join(f"{part:02x}" for part in mixed)
        if contrast(found, ground) >= AA:
            return found
    return WHITE if towards else "#000000"


def tints(brand: Brand) -> dict[str, str]:
    """Return the colours made of a brand's: for light and dark grounds, and of text upon them."""
    dark = readable_on(brand.colour, DARK)
    return {
        "light": brand.colour,
        "light_ink": ink_on(brand.colour),
        "dark": dark,
        "dark_ink": ink_on(dark),
        "card": brand.card_colour,
        "card_ink": ink_on(brand.card_colour),
    }


def changed(brand: Brand, change: BrandChange) -> Brand:
    """Return a brand with a change made. Raises :class:`BadBrand`."""
    for where in ("name_zh", "name_en"):
        name = getattr(change, where) or ""
        if len(name) > NAME_MAX or not name.isprintable() or name != name.strip():
            told = f"A name has up to {NAME_MAX} printable characters and no space at its ends."
            raise BadBrand(told, where=where)
    for where in ("colour", "card_colour"):
        _check_colour(getattr(change, where), where)
    if change.language not in {None, "", "zh", "en"}:
        raise BadBrand(f"{change.language!r} is neither zh nor en.", where="language")

    def new(where: str) -> str:
        wanted = getattr(change, where)
        return str(getattr(brand, where) if wanted is None else wanted)

    language = brand.language if change.language is None else change.language or None
    return Brand(
        name_zh=new("name_zh"),
        name_en=new("name_en"),
        colour=new("colour"),
        card_colour=new("card_colour"),
        language=language,
        images=brand.images,
    )


def _check_colour(colour: str | None, where: str) -> None:
    if colour is None:
        return
    if not _COLOUR.fullmatch(colour):
        raise BadBrand(f"{colour!r} is not a colour like #1d5fbf.", where=where)
    if where == "colour" and contrast(colour, WHITE) < AA:
        told = (
            f"As text on white {colour} has a contrast of {contrast(colour, WHITE):.1f}, "
            f"at least {AA} is needed; {readable_on(colour, WHITE)} would do."
        )
        raise BadBrand(told, where=where)


class Measured(NamedTuple):
    """What the first bytes of an image say."""

    media_type: str
    width: int
    height: int


def check_slot(slot: str) -> None:
    """Refuse a place that is none. Raises :class:`BadImage`."""
    if slot != Slot.LOGO and not CARD_FACE.fullmatch(slot):
        raise BadImage(f"{slot!r} is no place for an image: logo, card or card-<tier>.")


def measure(content: bytes) -> Measured:
    """Return what an image is, by its bytes and never by its name. Raises :class:`BadImage`.

    PNG, JPEG and WebP can be used. SVG cannot: it may carry script.
    """
    if len(content) > IMAGE_BYTES_MAX:
        raise BadImage(f"It has {len(content)} bytes, at most {IMAGE_BYTES_MAX} are allowed.")
    found = _png(content) or _jpeg(content) or _webp(content)
    if found is None:
        raise BadImage("It is none of PNG, JPEG and WebP.")
    if not all(SIDE_MIN <= side <= SIDE_MAX for side in found[1:]):
        told = f"It measures {found.width} x {found.height}; {SIDE_MIN} to {SIDE_MAX} are allowed."
        raise BadImage(told)
    return found


def _png(content: bytes) -> Measured | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or content[12:16] != b"IHDR":
        return None
    if len(content) < 24 or not content.endswith(b"IEND\xaeB`\x82"):
        return None
    return Measured("image/png", *struct.unpack(">II", content[16:24]))


def _jpeg(content: bytes) -> Measured | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Measured("image/jpeg", width, height)
        at += 2 + length
    return None


def _webp(content: bytes) -> Measured | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        sides = struct.unpack("<HH", content[26:30])
        width, height = sides[0] & 0x3FFF, sides[1] & 0x3FFF
    else:
        return None
    return Measured("image/webp", width, height)


def check_hosts(hosts: Sequence[str]) -> tuple[str, ...]:
    """Return host names in lower case, once each. Raises :class:`BadHosts`."""
    told = tuple(dict.fromkeys(host.strip().lower() for host in hosts))
    if len(told) > HOSTS_MAX:
        raise BadHosts(f"At most {HOSTS_MAX}.")
    for host in told:
        if not _HOST.fullmatch(host):
            raise BadHosts(f"{host!r} is not a host name (without port).")
    return told


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
