"""What the ledger refuses.

Refusal
 ├─ InsufficientUnits, NotTransferable, NotSpendable, DebtRefused   business
 ├─ HoldUnknown, HoldFinished, HoldExists                           business
 └─ NothingToUndo, AlreadyUndone, NotLapsed                         business
"""

from __future__ import annotations

from coterie.kernel.errors import Refusal


class InsufficientUnits(Refusal):
    """The member has fewer units than this asks for."""

    code = "insufficient_units"
    zh = "会员的可用单位不足。"


class NotTransferable(Refusal):
    """Units of this currency cannot be given to others."""

    code = "not_transferable"
    zh = "该币种的单位不可转赠。"


class NotSpendable(Refusal):
    """Units of this currency cannot be spent."""

    code = "not_spendable"
    zh = "该币种的单位不可兑换。"


class DebtRefused(Refusal):
    """More is taken back than the member has, and the currency allows no debt."""

    code = "debt_refused"
    zh = "要扣回的单位多于会员所有，而该币种不允许欠分。"


class HoldUnknown(Refusal):
    """The member has no hold of this name."""

    code = "hold_unknown"
    zh = "该会员没有这笔冻结。"


class HoldFinished(Refusal):
    """The hold was captured, released or has lapsed."""

    code = "hold_finished"
    zh = "该冻结已扣除、已解冻或已失效。"


class HoldExists(Refusal):
    """The member has or had a hold of this name."""

    code = "hold_exists"
    zh = "该会员已有或曾有同名冻结。"


class NothingToUndo(Refusal):
    """There is no such event of this member that can be undone."""

    code = "nothing_to_undo"
    zh = "该会员没有这样一条可撤销的事件。"


class AlreadyUndone(Refusal):
    """The event was undone before."""

    code = "already_undone"
    zh = "该事件已被撤销过。"


class NotLapsed(Refusal):
    """Fewer units have lapsed than should be reinstated."""

    code = "not_lapsed"
    zh = "已失效的单位少于要恢复的数量。"


class ExpiresTooSoon(Refusal):
    """The date lies before the day of the event."""

    code = "expires_too_soon"
    zh = "日期早于事件当天。"
