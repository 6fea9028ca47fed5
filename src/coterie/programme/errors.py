"""What is refused about a programme's text, and what its rules refuse about an event.

Refusal
 ├─ ProgrammeInvalid                  malformed: what is wrong with a text, all of it at once
 ├─ VersionRefused                    conflict: a version that may not follow the last one
 ├─ VersionUnknown                    not found
 ├─ UndeclaredName, WrongValue        malformed: the event does not speak the programme's language
 ├─ ReturnUnmatched, ReturnTooLate    business
 ├─ BelowMinimum, LimitReached        business
 ├─ NotOffered, NothingToChoose       business
 ├─ ShareExceeded                     business
 ├─ SelfTransfer, SelfLink            business
 ├─ ReferralLimit, MergeBlocked       business
 └─ Pooled, NotAPool, PoolFull,
    PoolForbids                       business
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coterie.kernel.errors import Kind, Malformed, Refusal
from coterie.programme.findings import Finding

FINDINGS_SHOWN = 100


class ProgrammeInvalid(Malformed):
    """The programme cannot be used as it is written."""

    code = "programme_invalid"
    zh = "会员方案按此写法不能使用。"

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Keep what was found; the message names all of it, up to a bound."""
        self.findings: Sequence[Finding] = tuple(findings)
        shown = [str(finding) for finding in self.findings[:FINDINGS_SHOWN]]
        if len(self.findings) > FINDINGS_SHOWN:
            shown.append(f"and {len(self.findings) - FINDINGS_SHOWN} more")
        super().__init__("\n" + "\n".join(shown), findings=shown)


class VersionRefused(Refusal):
    """The programme cannot follow the version that is published."""

    code = "version_refused"
    zh = "该方案不能接续已发布的版本。"
    kind = Kind.CONFLICT


class VersionUnknown(Refusal):
    """There is no such version of the programme."""

    code = "version_unknown"
    zh = "方案没有此版本。"
    kind = Kind.NOT_FOUND


class BackfillOutdated(Refusal):
    """Something happened to the member since the metric was counted; count again."""

    code = "backfill_outdated"
    zh = "统计之后该会员又有新事件；请重新统计。"
    kind = Kind.CONFLICT


class UndeclaredName(Malformed):
    """The programme declares no such name."""

    code = "undeclared_name"
    zh = "方案中没有声明这个名称。"


class WrongValue(Malformed):
    """The value is not one the programme declares."""

    code = "wrong_value"
    zh = "该值不在方案声明的范围内。"


class ReturnUnmatched(Refusal):
    """What comes back was not bought, or came back before."""

    code = "return_unmatched"
    zh = "退回的商品未曾购买，或已退回。"


class SaleUnknown(Refusal):
    """The member has no sale of this name."""

    code = "sale_unknown"
    zh = "该会员没有这笔销售。"


class SelfTransfer(Refusal):
    """A member cannot transfer units to themselves."""

    code = "self_transfer"
    zh = "会员不能把单位转给自己。"


class MergeBlocked(Refusal):
    """A member with units on hold, or in a pool, cannot be merged."""

    code = "merge_blocked"
    zh = "该会员有冻结中的单位或在共享池中，不能合并。"


class Pooled(Refusal):
    """The member's pools do not allow this."""

    code = "pooled"
    zh = "该会员的共享池状态不允许此操作。"


class NotAPool(Refusal):
    """This member cannot pool for the other."""

    code = "not_a_pool"
    zh = "该会员不能作为对方的共享池。"


class PoolFull(Refusal):
    """The pool has as many members as the programme allows."""

    code = "pool_full"
    zh = "共享池成员已满。"


class PoolForbids(Refusal):
    """The pool does not let this member do that."""

    code = "pool_forbids"
    zh = "共享池未授权该成员进行此操作。"


class SelfLink(Refusal):
    """A member is not linked to themselves."""

    code = "self_link"
    zh = "会员不能与自己建立关联。"


class ReferralLimit(Refusal):
    """The member has been rewarded for as many friends as the programme allows."""

    code = "referral_limit"
    zh = "推荐奖励次数已达方案上限。"


class BelowMinimum(Refusal):
    """This is less than the programme lets go at once."""

    code = "below_minimum"
    zh = "未达到会员方案规定的最低数量。"


class LimitReached(Refusal):
    """The member has had as many as the programme gives in this time."""

    code = "limit_reached"
    zh = "会员在此期间已达到会员方案的上限。"


class ShareExceeded(Refusal):
    """This would pay more of the bill than the reward may."""

    code = "share_exceeded"
    zh = "抵扣金额超过该奖励可支付的账单比例。"


class NotOffered(Refusal):
    """The programme does not offer this to the member now."""

    code = "not_offered"
    zh = "会员方案目前不向该会员提供此项。"


class NothingToChoose(Refusal):
    """The member has nothing to choose there."""

    code = "nothing_to_choose"
    zh = "会员在此没有可选的奖励。"


class Waits(Exception):
    """The event waits for a decision; nothing has changed."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Say what it waits for: ``late`` or ``unmatched_return``."""
        self.reason = reason
        self.detail = detail
        super().__init__(reason)
