"""Arrays for PostgreSQL as text: ``%(ids)s::bigint[]`` with ``bigints(ids)``.

A batch of a thousand events passes some dozen columns as arrays. psycopg adapts a list element
by element; one string built by ``join`` and ``replace`` costs a tenth of that, which is why the
escaping below is done on the whole array at once instead of once per element.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import cast

_NUL = "\x00"


def bigints(values: Iterable[int | None]) -> str:
    """Return integers as an array literal; None is NULL.

    Raises :class:`TypeError` for anything else, a float above all: it would be rounded.
    """
    kept = values if isinstance(values, list | tuple) else list(values)
    text = ",".join(map(str, kept))
    if text and not text.translate(_INTEGERS_ONLY):
        return f"{{{text}}}"
    return f"{{{','.join(['NULL' if v is None else str(index(v)) for v in kept])}}}"


# What is left of a list of plain integers after these are taken away is nothing.
_INTEGERS_ONLY = str.maketrans("", "", "-,0123456789")


def bools(values: Iterable[bool | None]) -> str:
    """Return truth values as an array literal; None is NULL."""
    return f"{{{','.join(['NULL' if v is None else 't' if v else 'f' for v in values])}}}"


def texts(values: Iterable[str | None]) -> str:
    """Return texts as an array literal; None is NULL, every other value comes back as it was.

    Raises :class:`ValueError` for the character NUL, which PostgreSQL cannot store.
    """
    kept = values if isinstance(values, list | tuple) else list(values)
    if not kept:
        return "{}"
    # NUL stands between the elements while they are escaped together: no valid element has one.
    nulls = None in kept
    joined = _NUL.join(["" if v is None else v for v in kept] if nulls else cast("list[str]", kept))
    if joined.count(_NUL) != len(kept) - 1:
        raise ValueError("PostgreSQL cannot store the character NUL.")
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"')
    if not nulls:
        return '{"' + escaped.replace(_NUL, '","') + '"}'
    parts = zip(kept, escaped.split(_NUL), strict=True)
    return "{" + ",".join(["NULL" if v is None else f'"{part}"' for v, part in parts]) + "}"
