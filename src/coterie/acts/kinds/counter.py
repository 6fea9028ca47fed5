"""What a clerk may take back alone: what was just sent at a till of the same store."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from coterie.acts.kinds.units import Reverse, ReverseEvent
from coterie.acts.model import Context, Preview
from coterie.events import read_recorded
from coterie.kernel.time import MINUTE_US
from coterie.staff import Permission
from coterie.storage import Connection

SOURCE = "counter"
"""The source of everything a till sends."""
UNDO_MINUTES = 15
_KINDS = frozenset({"order", "return"})


class UndoneSale(ReverseEvent, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sale to be undone; ``asked_us`` is when the clerk asked, however late somebody agrees."""

    asked_us: Annotated[int, Meta(ge=0, le=2**62)]


class _Placed(msgspec.Struct):
    store: str | None = None


class UndoSale(Reverse):
    """Undo a sale or a return of this store's tills within minutes; a clerk may."""

    code = "till.undo"
    zh, en = "撤销收银台交易", "undo a sale of the till"
    permission = Permission.TILL_USE
    args: type[ReverseEvent] = UndoneSale

    def preview(self, db: Connection, context: Context, args: ReverseEvent) -> Preview:
        """Try the reversal of what a till had just sent."""
        assert isinstance(args, UndoneSale)
        found = read_recorded(db, args.member_id, args.seq)
        target = f"member:{args.member_id}"
        if found.source != SOURCE or found.kind not in _KINDS:
            return Preview(target, blocked="Only what a till sent is undone at a till.")
        asked_us = min(args.asked_us, context.now_us)
        if asked_us - found.received_us > UNDO_MINUTES * MINUTE_US:
            return Preview(target, blocked=f"A till undoes for {UNDO_MINUTES} minutes.")
        return super().preview(db, context, args)

    def store(self, db: Connection, args: ReverseEvent) -> str | None:
        """Return where it was sold."""
        found = read_recorded(db, args.member_id, args.seq)
        return msgspec.json.decode(found.payload, type=_Placed).store
