"""Arrays for PostgreSQL as text: ``%(ids)s::bigint[]`` with ``bigints(ids)``.

A batch of a thousand events passes some dozen columns as arrays. psycopg adapts a list element
by element; one string built by ``join`` costs a tenth of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# What must be quoted: our separators, quotes, white space, nothing at all, and the word NULL.
_SPECIAL = re.compile(r'[{}",\\\s]|^$|^null$', re.IGNORECASE)


def bigints(values: Iterable[int | None]) -> str:
    """Return integers as an array literal; None is NULL."""
    kept = values if isinstance(values, list | tuple) else list(values)
    text = ",".join(map(str, kept))
    if "N" in text or "T" in text or "F" in text or "." in text:
        text = ",".join("NULL" if value is None else str(int(value)) for value in kept)
    return f"{{{text}}}"


def bools(values: Iterable[bool | None]) -> str:
    """Return truth values as an array literal; None is NULL."""
    return "{" + ",".join(["NULL" if v is None else "t" if v else "f" for v in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    r"""Return texts as an array literal; None is NULL, every other value comes back as it was.

    Raises :class:`ValueError` for the character NUL, which PostgreSQL cannot store, and for
    half a surrogate pair, which is no text.
    """
    quoted: list[str] = []
    add = quoted.append
    special = _SPECIAL.search
    for value in values:
        if value is None:
            add("NULL")
        elif special(value) is None:
            add(value)
        else:
            add('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    text = "{" + ",".join(quoted) + "}"
    if "\x00" in text:
        message = "PostgreSQL cannot store the character NUL."
        raise ValueError(message)
    return text
