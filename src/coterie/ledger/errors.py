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


class NotTransferable(Refusal):
    """Units of this currency cannot be given to others."""

    code = "not_transferable"


class NotSpendable(Refusal):
    """Units of this currency cannot be spent."""

    code = "not_spendable"


class DebtRefused(Refusal):
    """More is taken back than the member has, and the currency allows no debt."""

    code = "debt_refused"


class HoldUnknown(Refusal):
    """The member has no hold of this name."""

    code = "hold_unknown"


class HoldFinished(Refusal):
    """The hold was captured, released or has lapsed."""

    code = "hold_finished"


class HoldExists(Refusal):
    """The member has or had a hold of this name."""

    code = "hold_exists"


class NothingToUndo(Refusal):
    """There is no such event of this member that can be undone."""

    code = "nothing_to_undo"


class AlreadyUndone(Refusal):
    """The event was undone before."""

    code = "already_undone"


class NotLapsed(Refusal):
    """Fewer units have lapsed than should be reinstated."""

    code = "not_lapsed"


class ExpiresTooSoon(Refusal):
    """The date lies before the day of the event."""

    code = "expires_too_soon"
