"""Publishing the programme and going back."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from coterie.acts.kind import ActKind
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.approvals import Policy
from coterie.kernel.time import parse_instant
from coterie.programme.errors import VersionUnknown
from coterie.programme.reading import read_programme
from coterie.programme.versions import (
    last_version_number,
    publish_programme,
    rollback,
    version_numbered,
)
from coterie.staff import Permission
from coterie.storage import Connection

TEXT_MAX = 2_000_000


class PublishText(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A programme's text, and when it begins (RFC 3339); absent: now."""

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
    active_from: Annotated[str, Meta(max_length=64)] | None = None


class Publish(ActKind[PublishText]):
    """Publish a text as the next version."""

    code = "programme.publish"
    zh, en = "发布会员计划", "publish the programme"
    permission = Permission.PROGRAMME_PUBLISH
    args = PublishText

    def preview(self, db: Connection, context: Context, args: PublishText) -> Preview:
        """Read and check the text; which version it would follow is material."""
        programme = read_programme("programme", args.text)
        last = last_version_number(db)
        begins = _begins(args.active_from, context.now_us, first=last == 0)
        blocked = None
        if last and begins < context.now_us:
            blocked = "It would begin in the past."
        changes = (
            Change("version", last or None, last + 1),
            Change("active_from", None, args.active_from or "now"),
        )
        return Preview(
            f"version:{last + 1}",
            changes,
            1,
            {"follows": last, "programme": programme.code},
            blocked,
        )

    def run(self, db: Connection, context: Context, args: PublishText) -> Done:
        """Publish. Raises VersionRefused, also where its moment passed while it waited."""
        programme = read_programme("programme", args.text)
        last = last_version_number(db)
        begins = _begins(args.active_from, context.now_us, first=last == 0)
        version = publish_programme(db, programme, begins, context.now_us, context.reason)
        undo = Undo(RollBack.code, RollBackTo(last)) if last else None
        done = {"version": version, "active_from_us": begins}
        return Done({"version": last}, done, done, undo)

    def eyes(self, policy: Policy, args: PublishText, preview: Preview) -> str | None:
        """Ask for a second person where the policy says so."""
        del args, preview
        return "programme" if policy.programme else None


class RollBackTo(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The version whose content is published again, and when it begins; absent: now."""

    version: Annotated[int, Meta(ge=1, le=10_000)]
    active_from: Annotated[str, Meta(max_length=64)] | None = None


class RollBack(ActKind[RollBackTo]):
    """Publish an earlier version's content again."""

    code = "programme.roll_back"
    zh, en = "回退会员计划", "roll the programme back"
    permission = Permission.PROGRAMME_PUBLISH
    args = RollBackTo

    def preview(self, db: Connection, context: Context, args: RollBackTo) -> Preview:
        """Tell which version would follow which. Raises VersionUnknown."""
        del context
        if version_numbered(db, args.version) is None:
            raise VersionUnknown(f"There is no version {args.version}.", where="version")
        last = last_version_number(db)
        changes = (Change("version", last, last + 1), Change("content of", last, args.version))
        return Preview(f"version:{last + 1}", changes, 1, {"follows": last})

    def run(self, db: Connection, context: Context, args: RollBackTo) -> Done:
        """Go back."""
        last = last_version_number(db)
        at_us = None
        if args.active_from is not None:
            at_us = _begins(args.active_from, context.now_us, first=False)
        version = rollback(db, args.version, at_us, context.now_us, context.reason)
        done = {"version": version, "content_of": args.version}
        return Done({"version": last}, done, done, Undo(self.code, RollBackTo(last)))

    def eyes(self, policy: Policy, args: RollBackTo, preview: Preview) -> str | None:
        """Ask for a second person where the policy says so."""
        del args, preview
        return "programme" if policy.programme else None


def _begins(text: str | None, now_us: int, *, first: bool) -> int:
    if text is None:
        return 0 if first else now_us
    return parse_instant(text, where="active_from")[0]
