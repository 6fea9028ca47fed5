"""Members' states, merging, taking it back, erasing."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coterie import audit
from coterie.acts.kind import MemberAct
from coterie.acts.kinds.units import MemberId
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.acts.sending import envelope, send, told, tried
from coterie.approvals import Policy
from coterie.audit import NewEntry, Outcome
from coterie.events import AttributeChange, StateChange
from coterie.intake.joining import erasing, merging, preview_merge, unmerging
from coterie.intake.reading import Arrival
from coterie.ledger import balances_of
from coterie.members import read_member
from coterie.staff import Permission
from coterie.storage import Connection, transaction


class SetState(Struct, frozen=True, forbid_unknown_fields=True):
    """Pause, resume (``active``) or close a membership."""

    member_id: MemberId
    state: Literal["active", "paused", "closed"]


class Set(MemberAct[SetState]):
    """Change a member's state."""

    code = "member.state"
    zh, en = "变更会员状态", "change a member's state"
    permission = Permission.MEMBERS_WRITE
    args = SetState

    def preview(self, db: Connection, context: Context, args: SetState) -> Preview:
        """Try the event."""
        before = read_member(db, args.member_id).state
        found = tried(
            db, context, _stating(context, args), f"member:{args.member_id}", before=before
        )
        changes = (Change("state", before, args.state), *found.changes)
        return Preview(found.target, changes, 1, found.material, found.blocked, found.zh, found.en)

    def run(self, db: Connection, context: Context, args: SetState) -> Done:
        """Send the event."""
        before = read_member(db, args.member_id).state
        answer = send(db, context, _stating(context, args))
        undo = (
            Undo(self.code, SetState(args.member_id, before))  # type: ignore[arg-type]
            if before in ("active", "paused")
            else None
        )
        return Done({"state": before}, {"state": args.state}, told(answer), undo)


class SetAttributes(Struct, frozen=True, forbid_unknown_fields=True):
    """New values of declared attributes; null removes one."""

    member_id: MemberId
    attributes: dict[str, str | int | bool | None]


class Describe(MemberAct[SetAttributes]):
    """Change a member's attributes."""

    code = "member.attributes"
    zh, en = "修改会员属性", "change a member's attributes"
    permission = Permission.MEMBERS_WRITE
    args = SetAttributes

    def preview(self, db: Connection, context: Context, args: SetAttributes) -> Preview:
        """Try the event."""
        kept = read_member(db, args.member_id).attributes
        found = tried(db, context, _describing(context, args), f"member:{args.member_id}")
        changes = tuple(Change(n, kept.get(n), v) for n, v in sorted(args.attributes.items()))
        return Preview(found.target, changes, 1, {}, found.blocked, found.zh, found.en)

    def run(self, db: Connection, context: Context, args: SetAttributes) -> Done:
        """Send the event."""
        kept = read_member(db, args.member_id).attributes
        before = {name: kept.get(name) for name in args.attributes}
        answer = send(db, context, _describing(context, args))
        return Done(
            before,
            dict(args.attributes),
            told(answer),
            Undo(self.code, SetAttributes(args.member_id, before)),
        )


class MergeMembers(Struct, frozen=True, forbid_unknown_fields=True):
    """Merge one member into another."""

    member_id: MemberId
    into: MemberId


class Merge(MemberAct[MergeMembers]):
    """Merge two members."""

    code = "member.merge"
    zh, en = "合并会员", "merge members"
    permission = Permission.MEMBERS_WRITE
    args = MergeMembers

    def preview(self, db: Connection, context: Context, args: MergeMembers) -> Preview:
        """Tell what would go over."""
        context.engine.settle(db, [args.member_id], context.now_us)
        found = preview_merge(db, args.member_id, args.into)
        changes = tuple(
            Change(f"{b.currency} → {found.into}", None, b.available + b.pending - b.owed)
            for b in found.balances
        )
        more = Change("identities", None, found.identities)
        target = f"member:{args.member_id}"
        return Preview(target, (*changes, more), 2, {"into": found.into}, found.blocked)

    def run(self, db: Connection, context: Context, args: MergeMembers) -> Done:
        """Send the event."""
        said = envelope(context, args.member_id)
        arrival = merging(
            args.member_id,
            args.into,
            source=said["source"],
            key=said["key"],
            now_us=context.now_us,
            reason=context.reason,
        )
        answer = send(db, context, arrival)
        undo = Undo(Unmerge.code, OneMember(args.member_id))
        return Done({}, {"into": args.into, **told(answer)}, told(answer), undo)

    def eyes(self, policy: Policy, args: MergeMembers, preview: Preview) -> str | None:
        """Ask for a second person where the policy says so."""
        del args, preview
        return "merging" if policy.merging else None


