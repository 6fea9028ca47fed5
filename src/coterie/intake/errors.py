"""What the path of events refuses, whatever the event.

Refusal
 ├─ Busy, NoProgramme   not now: the same call, with the same key, may succeed later
 ├─ SourceMismatch      forbidden
 └─ BatchTooLarge       too large
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal

RETRY_AFTER_S = 1
"""How long a caller is asked to wait before it tries again."""


class Busy(Refusal):
    """There is too much to do at the moment; send the same again a little later."""

    code = "busy"
    zh = "当前处理量已满，请稍后原样重发。"
    kind = Kind.BUSY


class NoProgramme(Refusal):
    """No programme is published yet; publish one with `coterie programme publish`."""

    code = "no_programme"
    zh = "尚未发布会员方案；请用 `coterie programme publish` 发布。"
    kind = Kind.BUSY


class BeingCounted(Refusal):
    """New metrics are being counted for this member; merge a little later."""

    code = "being_counted"
    zh = "正在为该会员统计新指标，请稍后再合并。"
    kind = Kind.BUSY


class SourceMismatch(Refusal):
    """A key sends events of its own source only."""

    code = "source_mismatch"
    zh = "密钥只能发送其自身来源的事件。"
    kind = Kind.FORBIDDEN


class BatchTooLarge(Refusal):
    """A batch holds at most 1,000 events."""

    code = "batch_too_large"
    zh = "一批最多 1,000 个事件。"
    kind = Kind.TOO_LARGE
