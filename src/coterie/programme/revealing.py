"""What may be known of how comparison groups are drawn: before a campaign's end, and after it."""

from __future__ import annotations

from msgspec import Struct

from coterie.kernel.time import Zone, format_day
from coterie.programme import store
from coterie.programme.drawing import campaign_secret, secret_sha256
from coterie.programme.model import Words
from coterie.programme.reading import read_canonical
from coterie.storage import Connection


class CampaignDraw(Struct, frozen=True):
    """A campaign of the newest version, and what its comparison group is drawn by.

    ``hold_out`` is in thousandths of all members. ``secret_sha256`` may be published before the
    campaign begins; ``secret`` is there when its last day is over, so that anybody can draw again.
    Both are None without a comparison group.
    """

    code: str
    name: Words
    first_day: str | None
    last_day: str | None
    hold_out: int
    secret_sha256: str | None
    secret: str | None


def campaign_draws(db: Connection, now_us: int) -> list[CampaignDraw]:
    """Return every campaign that the newest version declares, in its order."""
    last, secret = store.last_version(db), store.secret(db)
    if last is None or secret is None:
        return []
    programme = read_canonical(last[1])
    today = Zone(programme.zone).day(now_us)
    found = []
    for campaign in programme.parts.get("campaigns", {}).values():
        own = campaign_secret(secret, campaign.code) if campaign.hold_out else None
        over = campaign.to_day is not None and campaign.to_day < today
        found.append(
            CampaignDraw(
                campaign.code,
                campaign.name,
                None if campaign.from_day is None else format_day(campaign.from_day),
                None if campaign.to_day is None else format_day(campaign.to_day),
                campaign.hold_out,
                None if own is None else secret_sha256(own),
                own.hex() if own is not None and over else None,
            )
        )
    return found
