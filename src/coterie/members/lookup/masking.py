"""What of a name or a number is shown to who may not see all of it. Pure."""

from __future__ import annotations

from coterie.members.lookup.spelling import is_hanzi


def masked_name(name: str | None) -> str | None:
    """Return the surname of a Chinese name, the first letter of every other word."""
    if not name:
        return name
    if is_hanzi(name[0]):
        return name[0] + "*" * (len(name) - 1)
    return " ".join(word[0] + "*" * min(len(word) - 1, 3) for word in name.split())


def masked_value(kind: str, value: str) -> str:
    """Return so much of an identity that its owner would recognise it."""
    if kind == "email":
        local, _, domain = value.partition("@")
        return f"{local[:1]}***@{domain}"
    if len(value) <= 4:
        return "****"
    if kind == "phone" and len(value) > 10:
        return f"{value[:-8]}****{value[-4:]}"
    return f"****{value[-4:]}"
