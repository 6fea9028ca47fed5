"""What changes settings. Every function runs in the caller's transaction and never commits."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.settings import rules, store
from coterie.settings.errors import BadImage
from coterie.settings.model import Brand, BrandChange
from coterie.storage import Connection

IMAGES_MAX = 50


def save_brand(db: Connection, change: BrandChange, *, now_us: int) -> Brand:
    """Change the brand and return it. Raises :class:`BadBrand`."""
    brand = rules.changed(store.lock_brand(db), change)
    store.save_brand(db, brand, now_us)
    return brand


def save_image(db: Connection, slot: str, content: bytes, *, now_us: int) -> None:
    """Put an image into a slot. Raises :class:`BadImage`."""
    rules.check_slot(slot)
    measured = rules.measure(content)
    if store.count_images(db, slot) >= IMAGES_MAX:
        raise BadImage(f"There are {IMAGES_MAX} images already.")
    store.save_image(db, slot, content, measured, now_us)


def remove_image(db: Connection, slot: str) -> bool:
    """Take an image out of its slot; tell whether there was one."""
    return store.delete_image(db, slot)


def save_hosts(db: Connection, hosts: Sequence[str]) -> tuple[str, ...]:
    """Save the names under which the site answers, and return them. Raises :class:`BadHosts`."""
    names = rules.check_hosts(hosts)
    store.save_hosts(db, names)
    return names
