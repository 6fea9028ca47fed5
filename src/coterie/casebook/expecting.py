"""What a case expects, read: codes the programme declares, numbers in their own scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from coterie.casebook.model import Expected, Verdict
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import parse_minor
from coterie.programme.compile import CompiledProgramme
from coterie.programme.document import Document
from coterie.programme.measures import metric_scale
from coterie.programme.model import Programme

ACCOUNTS = ("balances", "pending", "held", "owed")

Raw = dict[str, Any]


class Expecting:
    """Reads expectations of one case; what is wrong becomes a finding of its document."""

    def __init__(
        self, programme: Programme, document: Document, members: Mapping[str, int]
    ) -> None:
        """Take what may be named."""
        self.programme = programme
        self.document = document
        self.members = members

    def read(self, raw: Raw, path: str) -> Expected:
        """Return what is expected; ``raw`` fits the schema."""
        return Expected(
            path=path,
            verdict=self._verdict(raw, path),
            accounts={
                name: self._units(raw[name], f"{path}.{name}") for name in ACCOUNTS if name in raw
            },
            lots=self._lots(raw.get("lots", {}), f"{path}.lots"),
            tiers=self.tiers(raw.get("tiers", {}), f"{path}.tiers"),
            metrics={
                code: self.metric(code, value, f"{path}.metrics.{code}")
                for code, value in raw.get("metrics", {}).items()
            },
            state=raw.get("state"),
            attributes=raw.get("attributes", {}),
            change=self._units(raw.get("change", {}), f"{path}.change"),
            gives=self._gives(raw.get("gives", {}), f"{path}.gives"),
            effects=self._effects(raw["effects"], f"{path}.effects") if "effects" in raw else None,
            members=self._others(raw.get("members", {}), f"{path}.members"),
        )

    def named(self, what: str, name: str, known: Iterable[str], path: str) -> bool:
        """Note a name that is not declared; True when it is."""
        if name in known:
            return True
        self.document.find(path, f"there is no {what} {name!r}.", nearest(name, known).strip())
        return False

    def metric(self, code: str, raw: str | int, path: str) -> int:
        """Return a metric's value in its own unit."""
        if not self.named("metric", code, self.programme.metrics, path):
            return 0
        return self._number(raw, metric_scale(self.programme, code), path)

    def tiers(self, raw: Raw, path: str) -> dict[str, Raw]:
        """Return what is said of the standing on ladders: at least a ``tier``."""
        ladders = self.programme.parts.get("ladders", {})
        found: dict[str, Raw] = {}
        for code, said in raw.items():
            if self.named("ladder", code, ladders, f"{path}.{code}"):
                found[code] = said if isinstance(said, dict) else {"tier": said}
        return found

    def _number(self, raw: str | int, scale: int, path: str) -> int:
        try:
            return parse_minor(raw, scale, where=path)
        except Malformed as refusal:
            self.document.find(path, refusal.detail)
            return 0

    def _units(self, raw: Raw, path: str) -> dict[str, int]:
        return {code: self._of(code, units, f"{path}.{code}") for code, units in raw.items()}

    def _of(self, currency: str, raw: str | int, path: str) -> int:
        if not self.named("currency", currency, self.programme.currencies, path):
            return 0
        return self._number(raw, self.programme.currencies[currency].scale, path)

    def _verdict(self, raw: Raw, path: str) -> Verdict | None:
        if "refused" in raw and "waiting" in raw:
            self.document.find(path, "an event is refused or waits, not both.")
        if "refused" in raw:
            return Verdict("refused", raw["refused"])
        if "waiting" in raw:
            return Verdict("waiting", raw["waiting"])
        return None

    def _lots(self, raw: Raw, path: str) -> dict[str, list[tuple[int, str | None]]]:
        return {
            code: [
                (self._of(code, lot["units"], f"{path}.{code}[{n}].units"), lot.get("expires_on"))
                for n, lot in enumerate(lots)
            ]
            for code, lots in raw.items()
        }

    def _gives(self, raw: Raw, path: str) -> dict[str, tuple[int, int]]:
        scales = _promised(self.programme)
        found = {}
        for code, units in raw.items():
            at = f"{path}.{code}"
            if self.named("rule", code, scales, at):
                found[code] = (self._number(units, scales[code], at), scales[code])
        return found

    def _effects(self, raw: list[Raw], path: str) -> list[Raw]:
        found = []
        for number, effect in enumerate(raw):
            at = f"{path}[{number}]"
            said = dict(effect)
            if "units" in said:
                code = str(said.get("currency") or next(iter(self.programme.currencies)))
                said["units"] = self._of(code, said["units"], f"{at}.units")
            found.append(said)
        return found

    def _others(self, raw: Raw, path: str) -> dict[str, Expected]:
        found = {}
        for name, inner in raw.items():
            if self.named("member", name, self.members, f"{path}.{name}"):
                found[name] = self.read(inner, f"{path}.{name}")
        return found


def _promised(programme: Programme) -> dict[str, int]:
    """Return every code that movements name as their rule, and the scale of what it gives."""
    scales = {code: currency.scale for code, currency in programme.currencies.items()}
    found = {}
    for entries in programme.parts.values():
        for code, entry in entries.items():
            found[code] = scales.get(getattr(entry, "currency", ""), 0)
    compiled = CompiledProgramme(programme, 1)
    for rule in programme.rules:
        found[rule.code] = scales[compiled.by_code[rule.code].currency]
    return found
