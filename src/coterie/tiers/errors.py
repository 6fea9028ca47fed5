"""What ladders refuse.

Refusal
 ├─ LadderUnknown, TierUnknown, BadStatusChange   malformed
 └─ StatusUnchanged                               business
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class LadderUnknown(Refusal):
    """The programme has no such ladder."""

    code = "ladder_unknown"
    kind = Kind.MALFORMED
    zh = "方案中没有这个等级体系。"


class TierUnknown(Refusal):
    """The ladder has no such tier."""

    code = "tier_unknown"
    kind = Kind.MALFORMED
    zh = "该等级体系中没有这个等级。"


class BadStatusChange(Refusal):
    """The status change does not say what it needs, or says what it cannot use."""

    code = "bad_status_change"
    kind = Kind.MALFORMED
    zh = "等级变更缺少必要内容，或含有不适用的内容。"


class StatusUnchanged(Refusal):
    """The member's status does not allow this change."""

    code = "status_unchanged"
    zh = "会员当前的等级状态不允许此变更。"
