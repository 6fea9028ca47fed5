"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.settings.model import Brand, Image, ImageLine
from coterie.settings.rules import Measured
from coterie.storage import Connection, load_queries, texts

_queries = load_queries("coterie.settings")


def read_secret(db: Connection) -> bytes:
    """Return the secret of the pages."""
    row = db.execute(_queries.read_secret).fetchone()
    assert row is not None, "the migration makes it"
    return bytes(row[0])


def read_brand(db: Connection) -> Brand:
    """Return the brand without its images."""
    row = db.execute(_queries.read_brand).fetchone()
    return Brand(*row) if row else Brand()


def lock_brand(db: Connection) -> Brand:
    """Return the brand without its images, and hold it until the transaction ends."""
    row = db.execute(_queries.lock_brand).fetchone()
    return Brand(*row) if row else Brand()


def save_brand(db: Connection, brand: Brand, now_us: int) -> None:
    """Save the brand."""
    parameters = {
        "name_zh": brand.name_zh,
        "name_en": brand.name_en,
        "colour": brand.colour,
        "card_colour": brand.card_colour,
        "language": brand.language,
        "now_us": now_us,
    }
    db.execute(_queries.save_brand, parameters)


def list_images(db: Connection) -> tuple[ImageLine, ...]:
    """Return the images without their bytes."""
    return tuple(ImageLine(*row) for row in db.execute(_queries.list_images))


def read_image(db: Connection, slot: str, sha256: str) -> Image | None:
    """Return an image."""
    row = db.execute(_queries.read_image, {"slot": slot, "sha256": sha256}).fetchone()
    return Image(row[0], bytes(row[1])) if row else None


def save_image(db: Connection, slot: str, content: bytes, measured: Measured, now_us: int) -> None:
    """Save an image in a slot."""
    parameters = {
        "slot": slot,
        "media_type": measured.media_type,
        "content": content,
        "width": measured.width,
        "height": measured.height,
        "now_us": now_us,
    }
    db.execute(_queries.save_image, parameters)


def delete_image(db: Connection, slot: str) -> bool:
    """Take an image out of its slot; tell whether there was one."""
    return db.execute(_queries.delete_image, {"slot": slot}).rowcount == 1


def count_images(db: Connection, but: str) -> int:
    """Count the images in other slots."""
    row = db.execute(_queries.count_images, {"slot": but}).fetchone()
    return int(row[0]) if row else 0


def read_hosts(db: Connection) -> frozenset[str]:
    """Return the host names."""
    return frozenset(row[0] for row in db.execute(_queries.read_hosts))


def save_hosts(db: Connection, names: Sequence[str]) -> None:
    """Save the list of host names as a whole."""
    db.execute(_queries.clear_hosts)
    db.execute(_queries.save_hosts, {"names": texts(names)})
