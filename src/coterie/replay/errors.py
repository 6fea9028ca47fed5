"""What a proof refuses."""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class UnknownCheck(Refusal):
    """There is no check of this name."""

    code = "unknown_check"
    zh = "没有这项检查。"
    kind = Kind.MALFORMED
