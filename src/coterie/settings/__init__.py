"""What a brand decides about its pages: name, colours, logo and card faces, host names.

Owns the schema ``settings``. Invariants: a colour is one that its text can be read on (WCAG AA); an
image is what its first bytes say and within its bounds; the secret that seals forms and cookies is
made once, by the database itself. Nothing here belongs to a member or to a programme's version.

Does not promise that a change shows at once in another process: within some seconds it does.
"""

from coterie.settings.actions import remove_image, save_brand, save_hosts, save_image
from coterie.settings.errors import BadBrand, BadHosts, BadImage
from coterie.settings.model import Brand, BrandChange, Image, ImageLine, Slot
from coterie.settings.rules import (
    IMAGE_BYTES_MAX,
    changed,
    check_hosts,
    check_slot,
    contrast,
    ink_on,
    measure,
    readable_on,
    tints,
)
from coterie.settings.views import list_images, read_brand, read_hosts, read_image, read_secret

__all__ = [
    "IMAGE_BYTES_MAX",
    "BadBrand",
    "BadHosts",
    "BadImage",
    "Brand",
    "BrandChange",
    "Image",
    "ImageLine",
    "Slot",
    "changed",
    "check_hosts",
    "check_slot",
    "contrast",
    "ink_on",
    "list_images",
    "measure",
    "read_brand",
    "read_hosts",
    "read_image",
    "read_secret",
    "readable_on",
    "remove_image",
    "save_brand",
    "save_hosts",
    "save_image",
    "tints",
]
