"""Programmes that are being written: texts with an owner, saved again and again until one is sent.

Owns the schema ``drafts``. Invariants: there are at most 50; who saves names the revision that was
read, and a text that somebody else saved since is never overwritten; a revision's text never
changes. Nothing here decides anything about a member.

Does not promise that a text can be used as a programme: a draft may be wrong in the middle of work.
"""

from coterie.drafts.actions import begin_draft, delete_draft, note_plan, save_draft
from coterie.drafts.errors import BadDraft, DraftChanged, DraftsFull, DraftUnknown
from coterie.drafts.model import Draft, DraftLine
from coterie.drafts.rules import DRAFTS_MAX, NAME_MAX, TEXT_MAX
from coterie.drafts.views import list_drafts, read_draft

__all__ = [
    "DRAFTS_MAX",
    "NAME_MAX",
    "TEXT_MAX",
    "BadDraft",
    "Draft",
    "DraftChanged",
    "DraftLine",
    "DraftUnknown",
    "DraftsFull",
    "begin_draft",
    "delete_draft",
    "list_drafts",
    "note_plan",
    "read_draft",
    "save_draft",
]
