"""Who is meant by what somebody typed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from coterie.events import MemberUnknown
from coterie.members import store as members_store
from coterie.members.errors import BadIdentity
from coterie.members.lookup import store
from coterie.members.lookup.masking import masked_name, masked_value
from coterie.members.lookup.tokens import EXACT, Range, terms_of
from coterie.members.model import IdentityKind
from coterie.members.rules import DEFAULT_REGION, normalise_identity
from coterie.storage import Connection

SHOWN_MAX = 50
SCANNED_MAX = 200
"""Entries read of each range of a single term."""
MEETING_MAX = 500
"""Entries read of each range where several terms must meet."""
CONTACTS_MAX = 1_000
ID_DIGITS_MAX = 18
_LAST_STATES = {"paused": 1, "closed": 2, "merged": 3, "erased": 4}


class Hit(Struct, frozen=True):
    """A member that was found. ``rank``: 0 exactly, 1 by a beginning, 2 by something inside.

    ``contacts`` are (kind, value) of active identities.
    """

    member_id: int
    name: str | None
    kind: str
    state: str
    merged_into: int | None
    enrolled_us: int
    contacts: tuple[tuple[str, str], ...]
    rank: int

    def masked(self, *, names: bool = True) -> Hit:
        """Return the same for who may not see contacts, nor (unless told otherwise) names."""
        return Hit(
            self.member_id,
            masked_name(self.name) if names else self.name,
            self.kind,
            self.state,
            self.merged_into,
            self.enrolled_us,
            tuple((kind, masked_value(kind, value)) for kind, value in self.contacts),
            self.rank,
        )


class Hits(Struct, frozen=True):
    """The best matches, best first; ``more`` says that there are, or may be, others."""

    hits: tuple[Hit, ...]
    more: bool


def look_up(db: Connection, text: str, *, limit: int = 10, region: str = DEFAULT_REGION) -> Hits:
    """Return members by name, pinyin, initials, number, last four, address, tag or id.

    Several terms must all fit. Exact before beginning before inside, active before closed.
    ``limit`` is 1 to SHOWN_MAX.
    """
    assert 1 <= limit <= SHOWN_MAX, "a list of hits is short"
    ranks: dict[int, int] = dict.fromkeys(_named(db, text, region), EXACT)
    found, more = _by_terms(db, terms_of(text))
    for member_id, rank in found.items():
        ranks.setdefault(member_id, rank)
    states = store.states(db, ranks)
    order = sorted(states, key=lambda i: (ranks[i], _LAST_STATES.get(states[i], 0), i))
    return Hits(_hits(db, order[:limit], ranks), more or len(order) > limit)


def _named(db: Connection, text: str, region: str) -> list[int]:
    """Return who has exactly this id or identity, whatever kind it is of."""
    wanted = []
    for kind in IdentityKind:
        try:
            wanted.append((kind.value, normalise_identity(kind, text, region=region)))
        except BadIdentity:
            continue
    found = [row[2] for row in members_store.resolve_identities(db, wanted)] if wanted else []
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= ID_DIGITS_MAX:
        found += members_store.merges_of(db, [int(digits)])
    return found


def _by_terms(db: Connection, terms: Sequence[Sequence[Range]]) -> tuple[dict[int, int], bool]:
    """Return members that satisfy every term with their rank, and whether there may be more."""
    if not terms or not all(terms):
        return {}, False
    bound = SCANNED_MAX if len(terms) == 1 else MEETING_MAX
    ranks: list[dict[int, int]] = [{} for _ in terms]
    full = [False] * len(terms)
    counts: dict[tuple[int, int], int] = {}
    for term, rank, member_id in store.candidates(db, terms, bound):
        known = ranks[term]
        known[member_id] = min(rank, known.get(member_id, rank))
        counts[term, rank] = counts.get((term, rank), 0) + 1
        full[term] |= counts[term, rank] >= bound
    # The rarest term leads; what the others could not be read to the end of is asked member by
    # member.
    lead = min(range(len(terms)), key=lambda term: (full[term], len(ranks[term])))
    found = ranks[lead]
    for term, ranges in enumerate(terms):
        if term == lead or not found:
            continue
        fits = store.satisfying(db, found, ranges) if full[term] else ranks[term].keys()
        found = {i: max(rank, ranks[term].get(i, rank)) for i, rank in found.items() if i in fits}
    return found, full[lead]


def _hits(db: Connection, member_ids: Sequence[int], ranks: dict[int, int]) -> tuple[Hit, ...]:
    if not member_ids:
        return ()
    lines = store.lines(db, member_ids)
    contacts = store.contacts(db, member_ids, CONTACTS_MAX)
    hits = []
    for member_id in member_ids:
        if member_id in lines:
            _, kind, state, merged_into, enrolled_us, name = lines[member_id]
            known = tuple(contacts.get(member_id, ()))
            hits.append(
                Hit(member_id, name, kind, state, merged_into, enrolled_us, known, ranks[member_id])
            )
    return tuple(hits)


def hit_of(db: Connection, member_id: int) -> Hit:
    """Return a member as a list of hits shows it. Raises :class:`MemberUnknown`."""
    hits = _hits(db, [member_id], {member_id: EXACT})
    if not hits:
        raise MemberUnknown(f"There is no member {member_id}.")
    return hits[0]
