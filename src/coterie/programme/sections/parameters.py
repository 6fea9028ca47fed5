"""Parameters: numbers that rules take from what is assigned to a member, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor, parse_minor
from coterie.programme.model import Programme
from coterie.programme.personal import Parameter, taken_by
from coterie.programme.saying import short_number
from coterie.programme.schema_parts import DECIMAL, WORDS, Schema, mapping, whole
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)

DECIMALS_MAX = 6


class Parameters(Section):
    """``parameters:`` by code."""

    code = "parameters"
    noun = "parameter"

    def schema(self) -> Schema:
        """Return ``{name, decimals, default, minimum, maximum}``."""
        return mapping(
            {
                "name": WORDS,
                "decimals": whole(0, DECIMALS_MAX),
                "default": DECIMAL,
                "minimum": DECIMAL,
                "maximum": DECIMAL,
            },
            ("name", "default", "maximum"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Parameter:
        """Return the parameter."""
        del ground
        decimals = raw.get("decimals", 0)
        default, least, most = (
            parse_minor(raw.get(key, 0), decimals, where=f"{path}.{key}")
            for key in ("default", "minimum", "maximum")
        )
        if not least <= default <= most:
            raise Malformed("the default lies within the bounds.", where=f"{path}.default")
        return Parameter(code, words_of(raw["name"]), decimals, default, least, most)

    def plain(self, entry: Parameter, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        del programme
        return {
            "name": plain_words_of(entry.name),
            "decimals": entry.decimals,
            **{
                key: format_minor(getattr(entry, key), entry.decimals)
                for key in ("default", "minimum", "maximum")
            },
        }

    def check(self, entry: Parameter, path: str, checker: Checker) -> None:
        """Warn of a parameter that nothing takes."""
        programme = checker.programme
        taken = {parameter for rule in programme.rules for parameter in taken_by(rule, programme)}
        for milestone in programme.parts.get("milestones", {}).values():
            taken.add(getattr(milestone.goal, "parameter", None) or "")
        if entry.code not in taken:
            checker.find(path, "nothing takes this parameter.", warning=True)

    def words(self, entry: Parameter, programme: Programme, lang: str) -> str:
        """Say what is personal, between which bounds, and what it is for everybody else."""
        del programme
        low, high, usual = (
            short_number(each, entry.decimals)
            for each in (entry.minimum, entry.maximum, entry.default)
        )
        if lang == "zh":
            return f"{entry.name.zh}：可为会员单独设定，{low}至{high}之间；未设定时为{usual}。"
        return (
            f"{entry.name.en}: can be set for a member, between {low} and {high}; {usual} "
            "where it is not."
        )

    def breaks(self, old: Parameter, new: Parameter) -> Iterator[str]:
        """What was assigned stays what it was."""
        if old.decimals != new.decimals:
            yield f"has {new.decimals} decimals now, and members have numbers with {old.decimals}."
        elif new.minimum > old.minimum or new.maximum < old.maximum:
            yield f"members may have numbers between {old.bounds()}."
