"""What is refused while an event is read or placed.

Refusal
 ├─ UnknownKind, UnknownField, NotForOutside, BadMemberReference   malformed, leaves no trace
 ├─ MemberUnknown, EventUnknown                                     leaves no trace
 ├─ KeyReused                                                       conflict
 └─ TooLate, InTheFuture, StateForbids                              business, recorded
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class UnknownKind(Malformed):
    """There is no such kind of event."""

    code = "unknown_kind"


class UnknownField(Malformed):
    """The event has a field that its kind does not know."""

    code = "unknown_field"


class NotForOutside(Malformed):
    """Only Coterie itself makes events of this kind."""

    code = "internal_kind"


class BadMemberReference(Malformed):
    """A member is named by exactly one of id, card, phone, email, messenger and external."""

    code = "bad_member_reference"


class MemberUnknown(Refusal):
    """No member is found by what was given."""

    code = "member_unknown"
    kind = Kind.NOT_FOUND


class EventUnknown(Refusal):
    """There is no such recorded event."""

    code = "event_unknown"
    kind = Kind.NOT_FOUND


class KeyReused(Refusal):
    """The key was used before with other content."""

    code = "key_reused"
    kind = Kind.CONFLICT


class TooLate(Refusal):
    """The event is older than the programme accepts."""

    code = "too_late"


class InTheFuture(Refusal):
    """The event lies in the future."""

    code = "in_the_future"


class StateForbids(Refusal):
    """The member's state does not allow this."""

    code = "state_forbids"
