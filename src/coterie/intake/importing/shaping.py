"""A batch of cells becomes a batch of events (or newcomers, products ...), row by row.

Every row stands for itself: one that cannot be understood is refused with its reason, whatever its
neighbours are. A row of a grouped case is checked as an event of one line; which rows become one
event is decided when all of them are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct, field

from coterie.events import KINDS, BadMemberReference, Mode
from coterie.intake.importing.cells import Bad, as_text
from coterie.intake.importing.columns import Column, Memo
from coterie.intake.importing.conditions import Test
from coterie.intake.importing.mapping import Case, Guard, Mapping
from coterie.intake.importing.model import SEQUENCED, Batch, RefusedRow
from coterie.intake.importing.targets import IDENTITIES, PART_FIELD
from coterie.kernel.errors import Malformed, Refusal
from coterie.kernel.time import parse_instant
from coterie.members import normalise_identity

_encode = msgspec.json.Encoder().encode
_PLACE = re.compile(r" - at `\$\.?([^`]*)`")
_NOBODY: dict[str, Any] = {}
CODE_VALUE = "value_malformed"
CODE_EVENT = "event_malformed"
CODE_NO_CASE = "no_case"


class Shaped(Struct):
    """Rows that became events or parts of events, in columns of equal length.

    ``members`` are hashes of how a row names its member, ``groups`` hashes of what its group has
    in common (None: an event of its own), ``heads`` the event as JSON without its lines, ``parts``
    the line or lot as JSON.
    """

    rows: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    at_us: list[int] = field(default_factory=list)
    groups: list[int | None] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    parts: list[bytes | None] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


class Records(Struct):
    """Rows that became plain records (newcomers, products ...): their positions and fields."""

    rows: list[int] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def whole_event(head: bytes, part_field: str, parts: Sequence[bytes | None]) -> bytes:
    """Put lines or lots into an event's JSON."""
    lines = [part for part in parts if part is not None]
    if not lines:
        return head
    return b'%s,"%s":[%s]}' % (head[:-1], part_field.encode(), b",".join(lines))


def _who(reference: tuple[tuple[str, Any], ...]) -> int | Refusal:
    """Return a hash of the member a reference means, however it is spelled; or why it means none.

    Two members with one hash share a place in the order of loading, and nothing else.
    """
    if len(reference) != 1:
        given = " and ".join(kind for kind, _ in reference) or "none"
        return BadMemberReference(f"Given: {given}.")
    kind, value = reference[0]
    try:
        meant = value if kind == "id" else normalise_identity(kind, value)
    except Refusal as refusal:
        return refusal
    data = f"{kind}:{meant}".encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)


def _instant(text: str) -> int | Bad:
    try:
        return parse_instant(text)[0]
    except Malformed as refusal:
        return Bad(refusal.detail)


def _group_key(cells: tuple[Any, ...]) -> bytes:
    return _encode([str(as_text(cell)) for cell in cells])


class Shaper:
    """A mapping made ready to run over batches of one file.

    ``prefix`` names the file in the keys of events that bring none of their own; ``mode`` is
    whether they are history.
    """

    def __init__(self, mapping: Mapping, *, prefix: str, mode: Mode = Mode.HISTORICAL) -> None:
        """Prepare every expression and condition once."""
        self._mapping = mapping
        self._guards = _Guards(mapping.guards)
        self._cases = [_Case(case, mapping, prefix, mode) for case in mapping.cases]

    def events(self, batch: Batch) -> Shaped:
        """Return what a batch becomes where its rows are events."""
        assert self._mapping.what in SEQUENCED, "only these become events"
        shaped = Shaped(refused=list(batch.bad))
        for case, rows, columns in self._dealt(batch, shaped.refused):
            case.events(rows, columns, shaped)
        return shaped

    def records(self, batch: Batch) -> Records:
        """Return what a batch becomes where its rows are members or master data."""
        shaped = Records(refused=list(batch.bad))
        for case, rows, columns in self._dealt(batch, shaped.refused):
            names = [expression.target for expression in case.case.fields]
            values = case.fields(rows, columns, shaped.refused)
            shaped.rows += values.rows
            shaped.records += _records(names, values.columns, len(values.rows))
        return shaped

    def _dealt(
        self, batch: Batch, refused: list[RefusedRow]
    ) -> Iterator[tuple[_Case, Sequence[int], dict[str, Sequence[Any]]]]:
        """Deal the rows out to the cases, without those a guard refuses."""
        rows: Sequence[int] = batch.rows
        columns = dict(batch.columns)
        rows, columns = self._guards.keep(rows, columns, refused)
        for case in self._cases:
            if not rows:
                return
            mine, theirs = case.choose(columns)
            if mine is None:
                taken, rows = rows, []
                part = columns
            else:
                taken, part = _take(mine, rows, columns)
                rows, columns = _take(theirs, rows, columns)
            taken, part = case.guards.keep(taken, part, refused)
            if taken:
                yield case, taken, part
        reason = "No case of the mapping is for this row."
        refused += [RefusedRow(row, CODE_NO_CASE, reason) for row in rows]


