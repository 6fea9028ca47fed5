"""What is refused about drafts.

Refusal
 ├─ DraftUnknown                                not found
 ├─ DraftChanged, DraftsFull                    conflict
 └─ BadDraft                                    malformed
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class DraftUnknown(Refusal):
    """There is no such draft."""

    code = "draft_unknown"
    zh = "没有这份草稿。"
    kind = Kind.NOT_FOUND


class DraftChanged(Refusal):
    """Somebody else has saved this draft since you opened it; nothing of yours was saved."""

    code = "draft_changed"
    zh = "您打开之后，其他人已保存过这份草稿；您的修改尚未保存。"
    kind = Kind.CONFLICT


class DraftsFull(Refusal):
    """There are as many drafts as there may be; delete one first."""

    code = "drafts_full"
    zh = "草稿数量已达上限，请先删除不用的草稿。"
    kind = Kind.CONFLICT


class BadDraft(Malformed):
    """A draft cannot be kept like this."""

    code = "bad_draft"
    zh = "草稿不能这样保存。"
