"""What is refused of acts.

Refusal
 ├─ ActUnknown                 malformed
 ├─ BadReason                  malformed
 ├─ ActBlocked, PreviewChanged conflict
 └─ ActFailed                  business
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class ActUnknown(Malformed):
    """There is no such act."""

    code = "act_unknown"
    zh = "没有这种操作。"


class BadReason(Malformed):
    """An act needs a reason."""

    code = "bad_reason"
    zh = "请填写操作原因。"


class ActBlocked(Refusal):
    """That cannot be done now."""

    code = "act_blocked"
    zh = "现在不能执行此操作。"
    kind = Kind.CONFLICT


class PreviewChanged(Refusal):
    """What it would do is not what was shown; please look again."""

    code = "preview_changed"
    zh = "执行结果已与预览不同，请重新确认。"
    kind = Kind.CONFLICT


class ActFailed(Refusal):
    """The programme or the record said no."""

    code = "act_failed"
    zh = "操作未能完成。"
    kind = Kind.BUSINESS
