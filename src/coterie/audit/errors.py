"""What is refused of the audit trail.

Refusal
 └─ EntryUnknown   not found
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class EntryUnknown(Refusal):
    """The audit trail has no such entry."""

    code = "audit_entry_unknown"
    zh = "审计记录中没有这一条。"
    kind = Kind.NOT_FOUND
