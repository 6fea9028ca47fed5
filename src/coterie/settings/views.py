"""What the settings are."""

from __future__ import annotations

import re

import msgspec

from coterie.settings import store
from coterie.settings.model import Brand, Image, ImageLine
from coterie.storage import Connection

_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_brand(db: Connection) -> Brand:
    """Return the brand, with which images it has."""
    return msgspec.structs.replace(store.read_brand(db), images=store.list_images(db))


def read_hosts(db: Connection) -> frozenset[str]:
    """Return the names under which the site answers, beside this machine's own."""
    return store.read_hosts(db)


def read_secret(db: Connection) -> bytes:
    """Return what seals forms and cookies: 32 bytes, the same for every process."""
    return store.read_secret(db)


def list_images(db: Connection) -> tuple[ImageLine, ...]:
    """Return the images without their bytes."""
    return store.list_images(db)


def read_image(db: Connection, slot: str, sha256: str) -> Image | None:
    """Return the image of a slot if it is still this one (hex digest)."""
    return store.read_image(db, slot, sha256) if _SHA256.fullmatch(sha256) else None
