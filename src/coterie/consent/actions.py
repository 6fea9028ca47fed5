"""What changes consents. Every function runs in the caller's transaction and never commits."""

from __future__ import annotations

from coterie.consent import rules, store
from coterie.consent.errors import BadWording, WordingUnknown
from coterie.events import MemberUnknown
from coterie.members import lock_and_load
from coterie.storage import Connection


def publish_wording(db: Connection, kind: str, zh: str, en: str, *, now_us: int) -> int:
    """Publish what people are asked from now on; return the version. Raises BadWording."""
    rules.check_wording(kind, zh, en)
    if store.other_kinds(db, kind) >= rules.KINDS_MAX:
        raise BadWording(f"There are {rules.KINDS_MAX} kinds already.", where="kind")
    return store.insert_wording(db, kind, zh.strip(), en.strip(), now_us)


def record_consent(
    db: Connection,
    member_id: int,
    kind: str,
    version: int,
    *,
    granted: bool,
    channel: str,
    actor: str,
    now_us: int,
) -> int:
    """Take down a yes or a no to a version; return its number.

    Raises WordingUnknown, BadWording and :class:`~coterie.events.MemberUnknown`.
    """
    rules.check_channel(channel)
    if not store.has_wording(db, kind, version):
        raise WordingUnknown(f"{kind} has no version {version}.", where="version")
    if member_id not in lock_and_load(db, [member_id]):
        raise MemberUnknown(f"There is no member {member_id}.")
    return store.insert_record(
        db, member_id, kind, version, channel, actor[:100], now_us, granted=granted
    )
