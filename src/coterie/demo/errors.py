"""What the demo refuses."""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class WorldInUse(Refusal):
    """This world has a programme or members of its own; the demo would mix with them."""

    code = "world_in_use"
    zh = "此环境已有方案或会员；演示数据会与之混杂。"
    kind = Kind.CONFLICT
