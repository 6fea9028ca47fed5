"""What is refused about requests.

Refusal
 ├─ RequestUnknown                              not found
 ├─ OwnRequest                                  forbidden
 ├─ DecidedAlready, RequestLapsed               conflict
 └─ BadPolicy                                   malformed
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class RequestUnknown(Refusal):
    """There is no such request."""

    code = "request_unknown"
    zh = "没有这条申请。"
    kind = Kind.NOT_FOUND


class OwnRequest(Refusal):
    """Nobody decides about what they asked for."""

    code = "own_request"
    zh = "不能审批自己提交的申请。"
    kind = Kind.FORBIDDEN


class DecidedAlready(Refusal):
    """This request does not wait any more."""

    code = "decided_already"
    zh = "该申请已处理。"
    kind = Kind.CONFLICT


class RequestLapsed(Refusal):
    """This request waited too long."""

    code = "request_lapsed"
    zh = "该申请已过期。"
    kind = Kind.CONFLICT


class BadPolicy(Malformed):
    """Such a policy cannot be."""

    code = "bad_policy"
    zh = "审批策略不符合要求。"
