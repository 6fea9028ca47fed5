"""The mapping file: which column becomes which field, which rows are what, which are refused.

See ``docs/guides/import.md`` for the language. It is closed: everything it can say is declared
here, and nothing in it is ever evaluated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from coterie.intake.importing import nodes
from coterie.intake.importing.cells import Expression, as_decimal
from coterie.intake.importing.conditions import JOINS, TESTS, Condition
from coterie.intake.importing.errors import MappingMalformed
from coterie.intake.importing.expressions import read_expression
from coterie.intake.importing.model import FileOptions, What
from coterie.intake.importing.nodes import Value
from coterie.intake.importing.targets import (
    LINES,
    OTHERS,
    Target,
    event_kinds,
    event_targets,
    find_target,
    line_targets,
)
from coterie.intake.reading import INTERNAL_SOURCE
from coterie.kernel.errors import nearest
from coterie.kernel.time import Zone

CASES_MAX = 20
GUARDS_MAX = 50
CONDITION_DEPTH_MAX = 8
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SOURCE = re.compile(r"[A-Za-z0-9_.:/#-]{1,64}")
_TOP = ("import", "file", "source", "zone", "refuse", "rows")
_CASE = ("when", "kind", "refuse", "set", "line", "lot", "group_by")


class Guard(Struct, frozen=True):
    """A row for which ``when`` holds is refused with a code and a reason."""

    when: Condition
    code: str
    reason: str


class Case(Struct, frozen=True):
    """What some rows are: their kind (events), what is set, what makes up one line, what groups."""

    when: Condition | None = None
    kind: str | None = None
    guards: tuple[Guard, ...] = ()
    fields: tuple[Expression, ...] = ()
    line: tuple[Expression, ...] = ()
    group_by: tuple[str, ...] = ()

    @property
    def grouped(self) -> bool:
        """Tell whether rows become lines of one event."""
        return bool(self.group_by) or self.kind == "opening_balance"

    def columns(self) -> set[str]:
        """Return every column it needs."""
        found = set(self.group_by) | (self.when.columns() if self.when else set())
        found.update(*(guard.when.columns() for guard in self.guards))
        return found.union(*(e.columns for e in (*self.fields, *self.line)))


class Mapping(Struct, frozen=True):
    """A whole mapping; ``digest`` names its content."""

    what: What
    cases: tuple[Case, ...]
    guards: tuple[Guard, ...] = ()
    file: FileOptions = FileOptions()
    source: str = "import"
    digest: str = ""

    def columns(self) -> tuple[str, ...]:
        """Return every column it needs, sorted."""
        found: set[str] = set()
        for part in self.cases:
            found |= part.columns()
        return tuple(sorted(found.union(*(guard.when.columns() for guard in self.guards))))


def load_mapping(path: Path, what: What) -> Mapping:
    """Read a mapping file. Raises :class:`MappingMalformed` naming file, line and place."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as trouble:
        raise MappingMalformed(f"{path.name} cannot be read: {trouble}.") from None
    return parse_mapping(text, what, file=path.name)


