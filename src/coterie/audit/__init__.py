"""What staff, API keys and the command line did: a chain of entries that only grows.

Owns the schema ``audit``. Invariants: an entry is written in the transaction of what it tells of,
or after it where that had to be its own; it is never changed nor removed; each rests on the digest
of the one before. What a person wrote or is stands beside the chain under a salt: it can be
forgotten, named by a later entry, and the chain still proves itself.

Does not promise to notice who rewrites the whole chain and its head: keep a head's digest somewhere
else (``coterie audit head``, or the log, where every head is told) and ask ``coterie verify``.
"""

from coterie.audit.actions import append, forget
from coterie.audit.errors import EntryUnknown
from coterie.audit.model import ActorKind, AuditEntry, Flaw, Head, NewEntry, Outcome
from coterie.audit.views import check_chain, head, list_entries, read_entry

__all__ = [
    "ActorKind",
    "AuditEntry",
    "EntryUnknown",
    "Flaw",
    "Head",
    "NewEntry",
    "Outcome",
    "append",
    "check_chain",
    "forget",
    "head",
    "list_entries",
    "read_entry",
]
