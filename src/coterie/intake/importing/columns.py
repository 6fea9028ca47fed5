"""Expressions that run over whole columns; files repeat themselves: little is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from coterie.intake.importing.cells import Bad, Expression, as_decimal, function_of, is_foreign

MEMO_MAX = 50_000


class Memo(dict[Any, Any]):
    """A bounded memory of a function's answers, and whether any of them was Bad."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function
        self.saw_bad = False

    def __missing__(self, key: Any) -> Any:
        """Work it out once; forget everything when there is too much to remember."""
        if len(self) >= MEMO_MAX:
            self.clear()
        value = self[key] = self.function(key)
        if type(value) is Bad:
            self.saw_bad = True
        return value

    def over(self, keys: Iterable[Any]) -> list[Any]:
        """Return the answers for many keys."""
        return list(map(self.__getitem__, keys))


class Column:
    """An expression that runs over columns of cells."""

    def __init__(self, expression: Expression) -> None:
        """Prepare it."""
        self.expression = expression
        self._plain = expression == Expression(
            expression.target, expression.line, expression.columns, zone=expression.zone
        )
        self._memo = Memo(function_of(expression))
        self._numbers = (
            [Memo(partial(as_decimal, point=expression.point)) for _ in expression.columns]
            if expression.convert == "decimal"
            else []
        )

    @property
    def saw_bad(self) -> bool:
        """Tell whether any cell so far could not be read."""
        return self._memo.saw_bad

    def over(self, columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        """Return ``count`` values: None for an empty cell, Bad for one that cannot be read."""
        names = self.expression.columns
        if not names:
            return [self.expression.const] * count
        if len(names) > 1:
            return self._several([columns[name] for name in names])
        cells = columns[names[0]]
        found = _plain_texts(cells) if self._plain else None
        return self._memo.over(cells) if found is None else found

    def _several(self, cells: list[Sequence[Any]]) -> list[Any]:
        if not self._numbers:
            return self._memo.over(zip(*cells, strict=True))
        # Prices and quantities repeat; their products do not.
        numbers = [memo.over(each) for memo, each in zip(self._numbers, cells, strict=True)]
        found = list(map(self._memo.function, zip(*numbers, strict=True)))
        if any(memo.saw_bad for memo in self._numbers) or Bad in set(map(type, found)):
            self._memo.saw_bad = True
        return found


def _plain_texts(cells: Sequence[Any]) -> list[str | None] | None:
    """Return a whole column of ordinary texts at once; None when one of them is not ordinary."""
    if set(map(type, cells)) - {str}:
        return None
    texts = list(map(str.strip, cells))
    if is_foreign("".join(texts)):
        return None
    return [text or None for text in texts] if "" in texts else texts  # type: ignore[return-value]