class OneMember(Struct, frozen=True, forbid_unknown_fields=True):
    """A member."""

    member_id: MemberId


class Unmerge(MemberAct[OneMember]):
    """Take a merge back."""

    code = "member.unmerge"
    zh, en = "撤销合并", "take a merge back"
    permission = Permission.MEMBERS_WRITE
    args = OneMember

    def preview(self, db: Connection, context: Context, args: OneMember) -> Preview:
        """Tell whether there is a merge to take back."""
        record = read_member(db, args.member_id)
        self._arrival(db, context, args)
        changes = (Change("merged into", record.merged_into, None),)
        return Preview(f"member:{args.member_id}", changes, 2, {"into": record.merged_into})

    def run(self, db: Connection, context: Context, args: OneMember) -> Done:
        """Send the event."""
        before = read_member(db, args.member_id).merged_into
        answer = send(db, context, self._arrival(db, context, args))
        return Done({"into": before}, told(answer), told(answer))

    def _arrival(self, db: Connection, context: Context, args: OneMember) -> Arrival:
        said = envelope(context, args.member_id)
        return unmerging(
            db,
            args.member_id,
            source=said["source"],
            key=said["key"],
            now_us=context.now_us,
            reason=context.reason,
        )

    def eyes(self, policy: Policy, args: OneMember, preview: Preview) -> str | None:
        """Ask for a second person where merging does."""
        del args, preview
        return "merging" if policy.merging else None


class Erase(MemberAct[OneMember]):
    """Erase a member for good; also what the audit trail says of them goes."""

    code = "member.erase"
    zh, en = "删除会员资料", "erase a member"
    permission = Permission.MEMBERS_ERASE
    args = OneMember

    def preview(self, db: Connection, context: Context, args: OneMember) -> Preview:
        """Tell what would go."""
        context.engine.settle(db, [args.member_id], context.now_us)
        record = read_member(db, args.member_id)
        changes = [
            Change(b.currency, b.available + b.pending, 0) for b in balances_of(db, args.member_id)
        ]
        changes.append(Change("identities", len(record.identities), 0))
        gone = record.state in ("merged", "erased")
        blocked = f"Member {args.member_id} is {record.state}." if gone else None
        return Preview(f"member:{args.member_id}", tuple(changes), 1, {}, blocked)

    def run(self, db: Connection, context: Context, args: OneMember) -> Done:
        """Send the event, then forget what stands in the audit trail about the member."""
        said = envelope(context, args.member_id)
        arrival = erasing(
            args.member_id,
            source=said["source"],
            key=said["key"],
            now_us=context.now_us,
            reason=None,
        )
        answer = send(db, context, arrival)
        asked = NewEntry(
            context.machine_us,
            context.now_us,
            context.actor.kind,
            context.actor.actor,
            self.code,
            f"member:{args.member_id}",
            Outcome.DONE,
            context.actor.name,
        )
        with transaction(db):
            forgotten = audit.forget(db, asked)
        return Done({}, {"event": answer.event, "entries forgotten": forgotten}, {})

    def eyes(self, policy: Policy, args: OneMember, preview: Preview) -> str | None:
        """Ask for a second person where the policy says so."""
        del args, preview
        return "erasing" if policy.erasing else None


def _stating(context: Context, args: SetState) -> StateChange:
    return StateChange(**envelope(context, args.member_id), state=args.state, reason=context.reason)


def _describing(context: Context, args: SetAttributes) -> AttributeChange:
    return AttributeChange(**envelope(context, args.member_id), attributes=args.attributes)
