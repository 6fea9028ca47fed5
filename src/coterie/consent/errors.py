"""What is refused about consents.

Refusal
 ├─ BadWording        malformed
 └─ WordingUnknown    not found
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class BadWording(Malformed):
    """Nobody can be asked this."""

    code = "bad_wording"
    zh = "不能以此征询同意。"


class WordingUnknown(Refusal):
    """There is no such wording to agree to."""

    code = "wording_unknown"
    zh = "没有这一征询文本。"
    kind = Kind.NOT_FOUND
