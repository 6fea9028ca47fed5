"""What the portal refuses.

Refusal
 ├─ NotSent                      busy
 └─ MessengerRefused             unauthenticated
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class NotSent(Refusal):
    """The code could not be sent; try again in a moment."""

    code = "code_not_sent"
    zh = "验证码未能发出，请稍后再试。"
    kind = Kind.BUSY


class MessengerRefused(Refusal):
    """The messenger did not say who you are; begin again."""

    code = "messenger_refused"
    zh = "消息应用未能确认您的身份，请重新开始。"
    kind = Kind.UNAUTHENTICATED