def _take(
    places: list[int], rows: Sequence[int], columns: dict[str, Sequence[Any]]
) -> tuple[Sequence[int], dict[str, Sequence[Any]]]:
    if len(places) == len(rows):
        return rows, columns
    chosen: dict[str, Sequence[Any]] = {
        name: [values[n] for n in places] for name, values in columns.items()
    }
    return [rows[n] for n in places], chosen


class _Guards:
    """What refuses rows before anything is read from them; the first that holds says why."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        self._guards = [(Test(guard.when), guard) for guard in guards]

    def keep(
        self,
        rows: Sequence[int],
        columns: dict[str, Sequence[Any]],
        refused: list[RefusedRow],
    ) -> tuple[Sequence[int], dict[str, Sequence[Any]]]:
        for test, guard in self._guards:
            if not rows:
                break
            answers = test.over(columns)
            if True not in answers:
                continue
            refused += [
                RefusedRow(row, guard.code, guard.reason)
                for row, bad in zip(rows, answers, strict=True)
                if bad
            ]
            good = [n for n, bad in enumerate(answers) if not bad]
            rows, columns = _take(good, rows, columns)
        return rows, columns


class _Values(Struct):
    rows: Sequence[int]
    columns: list[list[Any]]
    lines: list[list[Any]]
    groups: list[tuple[Any, ...]] | None = None


class _Case:
    """One case of a mapping, ready to run."""

    def __init__(self, case: Case, mapping: Mapping, prefix: str, mode: Mode) -> None:
        self.case = case
        self.guards = _Guards(case.guards)
        self._test = Test(case.when) if case.when is not None else None
        self._fields = [Column(expression) for expression in case.fields]
        self._lines = [Column(expression) for expression in case.line]
        self._prefix = prefix
        self._head = {"kind": case.kind, "source": mapping.source, "mode": str(mode)}
        self._event = KINDS.get(case.kind or "")
        self._part_field = PART_FIELD.get(case.kind or "", "")
        self._sources = {e.target: e.columns for e in (*case.line, *case.fields)}
        self._instants = Memo(_instant)
        self._members = Memo(_who)
        self._group_keys = Memo(_group_key)
        self._keyed = any(expression.target == "key" for expression in case.fields)

    def choose(self, columns: dict[str, Sequence[Any]]) -> tuple[list[int] | None, list[int]]:
        """Return the places of rows that are this case's, and of the others; None: all are."""
        if self._test is None:
            return None, []
        answers = self._test.over(columns)
        mine = [n for n, holds in enumerate(answers) if holds]
        return mine, [n for n, holds in enumerate(answers) if not holds]

    def fields(
        self,
        rows: Sequence[int],
        columns: dict[str, Sequence[Any]],
        refused: list[RefusedRow],
    ) -> _Values:
        """Work out every field of every row; rows with a value that cannot be read are refused."""
        count = len(rows)
        heads = [column.over(columns, count) for column in self._fields]
        lines = [column.over(columns, count) for column in self._lines]
        groups = None
        if self.case.group_by:
            groups = list(zip(*(columns[name] for name in self.case.group_by), strict=True))
        values = _Values(rows, heads, lines, groups)
        bad: dict[int, str] = {}
        for column, found in zip((*self._fields, *self._lines), (*heads, *lines), strict=True):
            if column.saw_bad:
                for n, value in enumerate(found):
                    if type(value) is Bad and n not in bad:
                        named = " × ".join(map(repr, column.expression.columns))
                        bad[n] = f"{column.expression.target} from {named}: {value.reason}."
        if not bad:
            return values
        refused += [RefusedRow(rows[n], CODE_VALUE, reason) for n, reason in bad.items()]
        keep = [n for n in range(count) if n not in bad]
        return _Values(
            [rows[n] for n in keep],
            [[found[n] for n in keep] for found in heads],
            [[found[n] for n in keep] for found in lines],
            [groups[n] for n in keep] if groups is not None else None,
        )

    def events(
        self, rows: Sequence[int], columns: dict[str, Sequence[Any]], shaped: Shaped
    ) -> None:
        values = self.fields(rows, columns, shaped.refused)
        heads, lines = self._json_ready(values)
        grouped = self.case.grouped
        add = _Adder(shaped)
        for n, row in enumerate(values.rows):
            head = heads[n]
            line = lines[n] if lines is not None else None
            reference = tuple(head.get("member", _NOBODY).items())
            who = self._members[reference]
            if isinstance(who, Refusal):
                reason = f"{who.title()} {who.detail}".strip()
                shaped.refused.append(RefusedRow(row, who.code, reason))
                continue
            group = None
            if grouped:
                common = self._group(head, values.groups[n] if values.groups else ())
                group = blake2b(b"%d%s" % (who, common), digest_size=16).digest()
            if not self._keyed:
                head["key"] = f"{self._prefix}:{row if group is None else group.hex()}"
            reason = self._wrong(head, line)
            at_us = 0 if reason else self._instants[head["occurred_at"]]
            if isinstance(at_us, Bad):
                reason = at_us.reason
            if reason:
                shaped.refused.append(RefusedRow(row, CODE_EVENT, reason))
                continue
            add.row(row)
            add.member(who)
            add.at_us(at_us)
            add.group(None if group is None else int.from_bytes(group[:8], "little", signed=True))
            add.head(_encode(head))
            add.part(None if line is None else _encode(line))

    def _json_ready(
        self, values: _Values
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]] | None]:
        """Return every row's event without its line, what is the same for all first; and lines."""
        count = len(values.rows)
        names = [*self._head, *(column.expression.target for column in self._fields)]
        same = [[value] * count for value in self._head.values()]
        heads = _records(names, [*same, *values.columns], count)
        line_names = [column.expression.target for column in self._lines]
        return heads, _records(line_names, values.lines, count) if self._lines else None

    def _group(self, head: dict[str, Any], cells: tuple[Any, ...]) -> bytes:
        """Return what the rows of a group have in common, besides their member."""
        if self.case.group_by:
            common: bytes = self._group_keys[cells]
            return common
        return _encode([head.get("currency"), head.get("occurred_at")])

    def _wrong(self, head: dict[str, Any], line: dict[str, Any] | None) -> str:
        """Return why a row is no event, as text with the columns concerned; empty: it is one."""
        event = dict(head)
        del event["kind"]
        if line is not None:
            event[self._part_field] = (line,)
        try:
            msgspec.convert(event, self._event)
        except msgspec.ValidationError as trouble:
            return self._told(str(trouble))
        return ""

    def _told(self, said: str) -> str:
        place = _PLACE.search(said)
        path = re.sub(r"^(lines|lots)\[\d+\]\.?", "", place[1]) if place else ""
        missing = re.search(r"missing required field `(\w+)`", said)
        name = f"{path}.{missing[1]}" if missing and path else (missing[1] if missing else path)
        columns = self._sources.get(name)
        text = _PLACE.sub("", said)
        where = f" ({name}, from {' × '.join(map(repr, columns))})" if columns else f" ({name})"
        return f"{text}{where if name else ''}."


