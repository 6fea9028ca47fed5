"""How a member moves on a ladder: by events, as time passes, and by hand. Pure."""

from coterie.tiers.walking.by_hand import command
from coterie.tiers.walking.passing import let_pass
from coterie.tiers.walking.walk import Walk

__all__ = ["Walk", "command", "let_pass"]
