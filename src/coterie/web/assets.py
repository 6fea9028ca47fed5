"""What browsers load of ours: bundles under fingerprinted names, kept by them for good."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple

from coterie.web.errors import PageUnknown

PREFIX = "/assets/"
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
FOREVER = "public, max-age=31536000, immutable"
LICENCES = "LICENSES.txt"


class Asset(NamedTuple):
    """One file as it is sent: ``encoding`` is ``br``, ``gzip`` or empty."""

    content: bytes
    media_type: str
    encoding: str


@cache
def manifest() -> dict[str, str]:
    """Return the fingerprinted names by the plain ones (``app.css``)."""
    file = resources.files("coterie.web") / "assets" / "manifest.json"
    if not file.is_file():
        message = "the assets of the pages were not built: run `make setup`, or install again"
        raise RuntimeError(message)
    return dict(json.loads(file.read_text("utf-8")))


def asset_url(name: str) -> str:
    """Return the address of an asset by its plain name."""
    return PREFIX + manifest()[name]


def read_asset(name: str, accept_encoding: str) -> Asset:
    """Return an asset by its fingerprinted name, as small as the browser takes it.

    Raises :class:`PageUnknown`.
    """
    accepted = {part.split(";")[0].strip() for part in accept_encoding[:200].split(",")}
    encoding = next((each for each in ("br", "gzip") if each in accepted), "")
    return _read(name, encoding)


@cache
def _read(name: str, encoding: str) -> Asset:
    if name == LICENCES:
        encoding = ""
    elif name not in manifest().values():
        raise PageUnknown
    ending = {"br": ".br", "gzip": ".gz", "": ""}[encoding]
    file = resources.files("coterie.web") / "assets" / (name + ending)
    return Asset(file.read_bytes(), TYPES[name.rsplit(".", 1)[1]], encoding)
