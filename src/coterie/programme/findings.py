"""What a check found in a programme's text: where, what is wrong, what is allowed."""

from __future__ import annotations

import re

from msgspec import Struct

_LAST_STEP = re.compile(r"(\.[^.\[\]]*|\[\d+\])$")


class Finding(Struct, frozen=True):
    """One thing found at ``file``:``line`` (from 1; 0: the whole file) and ``path`` below it."""

    file: str
    line: int
    path: str
    problem: str
    allowed: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """Return ``file:line: path: problem allowed``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        sort = " warning:" if self.warning else ""
        allowed = f" {self.allowed}" if self.allowed else ""
        return f"{place}:{sort}{path} {self.problem}{allowed}"


def above(path: str) -> str:
    """Return the path one step up: ``rules[3].earn`` for ``rules[3].earn.currency``."""
    shorter = _LAST_STEP.sub("", path)
    return shorter if shorter != path else ""


def step(path: str, key: str | int) -> str:
    """Return the path one step down."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
