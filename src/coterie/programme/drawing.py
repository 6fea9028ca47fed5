"""Who is in a campaign's comparison group: drawn by an HMAC over ids that the server assigned.

The world's secret never leaves it. Each campaign draws by a secret of its own that follows from it,
so that one campaign's can be revealed when it is over without telling anything about the others.
Before that, its SHA-256 may be published by anybody who wants to be believed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

SECRET_BYTES = 32
PER_MILLE = 1000
_DRAW_BYTES = 8
_DRAWS = 1 << 8 * _DRAW_BYTES
MEMO_MAX = 100_000
"""How many draws are remembered before all are forgotten."""


class Draws(Protocol):
    """Tells who is held out of what."""

    def held_out(self, campaign: str, per_mille: int, member_id: int) -> bool:
        """Tell whether a member is in the comparison group, ``per_mille`` of all."""
        ...


def campaign_secret(secret: bytes, campaign: str) -> bytes:
    """Return the secret by which one campaign draws."""
    return hmac.digest(secret, f"campaign|{campaign}".encode(), "sha256")


def secret_sha256(secret: bytes) -> str:
    """Return what may be published of a secret beforehand, in hexadecimal."""
    return hashlib.sha256(secret).hexdigest()


def draw(of_campaign: bytes, campaign: str, member_id: int) -> int:
    """Return a member's number in a draw, from 0 to under 2 ** 64, all equally likely."""
    said = f"{campaign}|{member_id}".encode()
    return int.from_bytes(hmac.digest(of_campaign, said, "sha256")[:_DRAW_BYTES], "big")


class SecretDraws:
    """Draws by the world's secret."""

    def __init__(self, secret: bytes) -> None:
        """Take the secret, of ``SECRET_BYTES`` bytes."""
        self.secret = secret
        self._of_campaign: dict[str, bytes] = {}
        self._memo: dict[tuple[str, int, int], bool] = {}

    def held_out(self, campaign: str, per_mille: int, member_id: int) -> bool:
        """Tell whether a member is in the comparison group."""
        key = (campaign, per_mille, member_id)
        found = self._memo.get(key)
        if found is None:
            if len(self._memo) >= MEMO_MAX:
                self._memo.clear()
            number = draw(self._secret_of(campaign), campaign, member_id)
            found = self._memo[key] = number * PER_MILLE < per_mille * _DRAWS
        return found

    def _secret_of(self, campaign: str) -> bytes:
        found = self._of_campaign.get(campaign)
        if found is None:
            found = self._of_campaign[campaign] = campaign_secret(self.secret, campaign)
        return found


class ToldDraws:
    """For worked cases, which say themselves who is held out of what; nobody else is."""

    def __init__(self, held_out: Mapping[int, AbstractSet[str]]) -> None:
        """Take the campaigns by member."""
        self._held_out = held_out

    def held_out(self, campaign: str, per_mille: int, member_id: int) -> bool:
        """Tell whether a member was said to be in the comparison group."""
        return per_mille > 0 and campaign in self._held_out.get(member_id, ())


NOBODY: Draws = ToldDraws({})
"""Where a programme is only looked at."""
