"""What staff write into a member's file: notes, contact data, traits, consents, tags."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from coterie.acts.errors import ActBlocked
from coterie.acts.kind import ActKind, Args, MemberAct
from coterie.acts.kinds.units import Code, MemberId
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.acts.sending import envelope, send, told, tried
from coterie.consent import INFERRING, consents_of, holds, record_consent
from coterie.events import TagChange
from coterie.members import (
    Basis,
    Category,
    ContactEdit,
    add_note,
    edit_contact,
    put_trait,
    read_member,
    settle_note,
)
from coterie.staff import Permission
from coterie.storage import Connection

Line = Annotated[str, Meta(min_length=1, max_length=200)]


class FileAct(ActKind[Args]):
    """An act on one member's file, in the transaction of the audit trail."""

    permission = Permission.MEMBERS_WRITE

    def store(self, db: Connection, args: Args) -> str | None:
        """Return the store where the member was enrolled."""
        member_id: int = args.member_id  # type: ignore[attr-defined]
        return read_member(db, member_id).enrolled_store


class NewNote(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to note."""

    member_id: MemberId
    category: Category
    body: Annotated[str, Meta(min_length=1, max_length=2_000)]
    pinned: bool = False


class AddNote(FileAct[NewNote]):
    """Note something; what it says stays out of the trail, which outlives the person."""

    code = "member.note"
    zh, en = "添加备注", "note something about a member"
    args = NewNote

    def preview(self, db: Connection, context: Context, args: NewNote) -> Preview:
        """Tell the kind of note."""
        del context
        read_member(db, args.member_id)
        return Preview(f"member:{args.member_id}", (Change("note", None, args.category),))

    def run(self, db: Connection, context: Context, args: NewNote) -> Done:
        """Write it."""
        number = add_note(
            db,
            args.member_id,
            args.category,
            args.body,
            author=context.actor.name,
            now_us=context.now_us,
            pinned=args.pinned,
        )
        done = {"note_no": number, "category": args.category}
        return Done({}, done, done, Undo(SettleNote.code, OldNote(args.member_id, number)))


class OldNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A note that asks for nothing any more."""

    member_id: MemberId
    note_no: Annotated[int, Meta(ge=1, le=10**9)]


class SettleNote(FileAct[OldNote]):
    """Settle a note."""

    code = "member.note_settle"
    zh, en = "办结备注", "settle a note"
    args = OldNote

    def preview(self, db: Connection, context: Context, args: OldNote) -> Preview:
        """Tell that it would be settled."""
        del db, context
        return Preview(f"member:{args.member_id}", (Change("settled", False, True),))

    def run(self, db: Connection, context: Context, args: OldNote) -> Done:
        """Settle it. Raises NoteUnknown."""
        settle_note(
            db, args.member_id, args.note_no, actor=context.actor.name, now_us=context.now_us
        )
        return Done({}, {"note_no": args.note_no}, {})


class EditContact(Struct, frozen=True, forbid_unknown_fields=True):
    """New contact data."""

    member_id: MemberId
    edit: ContactEdit


class Contact(FileAct[EditContact]):
    """Change contact data; the trail says which fields, the file says from what to what."""

    code = "member.contact"
    zh, en = "修改联系资料", "change contact data"
    args = EditContact

    def preview(self, db: Connection, context: Context, args: EditContact) -> Preview:
        """Tell what would be different."""
        del context
        before = read_member(db, args.member_id)
        changes = [
            Change(field, getattr(before, field), getattr(args.edit, field))
            for field in ("name", "language", "born_on")
            if isinstance(getattr(args.edit, field), str | None)
            and getattr(args.edit, field) != getattr(before, field)
        ]
        changes += [Change(kind, value, None) for kind, value in args.edit.end]
        changes += [Change(kind, None, value) for kind, value in args.edit.add]
        blocked = None if changes else "Nothing would be different."
        return Preview(f"member:{args.member_id}", tuple(changes), blocked=blocked)

    def run(self, db: Connection, context: Context, args: EditContact) -> Done:
        """Change it."""
        changed = edit_contact(
            db, args.member_id, args.edit, actor=context.actor.name, now_us=context.now_us
        )
        if not changed:
            raise ActBlocked("Nothing would be different.")
        done = {"fields": [field for field, _, _ in changed]}
        return Done({}, done, done)


class NewTrait(Struct, frozen=True, forbid_unknown_fields=True):
    """Something about a person."""

    member_id: MemberId
    trait: Annotated[str, Meta(min_length=1, max_length=64)]
    value: Annotated[str, Meta(min_length=1, max_length=64)]
    basis: Basis


class PutTrait(FileAct[NewTrait]):
    """Note a trait; one that is inferred needs the member's consent."""

    code = "member.trait"
    zh, en = "记录特征", "note a trait"
    args = NewTrait

    def preview(self, db: Connection, context: Context, args: NewTrait) -> Preview:
        """Tell whether it may be noted."""
        del context
        read_member(db, args.member_id)
        agreed = args.basis == "declared" or holds(consents_of(db, args.member_id), INFERRING)
        blocked = None if agreed else f"The member has not agreed to {INFERRING}."
        changes = (Change(args.trait, None, args.value),)
        return Preview(f"member:{args.member_id}", changes, blocked=blocked)

    def run(self, db: Connection, context: Context, args: NewTrait) -> Done:
        """Note it."""
        if args.basis == "inferred" and not holds(consents_of(db, args.member_id), INFERRING):
            raise ActBlocked
        put_trait(
            db,
            args.member_id,
            args.trait,
            args.value,
            basis=args.basis,
            actor=context.actor.name,
            now_us=context.now_us,
        )
        return Done({}, {"trait": args.trait, "basis": args.basis}, {})


class SaidConsent(Struct, frozen=True, forbid_unknown_fields=True):
    """A yes or a no that somebody took down."""

    member_id: MemberId
    kind: Line
    version: Annotated[int, Meta(ge=1, le=10**6)]
    granted: bool
    channel: Line


class Consent(FileAct[SaidConsent]):
    """Take down a consent."""

    code = "member.consent"
    zh, en = "记录同意", "take down a consent"
    args = SaidConsent

    def preview(self, db: Connection, context: Context, args: SaidConsent) -> Preview:
        """Tell what holds and what would."""
        del context
        held = holds(consents_of(db, args.member_id), args.kind)
        return Preview(f"member:{args.member_id}", (Change(args.kind, held, args.granted),))

    def run(self, db: Connection, context: Context, args: SaidConsent) -> Done:
        """Take it down."""
        number = record_consent(
            db,
            args.member_id,
            args.kind,
            args.version,
            granted=args.granted,
            channel=args.channel,
            actor=context.actor.name,
            now_us=context.now_us,
        )
        done = {"record_no": number, "kind": args.kind, "granted": args.granted}
        return Done({}, done, done)


class NewTags(Struct, frozen=True, forbid_unknown_fields=True):
    """Tags to put on, and to take off."""

    member_id: MemberId
    add: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()
    remove: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()


class Tag(MemberAct[NewTags]):
    """Put tags on a member and take others off, by an event."""

    code = "member.tags"
    zh, en = "修改标签", "change a member's tags"
    permission = Permission.MEMBERS_WRITE
    args = NewTags

    def preview(self, db: Connection, context: Context, args: NewTags) -> Preview:
        """Try the event."""
        found = tried(db, context, _tagging(context, args), f"member:{args.member_id}")
        changes = (
            *(Change(tag, True, None) for tag in args.remove),
            *(Change(tag, None, True) for tag in args.add),
        )
        return Preview(found.target, changes, 1, {}, found.blocked, found.zh, found.en)

    def run(self, db: Connection, context: Context, args: NewTags) -> Done:
        """Send the event; taking back is the opposite."""
        answer = send(db, context, _tagging(context, args))
        undo = Undo(self.code, NewTags(args.member_id, args.remove, args.add))
        return Done({}, {"add": args.add, "remove": args.remove}, told(answer), undo)


def _tagging(context: Context, args: NewTags) -> TagChange:
    return TagChange(**envelope(context, args.member_id), add=args.add, remove=args.remove)
