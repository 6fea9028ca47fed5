"""The brand's settings: names, colours, images; and the names the pages answer under."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from coterie.console.visitors import actor_of, acts_of
from coterie.kernel.errors import Refusal
from coterie.settings import IMAGE_BYTES_MAX, Slot, tints
from coterie.web import Ask, Choice, Entry, File, Pages, Reply, Text, blank, pick, status_of

PAGES = Pages()
WHERE = "/settings/brand"
BRAND = (
    Text("name_zh", most=60, required=False),
    Text("name_en", most=60, required=False),
    Text("colour", most=7),
    Text("card_colour", most=7),
    Choice("language", ("zh", "en")),
)
SLOT = Text("slot", most=45)
IMAGE = (SLOT, File("image"))
HOSTS = (Text("hosts", most=5_000, lines=True, required=False),)


@PAGES.get(WHERE, needs="settings:read")
def brand(ask: Ask) -> Reply:
    """Show the settings, and how a button and a card look with them."""
    return _page(ask)


@PAGES.post(WHERE, needs="settings:write")
def change(ask: Ask) -> Reply:
    """Change names, colours and language."""
    entry = ask.form.read(BRAND)
    if entry.good:
        given = {field.name: entry[field.name] or "" for field in BRAND}
        given["colour"], given["card_colour"] = (
            given["colour"].lower(),
            given["card_colour"].lower(),
        )
        _act(ask, entry, "brand.set", given)
    return _after(ask, entry, "brand.saved", brand=entry)


@PAGES.post(f"{WHERE}/image", needs="settings:write", body_max=IMAGE_BYTES_MAX + 64 * 1024)
def put_image(ask: Ask) -> Reply:
    """Show an image."""
    entry = ask.form.read(IMAGE)
    if entry.good:
        given = {"slot": entry["slot"], "content": entry["image"].content}
        _act(ask, entry, "brand.image", given)
    return _after(ask, entry, "brand.image_saved", image=entry)


@PAGES.post(f"{WHERE}/image/remove", needs="settings:write")
def remove_image(ask: Ask) -> Reply:
    """Show an image no more."""
    entry = ask.form.read((SLOT,))
    if entry.good:
        _act(ask, entry, "brand.remove_image", {"slot": entry["slot"]})
    return _after(ask, entry, "brand.image_removed", image=entry)


@PAGES.post(f"{WHERE}/hosts", needs="settings:write")
def change_hosts(ask: Ask) -> Reply:
    """Answer under other names, one a line."""
    entry = ask.form.read(HOSTS)
    if entry.good:
        _act(ask, entry, "site.hosts", {"names": (entry["hosts"] or "").split()})
    return _after(ask, entry, "brand.hosts_saved", hosts=entry)


def _act(ask: Ask, entry: Entry, act: str, args: Mapping[str, Any]) -> None:
    try:
        acts_of(ask).perform(
            ask.db,
            actor_of(ask),
            act,
            args,
            reason=ask.t("brand.reason"),
            key=secrets.token_hex(16),
        )
    except Refusal as refusal:
        entry.refusal = refusal


def _after(ask: Ask, entry: Entry, said: str, **entries: Entry) -> Reply:
    if entry.good:
        ask.site.forget()
        return ask.redirect(WHERE, said=said)
    refusal = entry.refusal
    return _page(ask, 422 if refusal is None else status_of(refusal.code, refusal.kind), **entries)


def _page(ask: Ask, status: int = 200, **entries: Entry) -> Reply:
    told = ask.brand
    names = {
        "name_zh": told.name_zh,
        "name_en": told.name_en,
        "colour": told.colour,
        "card_colour": told.card_colour,
        "language": told.language or "en",
    }
    return ask.page(
        "console/brand.html",
        status,
        entry=entries.get("brand") or blank(BRAND, **names),
        image=entries.get("image") or blank(IMAGE),
        hosts=entries.get("hosts") or blank(HOSTS, hosts="\n".join(sorted(ask.facts.hosts))),
        slots=_slots(ask),
        tints=tints(told),
    )


def _slots(ask: Ask) -> list[tuple[str, str]]:
    """Return the places for images: the logo, the card, and a card for each tier."""
    slots = [(Slot.LOGO.value, ask.t("brand.logo")), (Slot.CARD.value, ask.t("brand.card"))]
    ladders = {} if ask.programme is None else ask.programme.parts.get("ladders", {})
    for ladder in ladders.values():
        for tier in ladder.tiers:
            name = pick(tier.name, ask.language)
            slots.append((f"card-{tier.code}", ask.t("brand.card_of", tier=name)))
    return slots