class _Adder:
    """The append methods of a Shaped, looked up once."""

    __slots__ = ("at_us", "group", "head", "member", "part", "row")

    def __init__(self, shaped: Shaped) -> None:
        self.row: Callable[[int], None] = shaped.rows.append
        self.member: Callable[[int], None] = shaped.members.append
        self.at_us: Callable[[int], None] = shaped.at_us.append
        self.group: Callable[[int | None], None] = shaped.groups.append
        self.head: Callable[[bytes], None] = shaped.heads.append
        self.part: Callable[[bytes | None], None] = shaped.parts.append


def _records(
    names: Sequence[str], columns: Sequence[list[Any]], count: int
) -> list[dict[str, Any]]:
    """Zip columns to records; dots in names nest, and what is empty is left out."""
    flat: list[str] = []
    found: list[list[Any]] = []
    nested: dict[str, tuple[list[str], list[list[Any]]]] = {}
    for name, column in zip(names, columns, strict=True):
        head, dot, rest = name.partition(".")
        if dot:
            inner = nested.setdefault(head, ([], []))
            inner[0].append(rest)
            inner[1].append(column)
        else:
            flat.append(name)
            found.append(column)
    for head, (inner_names, inner_columns) in nested.items():
        inside = _records(inner_names, inner_columns, count)
        flat.append(head)
        found.append(_tenders(inside) if head == "tenders" else inside)
    if not found:
        return [{} for _ in range(count)]
    rows = zip(*found, strict=True)
    if any(None in column for column in found):
        return [
            {name: value for name, value in zip(flat, row, strict=True) if value is not None}
            for row in rows
        ]
    return [dict(zip(flat, row, strict=True)) for row in rows]


def _tenders(inside: list[dict[str, Any]]) -> list[Any]:
    """A column a means of payment becomes a list of those that paid something."""
    return [
        [{"kind": kind, "amount_minor": amount} for kind, amount in each.items() if amount]
        for each in inside
    ]


def identities_of(record: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the (kind, value) pairs of a member's record."""
    return tuple((kind, str(record[kind])) for kind in IDENTITIES if record.get(kind))
