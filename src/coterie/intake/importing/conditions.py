"""When a mapping chooses between rows: declared tests of cells, combined by all, any and not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from coterie.intake.importing.cells import Bad, as_decimal, as_text
from coterie.intake.importing.columns import Memo

TESTS = (
    "empty",
    "equals",
    "in",
    "starts_with",
    "ends_with",
    "contains",
    "number",
    "below",
    "at_most",
    "above",
    "at_least",
)
JOINS = ("all", "any", "not")
_COMPARED = frozenset({"below", "at_most", "above", "at_least"})


class Condition(Struct, frozen=True):
    """A test of one column (``test`` and ``values``), or a join of conditions (``parts``)."""

    test: str
    column: str = ""
    values: tuple[str, ...] = ()
    parts: tuple[Condition, ...] = ()

    def columns(self) -> set[str]:
        """Return every column it looks at."""
        found = {self.column} if self.column else set()
        return found.union(*(part.columns() for part in self.parts))


class Test:
    """A condition that runs over columns of cells."""

    __test__ = False  # pytest would take it for a test of its own

    def __init__(self, condition: Condition) -> None:
        """Prepare it."""
        self._condition = condition
        self._parts = [Test(part) for part in condition.parts]
        self._memo = Memo(_function_of(condition)) if condition.column else None

    def over(self, columns: Mapping[str, Sequence[Any]]) -> list[bool]:
        """Return for each row whether it holds."""
        if self._memo is not None:
            return self._memo.over(columns[self._condition.column])
        answers = [part.over(columns) for part in self._parts]
        if self._condition.test == "not":
            return [not answer for answer in answers[0]]
        join = all if self._condition.test == "all" else any
        return [join(row) for row in zip(*answers, strict=True)]


def _function_of(condition: Condition) -> Callable[[Any], bool]:
    """Return the test of one cell; what cannot be read is neither below nor above anything."""
    test, values = condition.test, condition.values
    if test in _COMPARED:
        return _comparison(test, Decimal(values[0]))
    if test == "number":
        wanted = values == ("true",)
        return lambda cell: isinstance(as_decimal(cell), Decimal) is wanted
    if test == "empty":
        wanted = values == ("true",)
        return lambda cell: (as_text(cell) == "") is wanted
    checks: dict[str, Callable[[str], bool]] = {
        "equals": lambda text: text == values[0],
        "in": frozenset(values).__contains__,
        "starts_with": lambda text: text.startswith(values),
        "ends_with": lambda text: text.endswith(values),
        "contains": lambda text: any(value in text for value in values),
    }
    check = checks[test]

    def holds(cell: Any) -> bool:
        text = as_text(cell)
        return not isinstance(text, Bad) and check(text)

    return holds


def _comparison(test: str, bound: Decimal) -> Callable[[Any], bool]:
    def holds(cell: Any) -> bool:
        number = as_decimal(cell)
        if not isinstance(number, Decimal):
            return False
        if test == "below":
            return number < bound
        if test == "at_most":
            return number <= bound
        return number > bound if test == "above" else number >= bound

    return holds
