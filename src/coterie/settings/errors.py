"""What settings cannot be.

Refusal
 └─ Malformed: BadBrand, BadImage, BadHosts
"""

from __future__ import annotations

from coterie.kernel.errors import Malformed


class BadBrand(Malformed):
    """The brand's settings cannot be so."""

    code = "bad_brand"
    zh = "品牌设置无法使用。"


class BadImage(Malformed):
    """This image cannot be used."""

    code = "bad_image"
    zh = "此图片无法使用。"


class BadHosts(Malformed):
    """These host names cannot be used."""

    code = "bad_hosts"
    zh = "这些域名无法使用。"
