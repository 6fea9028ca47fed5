"""Reads the tables of ``tests/ledger/tables`` and plays them.

A file holds cases. A case is ``== its name``, settings ``key = value``, and one line an action of
at most six columns, of which the last three may be left empty (not looked at):

    at | action | result | balance | lots | moved

``at`` is local time of the case's zone. An action may have a label before a colon, by which it is
reversed. ``balance`` is what is available, then ``p``, ``h``, ``o`` for pending, held and owed
where they are not zero. ``lots`` are those with anything in them, ``number:remaining``, then ``~``
while pending, ``h`` held, ``x`` lapsed and, where any is looked at, ``>`` the last valid day.
``moved`` are the units the action moved, ``debit>credit units``; those of due events before it are
not shown. The rule of all cases gives a point for 1.00; others are named in the setting ``rules``.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.numbers import Rounding
from coterie.kernel.time import from_datetime
from coterie.programme.model import (
    Condition,
    Debt,
    DebtPolicy,
    Expiry,
    ExpiryModel,
    Multiply,
    Pending,
    Programme,
    ReturnPolicy,
    Rule,
)
from coterie.programme.standing import Decision
from tests.ledger.driver import Drive, currency, earn, programme, words

TABLES = Path(__file__).parent / "tables"
COLUMNS = 6


class Case(NamedTuple):
    name: str
    settings: dict[str, str]
    rows: list[tuple[int, list[str]]]


def cases() -> Iterator[Case]:
    for path in sorted(TABLES.glob("*.txt")):
        case: Case | None = None
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            text = line.split("#")[0].strip()
            if text.startswith("=="):
                if case is not None:
                    yield case
                case = Case(f"{path.stem}: {text[2:].strip()}", {}, [])
            elif "|" in text:
                assert case is not None
                columns = [column.strip() for column in text.split("|")]
                assert len(columns) <= COLUMNS, f"{path.name}:{number}"
                case.rows.append((number, columns + [""] * (COLUMNS - len(columns))))
            elif text:
                assert case is not None
                key, _, value = text.partition("=")
                case.settings[key.strip()] = value.strip()
        if case is not None:
            yield case


def _options(text: str) -> tuple[str, dict[str, Any]]:
    """``fixed months=12`` as its first word and the rest."""
    first, *rest = text.split()
    pairs = [word.split("=") for word in rest]
    return first, {key: int(value) if value.isdigit() else value for key, value in pairs}


def _expiry(text: str) -> Expiry:
    model, options = _options(text)
    if "dates" in options:
        pairs = [day.split("-") for day in str(options["dates"]).split(",")]
        options["dates"] = tuple((int(month), int(day)) for month, day in pairs)
    if "activities" in options:
        options["activities"] = tuple(str(options["activities"]).split(","))
    if "round" in options:
        options["round_to"] = options.pop("round")
    return Expiry(ExpiryModel(model), **options)


MIDDLING = Condition("order_amount", {"min": "40.00", "max": "80.00"})
RULES: dict[str, Rule] = {
    "base": earn("base", Fraction(1), 100),
    "flat": earn(
        "flat", Fraction(50), rule_when=Condition("order_amount", {"min": "100.00"})
    ),
    "double_x": Rule(
        "double_x", words("double_x"), "order", Multiply(("base",), Fraction(2)),
        lines=Condition("tag", {"in": ["x"]}),
    ),
    "fickle": earn(
        "fickle",
        Fraction(20),
        rule_when=Condition("not", {"of": [MIDDLING]}),
    ),
}  # fmt: skip


def programme_of(settings: dict[str, str]) -> Programme:
    more: dict[str, Any] = {}
    if "expiry" in settings:
        more["expiry"] = _expiry(settings["expiry"])
    if "debt" in settings:
        policy, *limit = settings["debt"].split()
        more["debt"] = Debt(DebtPolicy(policy), int(limit[0]) if limit else None)
    if "pending" in settings:
        wait, *from_ = settings["pending"].split()
        more["pending"] = Pending(int(wait), expiry_from=from_[0] if from_ else "earning")
    if "returns" in settings:
        kept, *rounding = settings["returns"].split()
        more["returns"] = ReturnPolicy(kept)
        more["return_rounding"] = Rounding(rounding[0] if rounding else "down")
    if "lapsed" in settings:
        more["lapsed_refund"], *days = settings["lapsed"].split()
        more["extend_days"] = int(days[0]) if days else 30
    names = settings.get("rules", "base").split()
    points = currency(transferable=settings.get("transferable", "yes") == "yes",
                      spendable=settings.get("spendable", "yes") == "yes", **more)  # fmt: skip
    return programme(
        settings.get("zone", "Asia/Shanghai"),
        currencies={"points": points},
        rules=tuple(RULES[name] for name in names),
    )


class Player:
    """Plays one case, row by row."""

    def __init__(self, case: Case) -> None:
        self.drive = Drive(programme_of(case.settings))
        self.zone = ZoneInfo(case.settings.get("zone", "Asia/Shanghai"))
        self.labels: dict[str, int] = {}
        self.decision: Decision | None = None

    def play(self, columns: list[str]) -> None:
        when, action, result, balance, lots, moved = columns
        at = self.moment(when)
        label, _, rest = action.rpartition(": ")
        verb, *words_ = rest.split()
        assert self.act(verb, words_, at) == result
        if label:
            self.labels[label] = self.drive.member.seq
        if balance:
            assert self.balance() == balance
        if lots:
            assert self.lots(dated=">" in lots) == lots
        if moved:
            assert self.moved() == moved

    def moment(self, text: str) -> str:
        parsed = datetime.fromisoformat(text)
        if len(text) == len("2026-01-31"):
            parsed = parsed.replace(hour=12)
        return parsed.replace(tzinfo=self.zone).isoformat()

    def act(self, verb: str, parts: list[str], at: str) -> str:
        if verb == "wait":
            before = len(self.drive.dues)
            self.drive.due(from_datetime(datetime.fromisoformat(at)))
            self.decision = None
            return f"{len(self.drive.dues) - before} due"
        made: Callable[..., tuple[type[ev.Event], dict[str, Any]]] = getattr(self, verb)
        kind, fields = made(*parts)
        try:
            self.decision = self.drive.send(kind, at, **fields)
        except Refusal as refused:
            self.decision = None
            return refused.code
        return "ok"

    # ---------------------------------------------------------------- actions

    def order(self, ref: str, *lines: str) -> Any:
        """``60.00`` a line, ``60.00x`` with the tag x, ``3*60.00`` three pieces."""
        found = []
        for text in lines:
            match = re.fullmatch(r"(?:(\d+)\*)?([\d.]+)(x?)", text)
            assert match is not None, text
            found.append(
                ev.OrderLine(
                    int(Fraction(match[2]) * 100),
                    quantity_milli=int(match[1] or 1) * 1000,
                    tags=("x",) if match[3] else (),
                )
            )
        return ev.Order, {"order_ref": ref, "lines": tuple(found)}

    def give_back(self, ref: str, *lines: str) -> Any:
        """``1`` the whole of line one, ``1*2`` two pieces of it, ``1=5.00`` five of its money."""
        found = []
        for text in lines:
            match = re.fullmatch(r"(\d)(?:\*(\d+))?(?:=([\d.]+))?", text)
            assert match is not None, text
            quantity = int(match[2]) * 1000 if match[2] else None
            amount = int(Fraction(match[3]) * 100) if match[3] else None
            found.append(ev.ReturnLine(line=match[1], quantity_milli=quantity, amount_minor=amount))
        return ev.Return, {"order_ref": ref, "lines": tuple(found)}

    def spend(self, units: str) -> Any:
        return ev.Spend, {"currency": "points", "units": int(units)}

    def hold(self, ref: str, units: str, *until: str) -> Any:
        fields: dict[str, Any] = {"currency": "points", "units": int(units), "hold_ref": ref}
        if until:
            fields["expires_at"] = self.moment("T".join(until))
        return ev.Hold, fields

    def capture(self, ref: str, units: str | None = None) -> Any:
        return ev.Capture, {"hold_ref": ref, "units": None if units is None else int(units)}

    def release(self, ref: str) -> Any:
        return ev.Release, {"hold_ref": ref}

    def transfer(self, units: str, receiver: str = "2") -> Any:
        to = ev.MemberRef(id=int(receiver))
        return ev.Transfer, {"currency": "points", "units": int(units), "receiver": to}

    def transfer_in(self, units: str, last: str | None = None) -> Any:
        fields = {"currency": "points", "units": int(units), "sender_id": 2, "expires_on": last}
        return ev.TransferIn, fields

    def transfer_back(self, label: str) -> Any:
        seq = self.labels[label]
        units = sum(m.units for m in self.drive.standing.undone[seq].movements)
        return ev.TransferBack, {"currency": "points", "units": units, "transfer_seq": seq}

    def adjust(self, units: str) -> Any:
        return ev.Adjustment, {"currency": "points", "units": int(units), "reason": "so"}

    def opening(self, *lots: str) -> Any:
        """``100``, ``100>2027-01-31`` valid through a day, ``100@2025-01-31`` earned on a day."""
        found = []
        for text in lots:
            units, *rest = re.split(r"(?=[>@])", text)
            days = {part[0]: part[1:] for part in rest}
            found.append(ev.OpeningLot(int(units), days.get(">"), days.get("@")))
        return ev.OpeningBalance, {"currency": "points", "lots": tuple(found)}

    def extend(self, last: str, until: str | None = None) -> Any:
        fields = {"currency": "points", "expires_on": last, "expiring_until": until, "reason": "so"}
        return ev.Extend, fields

    def reinstate(self, units: str, last: str) -> Any:
        fields = {"currency": "points", "units": int(units), "expires_on": last, "reason": "so"}
        return ev.Reinstate, fields

    def reverse(self, label: str) -> Any:
        seq = self.labels[label] if label in self.labels else int(label)
        return ev.Reversal, {"reverses_seq": seq, "reason": "so"}

    # ---------------------------------------------------------------- what is seen

    def balance(self) -> str:
        available, *others = self.drive.balances()
        shown = [f"{letter}{n}" for letter, n in zip("pho", others, strict=True) if n]
        return " ".join([str(available), *shown])

    def lots(self, *, dated: bool) -> str:
        shown = []
        for number, lot in sorted(self.drive.standing.lots.items()):
            if not (lot.remaining or lot.held or lot.lapsed):
                continue
            text = f"{number}:{lot.remaining}" + "~" * (lot.state == "pending")
            text += f"h{lot.held}" * bool(lot.held) + f"x{lot.lapsed}" * bool(lot.lapsed)
            if dated and lot.expires_day is not None:
                text += f">{date.fromordinal(lot.expires_day)}"
            shown.append(text)
        return " ".join(shown) or "-"

    def moved(self) -> str:
        assert self.decision is not None
        return ", ".join(f"{m.debit}>{m.credit} {m.units}" for m in self.decision.movements)
