"""API keys."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from coterie.access import issue_key, revoke_key
from coterie.acts.kind import ActKind
from coterie.acts.model import Change, Context, Done, Preview
from coterie.approvals import Policy
from coterie.kernel.time import DAY_US
from coterie.staff import Permission
from coterie.storage import Connection

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class IssueKey(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key for a source; good for ``days``, or until it is revoked."""

    source: Text
    scopes: Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]
    days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    note: Text | None = None


class Issue(ActKind[IssueKey]):
    """Issue a key; its text is the result's secret."""

    code = "key.issue"
    zh, en = "签发 API 密钥", "issue an API key"
    permission = Permission.KEYS_WRITE
    args = IssueKey

    def preview(self, db: Connection, context: Context, args: IssueKey) -> Preview:
        """Tell what it would allow."""
        del db, context
        changes = (Change("scopes", None, sorted(args.scopes)), Change("days", None, args.days))
        return Preview(f"source:{args.source}"[:100], changes)

    def run(self, db: Connection, context: Context, args: IssueKey) -> Done:
        """Issue it. Raises BadKeyRequest."""
        expires_us = None if args.days is None else context.now_us + args.days * DAY_US
        key = issue_key(
            db,
            args.source,
            args.scopes,
            now_us=context.now_us,
            expires_us=expires_us,
            note=args.note,
        )
        done = {"key_id": key.key_id, "scopes": sorted(args.scopes), "expires_us": expires_us}
        return Done({}, done, {"key_id": key.key_id}, secret=key.text)

    def eyes(self, policy: Policy, args: IssueKey, preview: Preview) -> str | None:
        """Ask for a second person where the policy says so."""
        del args, preview
        return "keys" if policy.keys else None


class RevokeKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The key that shall open nothing any more."""

    key_id: Text


class Revoke(ActKind[RevokeKey]):
    """Revoke a key; never waits, because a leaked key cannot."""

    code = "key.revoke"
    zh, en = "吊销 API 密钥", "revoke an API key"
    permission = Permission.KEYS_WRITE
    args = RevokeKey

    def preview(self, db: Connection, context: Context, args: RevokeKey) -> Preview:
        """Tell that it would open nothing any more."""
        del db, context
        return Preview(f"key:{args.key_id}"[:100], (Change("revoked", False, True),))

    def run(self, db: Connection, context: Context, args: RevokeKey) -> Done:
        """Revoke it. Raises NoSuchKey."""
        since_us = revoke_key(db, args.key_id, now_us=context.now_us)
        return Done({}, {"revoked_us": since_us}, {"revoked_us": since_us})