def parse_mapping(text: str, what: What, *, file: str = "mapping") -> Mapping:
    """Read a mapping. Raises :class:`MappingMalformed` naming file, line and place."""
    top = nodes.parse(text, file)
    found = top.closed(_TOP)
    if "import" in found and found["import"].one_of(What) != what:
        found["import"].refuse(f"This mapping is for {found['import'].text()}, not for {what}.")
    if "rows" not in found:
        top.refuse("`rows` is missing: it says what the rows are.")
    reader = _Reader(what, found["zone"].checked(_zone) if "zone" in found else None)
    source = found["source"].text() if "source" in found else "import"
    if not _SOURCE.fullmatch(source) or source == INTERNAL_SOURCE:
        found["source"].refuse(f"{source!r} is not a code of one's own.")
    cases = found["rows"].items()
    if not 1 <= len(cases) <= CASES_MAX:
        found["rows"].refuse(f"There are 1 to {CASES_MAX} cases.")
    return Mapping(
        what=what,
        cases=tuple(reader.case(case, last=case is cases[-1]) for case in cases),
        guards=reader.guards(found.get("refuse")),
        file=_file_options(found["file"]) if "file" in found else FileOptions(),
        source=source,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def check_columns(mapping: Mapping, columns: Collection[str], *, file: str = "mapping") -> None:
    """Refuse a mapping that names a column the file has not, with its line and the nearest."""
    for case in mapping.cases:
        for expression in (*case.fields, *case.line):
            for name in expression.columns:
                if name not in columns:
                    where = f"{file}, line {expression.line}, {expression.target}"
                    raise MappingMalformed(_no_column(name, columns), where=where)
    for name in mapping.columns():
        if name not in columns:
            raise MappingMalformed(_no_column(name, columns), where=file)


def _no_column(name: str, columns: Collection[str]) -> str:
    return f"The file has no column {name!r}.{nearest(name, columns)}"


def _zone(name: str) -> str:
    return Zone(name).name


def _file_options(value: Value) -> FileOptions:
    found = value.closed(FileOptions.__struct_fields__)
    options: dict[str, Any] = {
        name: found[name].text() for name in ("format", "encoding", "sheet") if name in found
    }
    if "delimiter" in found:
        options["delimiter"] = str(found["delimiter"].node.value)
    if "columns" in found:
        options["columns"] = tuple(item.text() for item in found["columns"].items())
    return FileOptions(**options)


class _Reader:
    """Reads the parts of a mapping for one sort of rows."""

    def __init__(self, what: What, zone: str | None) -> None:
        self._what = what
        self._zone = zone

    # ------------------------------------------------------------------------------- cases

    def case(self, value: Value, *, last: bool) -> Case:
        found = value.closed(_CASE)
        if "when" not in found and not last:
            value.refuse("Only the last case may be without `when`: the first that holds counts.")
        kind = self._kind(value, found)
        known = event_targets(kind) if kind else OTHERS[self._what]
        parts = found.get("line") or found.get("lot")
        if parts is not None and kind not in LINES:
            parts.refuse(f"Only {', '.join(LINES)} have lines or lots.")
        if "set" not in found:
            value.refuse("`set` is missing: it says which field gets which column.")
        group = found.get("group_by")
        if group is not None and (kind not in LINES or parts is None):
            group.refuse("Only events with `line` can be grouped.")
        fields = self._fields(found["set"], known)
        lines = self._fields(parts, line_targets(kind)) if parts is not None and kind else ()
        self._complete(found["set"], fields, known)
        return Case(
            when=self.condition(found["when"]) if "when" in found else None,
            kind=kind,
            guards=self.guards(found.get("refuse")),
            fields=fields,
            line=lines,
            group_by=tuple(item.text() for item in group.items()) if group is not None else (),
        )

    def _complete(
        self, value: Value, fields: tuple[Expression, ...], known: dict[str, Target]
    ) -> None:
        """Refuse what could never become an event: a required field that nothing sets."""
        names = {expression.target for expression in fields}
        for target in known.values():
            if target.required and target.name not in names and target.name != "key":
                value.refuse(f"{target.name} is not set, and every row needs it.")
        if "occurred_at" in known and not any(name.startswith("member.") for name in names):
            value.refuse("No member.… is set: say which column names the member.")

    def _kind(self, value: Value, found: dict[str, Value]) -> str | None:
        if self._what is What.EVENTS:
            if "kind" not in found:
                value.refuse(f"`kind` is missing: one of {', '.join(event_kinds())}.")
            return found["kind"].one_of(event_kinds())
        if "kind" in found:
            found["kind"].refuse("Only events have a kind here; set `kind` under `set`.")
        return "opening_balance" if self._what is What.BALANCES else None

    def _fields(self, value: Value, known: dict[str, Target]) -> tuple[Expression, ...]:
        fields = []
        for name, given in value.entries().items():
            target = find_target(name, known)
            if target is None:
                given.refuse(f"There is no field {name!r}.{nearest(name, known)}")
            fields.append(read_expression(given, target, self._zone))
        if not fields:
            value.refuse("At least one field is set.")
        return tuple(fields)

    # -------------------------------------------------------------------------- conditions

    def guards(self, value: Value | None) -> tuple[Guard, ...]:
        if value is None:
            return ()
        items = value.items()
        if len(items) > GUARDS_MAX:
            value.refuse(f"There are at most {GUARDS_MAX}.")
        return tuple(self._guard(item) for item in items)

    def _guard(self, value: Value) -> Guard:
        found = value.closed(("when", "code", "reason"))
        for name in ("when", "code"):
            if name not in found:
                value.refuse(f"`{name}` is missing.")
        code = found["code"].text()
        if not _CODE.fullmatch(code):
            found["code"].refuse(f"{code!r} is not a code such as price_missing.")
        reason = found["reason"].text() if "reason" in found else code.replace("_", " ")
        return Guard(self.condition(found["when"]), code, reason)

    def condition(self, value: Value, depth: int = 0) -> Condition:
        if depth > CONDITION_DEPTH_MAX:
            value.refuse("Conditions are nested too deeply.")
        found = value.closed(("column", *TESTS, *JOINS))
        tests = [name for name in found if name != "column"]
        if len(tests) != 1:
            value.refuse(f"A condition has exactly one of {', '.join((*JOINS, *TESTS))}.")
        test = tests[0]
        given = found[test]
        if test in JOINS:
            parts = tuple(self.condition(item, depth + 1) for item in given.items())
            if "column" in found or not parts or (test == "not" and len(parts) != 1):
                value.refuse(f"`{test}` takes conditions, and no column of its own.")
            return Condition(test, parts=parts)
        if "column" not in found:
            value.refuse("`column` is missing.")
        if test in ("empty", "number"):
            values: tuple[str, ...] = (str(given.flag()).lower(),)
        else:
            values = tuple(item.text() for item in given.items())
        if test in ("below", "at_most", "above", "at_least"):
            if len(values) != 1 or not isinstance(as_decimal(values[0]), Decimal):
                given.refuse("Here one number is expected.")
            values = (str(as_decimal(values[0])),)
        if test == "equals" and len(values) != 1:
            given.refuse("`equals` compares with one value; use `in` for several.")
        if not values:
            given.refuse("At least one value is expected.")
        return Condition(test, column=found["column"].text(), values=values)
