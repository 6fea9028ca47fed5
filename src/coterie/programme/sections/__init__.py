"""The sections of a programme beyond currencies, metrics, caps and rules: one file each.

A section says how its entries are written, checked and said, what a later version may not do to
them, and, where it acts, what happens after an event and at a due moment.
"""

from __future__ import annotations

from coterie.programme.sections.registry import SECTIONS
from coterie.programme.sections.section import Checker, Ground, Section

__all__ = ["SECTIONS", "Checker", "Ground", "Section"]
