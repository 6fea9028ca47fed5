"""Adjusting what members have, undoing an event."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from coterie.acts.errors import ActFailed
from coterie.acts.kind import ActKind, MemberAct
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.acts.sending import envelope, send, told, tried
from coterie.approvals import Policy
from coterie.events import Adjustment, Reversal, read_recorded
from coterie.kernel.errors import Refusal
from coterie.ledger import balances_of
from coterie.members import read_member
from coterie.staff import Permission
from coterie.storage import Connection

MEMBERS_MAX = 1_000
MemberId = Annotated[int, Meta(ge=1, le=2**62)]
Units = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]


class AdjustUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Give (above zero) or take (below) units of a currency."""

    member_id: MemberId
    currency: Code
    units: Units


class Adjust(MemberAct[AdjustUnits]):
    """Adjust one member's units."""

    code = "units.adjust"
    zh, en = "调整积分", "adjust units"
    permission = Permission.LEDGER_ADJUST
    args = AdjustUnits

    def preview(self, db: Connection, context: Context, args: AdjustUnits) -> Preview:
        """Try the event."""
        target = f"member:{args.member_id}"
        return tried(db, context, _adjusting(context, args), target, units=args.units)

    def run(self, db: Connection, context: Context, args: AdjustUnits) -> Done:
        """Send the event; taking back is the opposite adjustment."""
        before = _balance(db, args.member_id, args.currency)
        answer = send(db, context, _adjusting(context, args))
        opposite = AdjustUnits(args.member_id, args.currency, -args.units)
        after = {"units": args.units, "currency": args.currency, **told(answer)}
        return Done({"balance": before}, after, told(answer), Undo(self.code, opposite))

    def eyes(self, policy: Policy, args: AdjustUnits, preview: Preview) -> str | None:
        """Ask for a second person above the bound of the currency."""
        del preview
        return over(policy, args.currency, args.units)


class AdjustMany(Struct, frozen=True, forbid_unknown_fields=True):
    """The same adjustment for each of a list of members."""

    member_ids: Annotated[tuple[MemberId, ...], Meta(min_length=1, max_length=MEMBERS_MAX)]
    currency: Code
    units: Units


class AdjustAll(ActKind[AdjustMany]):
    """Adjust the units of a list of members; each is an event, and one refused stops no other."""

    code = "units.adjust_many"
    zh, en = "批量调整积分", "adjust many members' units"
    permission = Permission.LEDGER_ADJUST
    sends = True
    args = AdjustMany

    def preview(self, db: Connection, context: Context, args: AdjustMany) -> Preview:
        """Try the event of each member."""
        ids = sorted(set(args.member_ids))
        refused: list[str] = []
        for member_id in ids:
            one = AdjustUnits(member_id, args.currency, args.units)
            try:
                found = tried(db, context, _adjusting(context, one), f"member:{member_id}")
            except Refusal as refusal:
                refused.append(f"{member_id}: {refusal.message}")
                continue
            if found.blocked:
                refused.append(f"{member_id}: {found.blocked}")
        good = len(ids) - len(refused)
        changes = (Change(args.currency, None, args.units * good),)
        blocked = None if good else refused[0]
        said = tuple(refused[:20])
        return Preview(
            f"members:{len(ids)}",
            changes,
            good,
            {"units": args.units, "members": ids},
            blocked,
            said,
            said,
        )

    def run(self, db: Connection, context: Context, args: AdjustMany) -> Done:
        """Send the events one by one."""
        done, refused = [], {}
        for member_id in sorted(set(args.member_ids)):
            one = AdjustUnits(member_id, args.currency, args.units)
            try:
                answer = send(db, context, _adjusting(context, one, f":{member_id}"))
            except Refusal as refusal:
                refused[str(member_id)] = refusal.message
            else:
                done.append(answer.event)
        if not done:
            raise ActFailed(next(iter(refused.values())))
        facts = {"done": len(done), "refused": refused}
        after = {"units": args.units, "currency": args.currency, "events": done, **facts}
        undone = tuple(int(str(event).partition(":")[0]) for event in done)
        opposite = AdjustMany(undone, args.currency, -args.units)
        return Done({}, after, facts, Undo(self.code, opposite))

    def eyes(self, policy: Policy, args: AdjustMany, preview: Preview) -> str | None:
        """Ask for a second person for many members, or for many units each."""
        if preview.count > policy.bulk_members_max:
            return "bulk_members_max"
        return over(policy, args.currency, args.units)


class ReverseEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """Undo a recorded event of a member."""

    member_id: MemberId
    seq: Annotated[int, Meta(ge=1, le=2**62)]


class Reverse(MemberAct[ReverseEvent]):
    """Undo an event by a reversal."""

    code = "event.reverse"
    zh, en = "撤销事件", "undo an event"
    permission = Permission.LEDGER_ADJUST
    args: type[ReverseEvent] = ReverseEvent

    def preview(self, db: Connection, context: Context, args: ReverseEvent) -> Preview:
        """Try the reversal."""
        read_recorded(db, args.member_id, args.seq)
        return tried(db, context, _reversing(context, args), f"member:{args.member_id}")

    def run(self, db: Connection, context: Context, args: ReverseEvent) -> Done:
        """Send the reversal."""
        answer = send(db, context, _reversing(context, args))
        return Done({"event": f"{args.member_id}:{args.seq}"}, told(answer), told(answer))

    def eyes(self, policy: Policy, args: ReverseEvent, preview: Preview) -> str | None:
        """Ask for a second person where more units would move than may be adjusted alone."""
        del args
        for change in preview.changes:
            currency, moves, _ = change.what.partition(": ")
            if moves and isinstance(change.after, int) and over(policy, currency, change.after):
                return "adjust_units_max"
        return None


def over(policy: Policy, currency: str, units: int) -> str | None:
    """Return the line of the policy that so many units of a currency are over, or None."""
    bound = policy.adjust_units_max_by.get(currency, policy.adjust_units_max)
    return "adjust_units_max" if abs(units) > bound else None


def _adjusting(context: Context, args: AdjustUnits, suffix: str = "") -> Adjustment:
    return Adjustment(
        **envelope(context, args.member_id, suffix),
        currency=args.currency,
        units=args.units,
        reason=context.reason,
    )


def _reversing(context: Context, args: ReverseEvent) -> Reversal:
    said = envelope(context, args.member_id)
    return Reversal(**said, reverses_seq=args.seq, reason=context.reason)


def _balance(db: Connection, member_id: int, currency: str) -> int:
    read_member(db, member_id)
    return next((b.available for b in balances_of(db, member_id) if b.currency == currency), 0)
