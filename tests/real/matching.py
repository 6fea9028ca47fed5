"""The policy for returns without reference, worked out a second time.

Greedy matching carries a state from row to row, which SQL says badly; this is a plain loop over
what ``online_retail_happenings.sql`` returns. It knows nothing of the product: the policy it
follows is the text in ``docs/guides/real-data.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Bought:
    """A line of a sale, and how much of it is still with the customer."""

    pieces: int
    pence: int
    sale: int


@dataclass
class Customer:
    """What one customer bought, by article, the oldest first; and the sums of each sale."""

    shelves: dict[str, list[list[Bought]]] = field(default_factory=lambda: defaultdict(list))
    paid: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)

    def buy(self, lines: Iterable[dict[str, Any]]) -> None:
        """Put one sale's lines on the shelves."""
        sale = len(self.paid)
        found: dict[str, list[Bought]] = defaultdict(list)
        for line in lines:
            found[line["article"]].append(Bought(line["pieces"], line["pence"], sale))
        for article, bought in found.items():
            self.shelves[article].append(bought)
        total = sum(line.pence for bought in found.values() for line in bought)
        self.paid.append(total)
        self.kept.append(total)

    def bring_back(self, article: str, pieces: int, pence: int) -> tuple[int, int]:
        """Return how many pieces and pence of a cancellation were met, newest sale first."""
        pieces_met = pence_met = 0
        for bought in reversed(self.shelves[article]):
            for line in bought:
                now = min(line.pieces, pieces - pieces_met)
                if now == 0:
                    continue
                # Of the money not yet given back, the share of these pieces among those not yet
                # met; never more than what is left of the line.
                share = (pence - pence_met) * now // (pieces - pieces_met)
                share = min(share, line.pence)
                line.pieces -= now
                line.pence -= share
                self.kept[line.sale] -= share
                pieces_met += now
                pence_met += share
        return pieces_met, pence_met

    def points(self) -> int:
        """A point for each whole pound of a sale, in proportion to what is kept, rounded down."""
        pairs = zip(self.paid, self.kept, strict=True)
        return sum(paid // 100 * kept // paid for paid, kept in pairs if paid)


@dataclass
class Outcome:
    """What the policy makes of the whole file.

    ``met`` holds for every cancellation, by its place in the file, pieces asked for, pieces met
    and pence met; ``points`` what each customer has in the end.
    """

    met: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    orders: int = 0


def match(happenings: Iterable[tuple[str, bool, list[dict[str, Any]]]]) -> Outcome:
    """Live through what happened: (customer, comes back, lines), in order."""
    outcome = Outcome()
    customers: dict[str, Customer] = defaultdict(Customer)
    for name, comes_back, lines in happenings:
        customer = customers[name]
        if not comes_back:
            customer.buy(lines)
            outcome.orders += 1
            continue
        [line] = lines
        met = customer.bring_back(line["article"], line["pieces"], line["pence"])
        outcome.met[line["place"]] = (line["pieces"], *met)
    outcome.points = {name: customer.points() for name, customer in customers.items()}
    return outcome
