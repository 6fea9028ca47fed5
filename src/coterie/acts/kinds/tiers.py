"""Deciding about a member's tier by hand."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from coterie.acts.kind import MemberAct
from coterie.acts.kinds.units import Code, MemberId
from coterie.acts.model import Context, Done, Preview
from coterie.acts.sending import envelope, send, told, tried
from coterie.approvals import Policy
from coterie.events import StatusChange
from coterie.staff import Permission
from coterie.storage import Connection
from coterie.tiers import standings_of


class DecideTier(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Grant, pin, pause or correct; ``until`` and ``since`` are days such as 2026-12-31."""

    member_id: MemberId
    ladder: Code
    action: Literal[
        "grant", "match", "lifetime", "pin", "unpin", "pause", "resume", "correct", "select"
    ]
    tier: Code | None = None
    until: str | None = None
    since: str | None = None


class Decide(MemberAct[DecideTier]):
    """Decide about a tier."""

    code = "tier.decide"
    zh, en = "人工决定等级", "decide a tier by hand"
    permission = Permission.TIERS_GRANT
    args = DecideTier

    def preview(self, db: Connection, context: Context, args: DecideTier) -> Preview:
        """Try the event; the tier it starts from is material."""
        target = f"member:{args.member_id}"
        before = _tier(db, args)
        return tried(db, context, _deciding(context, args), target, before=before)

    def run(self, db: Connection, context: Context, args: DecideTier) -> Done:
        """Send the event."""
        before = _tier(db, args)
        answer = send(db, context, _deciding(context, args))
        after = {"ladder": args.ladder, "action": args.action, "tier": args.tier, **told(answer)}
        return Done({"tier": before}, after, told(answer))

    def eyes(self, policy: Policy, args: DecideTier, preview: Preview) -> str | None:
        """Ask for a second person where a tier is given."""
        del preview
        gives = args.action in ("grant", "match", "lifetime", "pin", "correct")
        return "tier_grants" if gives and policy.tier_grants else None


def _deciding(context: Context, args: DecideTier) -> StatusChange:
    return StatusChange(
        **envelope(context, args.member_id),
        ladder=args.ladder,
        action=args.action,
        tier=args.tier,
        until=args.until,
        since=args.since,
        reason=context.reason,
    )


def _tier(db: Connection, args: DecideTier) -> str | None:
    found = standings_of(db, args.member_id).get(args.ladder)
    return None if found is None else found.tier
