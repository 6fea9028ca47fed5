"""The mapping of a file whose columns are called as the fields they fill."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from coterie.intake.importing.cells import Expression
from coterie.intake.importing.conditions import Condition
from coterie.intake.importing.errors import MappingMalformed
from coterie.intake.importing.expressions import natural_expression
from coterie.intake.importing.mapping import Case, Guard, Mapping
from coterie.intake.importing.model import SEQUENCED, What
from coterie.intake.importing.targets import (
    LINES,
    OTHERS,
    Target,
    event_kinds,
    event_targets,
    find_target,
    line_targets,
)
from coterie.kernel.errors import nearest

REFUSED_COLUMNS = ("refused_row", "refused_code", "refused_reason")
"""What a file of refused rows has besides: it can be corrected and imported as it is."""


def plain_mapping(what: What, columns: Sequence[str], *, at: str | None = None) -> Mapping:
    """Return the mapping of columns to the fields of their name.

    ``at`` is the moment of opening balances whose file tells none. Raises
    :class:`MappingMalformed` for a column that is no field, and for one that is missing.
    """
    names = [name for name in columns if name not in REFUSED_COLUMNS]
    if what is What.BALANCES:
        cases: tuple[Case, ...] = (_balances(names, at),)
    elif what is What.EVENTS:
        cases = _events(names)
    else:
        known = OTHERS[what]
        _check(names, [known])
        cases = (Case(fields=tuple(_expression(name, name, known) for name in names)),)
    digest = hashlib.sha256("\n".join([*names, at or ""]).encode()).hexdigest()
    guards = (_unknown_kind(),) if what is What.EVENTS else ()
    assert (what in SEQUENCED) == (cases[0].kind is not None), "events have kinds, others none"
    return Mapping(what=what, cases=cases, guards=guards, digest=digest)


def _balances(names: Sequence[str], at: str | None) -> Case:
    head, lot = event_targets("opening_balance"), line_targets("opening_balance")
    _check(names, [head, lot])
    lots = tuple(_expression(name, name, lot) for name in names if find_target(name, lot))
    fields = [_expression(name, name, head) for name in names if find_target(name, head)]
    if at is not None and "occurred_at" not in names:
        fields.append(Expression("occurred_at", const=at))
    for needed in ("occurred_at", "currency"):
        if needed not in {expression.target for expression in fields}:
            hint = ", or say --at 2026-01-01T00:00:00+08:00" if needed == "occurred_at" else ""
            raise MappingMalformed(f"The file has no column {needed!r}{hint}.")
    if "units" not in names:
        raise MappingMalformed("The file has no column 'units'.")
    return Case(kind="opening_balance", fields=tuple(fields), line=lots)


def _events(names: Sequence[str]) -> tuple[Case, ...]:
    if "kind" not in names:
        raise MappingMalformed(
            "The file has no column 'kind'; a mapping file (--mapping) says what its rows are."
        )
    heads = [event_targets(kind) for kind in event_kinds()]
    lines = [
        {f"line.{name}": target for name, target in line_targets(kind).items()} for kind in LINES
    ]
    _check([name for name in names if name != "kind"], [*heads, *lines])
    return tuple(_case(kind, names) for kind in event_kinds())


def _case(kind: str, names: Sequence[str]) -> Case:
    head = event_targets(kind)
    parts = line_targets(kind) if kind in LINES else {}
    fields = tuple(
        _expression(name, name, head)
        for name in names
        if name != "kind" and find_target(name, head)
    )
    line = tuple(
        _expression(name.removeprefix("line."), name, parts)
        for name in names
        if name.startswith("line.") and find_target(name.removeprefix("line."), parts)
    )
    group = next((name for name in ("key", "order_ref") if name in names), None)
    grouped = group is not None and line and (kind == "order" or group == "key")
    return Case(
        when=Condition("equals", column="kind", values=(kind,)),
        kind=kind,
        fields=fields,
        line=line,
        group_by=(group,) if group is not None and grouped else (),
    )


def _unknown_kind() -> Guard:
    known = Condition("in", column="kind", values=event_kinds())
    return Guard(
        when=Condition("not", parts=(known,)),
        code="unknown_kind",
        reason=f"The kind is not one of {', '.join(event_kinds())}.",
    )


def _expression(name: str, column: str, known: dict[str, Target]) -> Expression:
    target = find_target(name, known)
    assert target is not None, "only known fields come here"
    return natural_expression(target, column)


def _check(names: Sequence[str], known: Sequence[dict[str, Target]]) -> None:
    every = {name for targets in known for name in targets}
    for name in names:
        if not any(find_target(name, targets) for targets in known):
            raise MappingMalformed(
                f"The column {name!r} is called as no field.{nearest(name, every)} "
                "Rename it, or write a mapping file (--mapping)."
            )
