"""What a proof, an explanation and a plan refuse."""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class UnknownCheck(Refusal):
    """There is no check of this name."""

    code = "unknown_check"
    zh = "没有这项检查。"
    kind = Kind.MALFORMED


class RecordDiffers(Refusal):
    """What is recorded cannot be decided again; `coterie verify --replay` says more."""

    code = "record_differs"
    zh = "记录无法重演；详情请运行 coterie verify --replay。"
    kind = Kind.CONFLICT


class NameUnknown(Refusal):
    """No version of the programme declares this name."""

    code = "name_undeclared"
    zh = "方案的任何版本都没有声明这个名称。"
    kind = Kind.NOT_FOUND
