"""What is refused when somebody asks for a code.

Refusal
 └─ TooManyCodes   busy
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class TooManyCodes(Refusal):
    """Codes were asked for too often; wait a little and try again."""

    code = "too_many_codes"
    zh = "验证码请求过于频繁，请稍后再试。"
    kind = Kind.BUSY
