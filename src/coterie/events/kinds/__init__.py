"""Every kind of event there is, and which of them only Coterie itself makes.

The envelope and what happens to one member alone stand in the room's model; kinds with a life of
their own have a file here.
"""

from __future__ import annotations

from coterie.events.kinds.choices import Assign, OptIn, TagChange
from coterie.events.kinds.counted import Backfill
from coterie.events.kinds.opening import OpeningMetrics
from coterie.events.kinds.others import Link, MergeIn, Referral, ReferralBack, Unmerge, UnmergeIn
from coterie.events.kinds.pools import (
    PoolBack,
    PoolChange,
    PoolIn,
    PoolJoin,
    PoolLeave,
    PoolOut,
    PoolRepay,
    PoolShare,
    PoolTake,
)
from coterie.events.model import (
    Activity,
    Adjustment,
    AttributeChange,
    Capture,
    Choose,
    Confirm,
    Convert,
    Due,
    Event,
    Exchange,
    Extend,
    Hold,
    OpeningBalance,
    Order,
    Redeem,
    Reinstate,
    Release,
    Return,
    Reversal,
    Spend,
    StateChange,
    StatusChange,
    Transfer,
    TransferBack,
    TransferIn,
)

__all__ = ["INTERNAL_KINDS", "KINDS", "AnyEvent"]

AnyEvent = (
    Order
    | Return
    | Adjustment
    | OpeningBalance
    | AttributeChange
    | StateChange
    | StatusChange
    | Activity
    | Spend
    | Convert
    | Exchange
    | Redeem
    | Choose
    | Hold
    | Capture
    | Release
    | Confirm
    | Transfer
    | TransferIn
    | TransferBack
    | OptIn
    | Assign
    | TagChange
    | Link
    | Referral
    | ReferralBack
    | MergeIn
    | Unmerge
    | UnmergeIn
    | OpeningMetrics
    | PoolJoin
    | PoolLeave
    | PoolChange
    | PoolIn
    | PoolOut
    | PoolShare
    | PoolBack
    | PoolTake
    | PoolRepay
    | Backfill
    | Extend
    | Reinstate
    | Reversal
    | Due
)

INTERNAL_KINDS = frozenset(
    {
        *("transfer_in", "transfer_back", "referral", "referral_back"),
        *("merge_in", "unmerge_in", "due", "backfill"),
        *("pool_in", "pool_out", "pool_share", "pool_back", "pool_take", "pool_repay"),
    }
)
"""Kinds that follow from something inside and are refused when sent."""

KINDS: dict[str, type[Event]] = {str(cls.__struct_config__.tag): cls for cls in AnyEvent.__args__}
