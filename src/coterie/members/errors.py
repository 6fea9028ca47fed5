"""What is refused about members and what they are found by.

Refusal
 ├─ BadIdentity, BadNewcomer, TooManyMembers   malformed, nothing is changed
 ├─ IdentityTaken                              conflict
 ├─ IdentityUnknown                            not found
 └─ MemberGone                                 business
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class BadIdentity(Malformed):
    """This cannot be what a member is found by."""

    code = "bad_identity"


class BadNewcomer(Malformed):
    """A member cannot be made of this."""

    code = "bad_newcomer"


class TooManyMembers(Refusal):
    """One call takes at most 10,000 members."""

    code = "too_many_members"
    kind = Kind.TOO_LARGE


class IdentityTaken(Refusal):
    """Another member is found by this identity."""

    code = "identity_taken"
    kind = Kind.CONFLICT


class IdentityUnknown(Refusal):
    """The member has no such active identity."""

    code = "identity_unknown"
    kind = Kind.NOT_FOUND


class MemberGone(Refusal):
    """The member was merged into another or erased."""

    code = "member_gone"
