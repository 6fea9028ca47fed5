"""What is refused about members and what they are found by.

Refusal
 ├─ BadIdentity, BadNewcomer, BadEntry, TooManyMembers   malformed, nothing is changed
 ├─ IdentityTaken                              conflict
 ├─ IdentityUnknown, NoteUnknown               not found
 └─ MemberGone                                 business
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class BadIdentity(Malformed):
    """This cannot be what a member is found by."""

    code = "bad_identity"
    zh = "这不能用作会员的识别方式。"


class BadNewcomer(Malformed):
    """A member cannot be made of this."""

    code = "bad_newcomer"
    zh = "无法据此建立会员。"


class TooManyMembers(Refusal):
    """One call takes at most 10,000 members."""

    code = "too_many_members"
    zh = "一次调用最多 10,000 位会员。"
    kind = Kind.TOO_LARGE


class IdentityTaken(Refusal):
    """Another member is found by this identity."""

    code = "identity_taken"
    zh = "该识别方式已属于另一位会员。"
    kind = Kind.CONFLICT


class IdentityUnknown(Refusal):
    """The member has no such active identity."""

    code = "identity_unknown"
    zh = "该会员没有这一有效识别方式。"
    kind = Kind.NOT_FOUND


class MemberGone(Refusal):
    """The member was merged into another or erased."""

    code = "member_gone"
    zh = "该会员已被合并或已抹除。"


class BadEntry(Malformed):
    """This cannot stand in a member's file."""

    code = "bad_entry"
    zh = "这不能写入会员档案。"


class NoteUnknown(Refusal):
    """The member has no such open note."""

    code = "note_unknown"
    zh = "该会员没有这条未处理的备注。"
    kind = Kind.NOT_FOUND
