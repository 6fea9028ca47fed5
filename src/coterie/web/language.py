"""Which of the two languages a reader gets, by what was chosen or what the browser asks for."""

from __future__ import annotations

import re

LANGUAGES = ("zh", "en")
TAGS = {"zh": "zh-CN", "en": "en"}
_WANTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")
_PARTS_MAX = 20


def wanted_language(accept_language: str, otherwise: str = "en") -> str:
    """Return ``zh`` or ``en``: what ``Accept-Language`` prefers, else ``otherwise``."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")[:_PARTS_MAX]):
        if (match := _WANTED.fullmatch(part)) and match[1].lower() in LANGUAGES:
            wanted.append((-float(match[2] or 1), place, match[1].lower()))
    return min(wanted)[2] if wanted else otherwise
