"""What the portal works with, handed down by whoever composes the application."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from coterie.events import Event
from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.time import format_instant
from coterie.portal.messengers import Messenger, messengers_of
from coterie.portal.senders import Nobody, Sender, sender_of
from coterie.storage import Connection

SOURCE = "portal"


@dataclass(frozen=True)
class Services:
    """The engine, who sends codes, and the messengers members may come in by."""

    engine: Engine = field(default_factory=Engine)
    sender: Sender = field(default_factory=Nobody)
    messengers: dict[str, Messenger] = field(default_factory=dict)

    def happen(self, db: Connection, event: Event, now_us: int) -> Answer:
        """Let something happen to a member that the member asked for; committed on return."""
        return self.engine.submit(db, [arrival_of(event, received_us=now_us)])[0]


def envelope(member_id: int, now_us: int, key: str = "") -> dict[str, object]:
    """Return what every event of the portal carries."""
    return {
        "source": SOURCE,
        "key": key or secrets.token_urlsafe(16),
        "occurred_at": format_instant(now_us),
        "channel": "portal",
        "actor": f"member:{member_id}",
    }


def portal_services(engine: Engine) -> Services:
    """Return what the environment sets up. Raises ValueError for a setting misspelled."""
    return Services(engine, sender_of(), messengers_of())
