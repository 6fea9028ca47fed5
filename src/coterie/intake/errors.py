"""What the path of events refuses before an event is read.

Refusal
 └─ Busy   not now: the same call, with the same key, may succeed later
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal

RETRY_AFTER_S = 1
"""How long a caller is asked to wait before it tries again."""


class Busy(Refusal):
    """There is too much to do at the moment; send the same again a little later."""

    code = "busy"
    kind = Kind.BUSY
