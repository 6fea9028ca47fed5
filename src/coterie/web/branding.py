"""The brand's colours and images, served as files: a page holds no style of its own."""

from __future__ import annotations

from coterie.settings import read_image, tints
from coterie.web.asking import Ask, Reply
from coterie.web.assets import FOREVER
from coterie.web.errors import PageUnknown
from coterie.web.faces import OPEN, Face, Pages

PAGES = Pages()
_SHORTLY = "public, max-age=60"
_SHEET = """\
:root, [data-bs-theme="light"] {{
  --tblr-primary: {light}; --tblr-primary-rgb: {light_rgb}; --tblr-primary-fg: {light_ink};
  --tblr-primary-darken: color-mix(in srgb, {light}, #000 15%);
  --tblr-link-color: {light}; --tblr-link-color-rgb: {light_rgb};
  --tblr-link-hover-color: color-mix(in srgb, {light}, #000 20%);
  --brand-card: {card}; --brand-card-ink: {card_ink};
}}
[data-bs-theme="dark"] {{
  --tblr-primary: {dark}; --tblr-primary-rgb: {dark_rgb}; --tblr-primary-fg: {dark_ink};
  --tblr-primary-darken: color-mix(in srgb, {dark}, #fff 15%);
  --tblr-link-color: {dark}; --tblr-link-color-rgb: {dark_rgb};
  --tblr-link-hover-color: color-mix(in srgb, {dark}, #fff 20%);
}}
"""


@PAGES.get("/brand/brand.css", needs=OPEN)
def sheet(ask: Ask) -> Reply:
    """Return the colours as custom properties; the address changes with them."""
    colours = tints(ask.brand)
    for name in ("light", "dark"):
        parts = (str(int(colours[name][at : at + 2], 16)) for at in (1, 3, 5))
        colours[f"{name}_rgb"] = ", ".join(parts)
    current = ask.again() == ask.brand_css
    body = _SHEET.format(**colours).encode()
    headers = [("cache-control", FOREVER if current else _SHORTLY)]
    return Reply(200, body, "text/css; charset=utf-8", headers)


@PAGES.get("/brand/{slot:str}/{sha256:str}", needs=OPEN)
def image(ask: Ask) -> Reply:
    """Return an image of the brand by its digest."""
    found = read_image(ask.db, ask.text("slot"), ask.text("sha256"))
    if found is None:
        raise PageUnknown
    return Reply(200, found.content, found.media_type, [("cache-control", FOREVER)])


BRAND = Face("web", "coterie.web", [PAGES])
"""What every site has, whichever faces it shows."""
