"""The house itself: approval policy, the world's clock, tills."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, to_builtins

from coterie import approvals, staff
from coterie.acts.errors import ActBlocked
from coterie.acts.kind import ActKind
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.approvals import Policy
from coterie.catalogue import check_store
from coterie.kernel.time import format_instant, parse_instant
from coterie.staff import Permission
from coterie.storage import Connection
from coterie.storage.clock import read_setting, set_clock

Text = Annotated[str, Meta(min_length=1, max_length=100)]


class SetPolicy(ActKind[Policy]):
    """Let another approval policy hold; always under four eyes."""

    code = "policy.set"
    zh, en = "修改审批策略", "change the approval policy"
    permission = Permission.SETTINGS_WRITE
    args = Policy

    def preview(self, db: Connection, context: Context, args: Policy) -> Preview:
        """Tell what would be different; the policy before is material."""
        del context
        before, after = to_builtins(approvals.policy(db)), to_builtins(args)
        changes = tuple(
            Change(name, before[name], value)
            for name, value in after.items()
            if value != before[name]
        )
        blocked = None if changes else "Nothing would be different."
        return Preview("policy", changes, 1, {"before": before}, blocked)

    def run(self, db: Connection, context: Context, args: Policy) -> Done:
        """Set it. Raises BadPolicy."""
        before = approvals.set_policy(db, args, now_us=context.machine_us)
        return Done(to_builtins(before), to_builtins(args), {}, Undo(self.code, before))

    def eyes(self, policy: Policy, args: Policy, preview: Preview) -> str | None:
        """Ask for a second person, always."""
        del policy, args, preview
        return "policy"


class ClockTo(Struct, frozen=True, forbid_unknown_fields=True):
    """The world's time (RFC 3339), and how many thousandths as fast as the machine it runs."""

    at: Annotated[str, Meta(max_length=64)]
    rate_milli: Annotated[int, Meta(ge=0, le=10**9)] = 1_000


class SetClock(ActKind[ClockTo]):
    """Set the world's time: of a demo or a sandbox."""

    code = "clock.set"
    zh, en = "设置世界时间", "set the world's time"
    permission = Permission.SETTINGS_WRITE
    args = ClockTo

    def preview(self, db: Connection, context: Context, args: ClockTo) -> Preview:
        """Tell the time before and after."""
        at_us, _ = parse_instant(args.at, where="at")
        blocked = None
        if read_setting(db) is None and not staff.is_open_house(db):
            blocked = "This world has the machine's time; a shell alone changes that."
        changes = (Change("time", format_instant(context.now_us), format_instant(at_us)),)
        return Preview("clock", changes, blocked=blocked)

    def run(self, db: Connection, context: Context, args: ClockTo) -> Done:
        """Set it; servers heed it within seconds."""
        if read_setting(db) is None and not staff.is_open_house(db):
            raise ActBlocked
        at_us, _ = parse_instant(args.at, where="at")
        set_clock(db, at_us, args.rate_milli)
        before = {"time": format_instant(context.now_us)}
        return Done(before, {"time": format_instant(at_us), "rate_milli": args.rate_milli}, {})


class NewTill(Struct, frozen=True, forbid_unknown_fields=True):
    """A browser that becomes the till of a store."""

    name: Text
    store: Text


class RegisterTill(ActKind[NewTill]):
    """Register a till; the token its browser keeps is the result's secret."""

    code = "till.register"
    zh, en = "登记收银设备", "register a till"
    permission = Permission.SETTINGS_WRITE
    args = NewTill

    def preview(self, db: Connection, context: Context, args: NewTill) -> Preview:
        """Tell where it would stand."""
        del context
        check_store(db, args.store)
        return Preview(f"store:{args.store}"[:100], (Change("till", None, args.name),))

    def run(self, db: Connection, context: Context, args: NewTill) -> Done:
        """Register it."""
        number, token = staff.register_device(db, args.name, args.store, now_us=context.machine_us)
        after = {"device_id": number, "store": args.store}
        undo = Undo(RevokeTill.code, OldTill(number))
        return Done({}, after, after, undo, token)

    def store(self, db: Connection, args: NewTill) -> str | None:
        """Return the store."""
        del db
        return args.store


class OldTill(Struct, frozen=True, forbid_unknown_fields=True):
    """A till that shall be none any more."""

    device_id: Annotated[int, Meta(ge=1, le=2**62)]


class RevokeTill(ActKind[OldTill]):
    """Make a till none; never waits."""

    code = "till.revoke"
    zh, en = "注销收银设备", "revoke a till"
    permission = Permission.SETTINGS_WRITE
    args = OldTill

    def preview(self, db: Connection, context: Context, args: OldTill) -> Preview:
        """Tell that it would be none."""
        del db, context
        return Preview(f"till:{args.device_id}", (Change("revoked", False, True),))

    def run(self, db: Connection, context: Context, args: OldTill) -> Done:
        """Revoke it. Raises DeviceUnknown."""
        staff.revoke_device(db, args.device_id, now_us=context.machine_us)
        return Done({}, {"revoked": True}, {})
