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
    zh = "没有这类事件。"


class UnknownField(Malformed):
    """The event has a field that its kind does not know."""

    code = "unknown_field"
    zh = "该类事件没有这个字段。"


class NotForOutside(Malformed):
    """Only Coterie itself makes events of this kind."""

    code = "internal_kind"
    zh = "此类事件只能由 Coterie 自身产生。"


class BadMemberReference(Malformed):
    """A member is named by exactly one of id, card, phone, email, messenger and external."""

    code = "bad_member_reference"
    zh = "请用 id、card、phone、email、messenger、external 中的恰好一项指定会员。"


class MemberUnknown(Refusal):
    """No member is found by what was given."""

    code = "member_unknown"
    zh = "找不到所指定的会员。"
    kind = Kind.NOT_FOUND


class EventUnknown(Refusal):
    """There is no such recorded event."""

    code = "event_unknown"
    zh = "没有这条已记录的事件。"
    kind = Kind.NOT_FOUND


class KeyReused(Refusal):
    """The key was used before with other content."""

    code = "key_reused"
    zh = "此幂等键曾用于不同的内容。"
    kind = Kind.CONFLICT


class TooLate(Refusal):
    """The event is older than the programme accepts."""

    code = "too_late"
    zh = "事件发生时间早于方案可接受的范围。"


class InTheFuture(Refusal):
    """The event lies in the future."""

    code = "in_the_future"
    zh = "事件时间在未来。"


class StateForbids(Refusal):
    """The member's state does not allow this."""

    code = "state_forbids"
    zh = "会员当前状态不允许此操作。"
