"""Reading and writing a batch's part of the ladders; never commits."""

from __future__ import annotations

from coterie.tiers.store import insert_changes, load_standings_later, write_standings

__all__ = ["insert_changes", "load_standings_later", "write_standings"]
