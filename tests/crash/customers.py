"""Senders who take nothing for done before it was acknowledged, and then hold Coterie to it."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from coterie.kernel.time import DAY_US, format_instant
from tests.crash.site import CARDS, SOURCES, Site

PATIENCE_S = 75.0
"""How long one event is sent again and again: many times what any recovery takes."""
TIMEOUT_S = 20.0
THINK_S = 0.005
LOST = 0.03
"""The share of answers that do not arrive although they were sent: networks die as well."""
SHARES = {
    "order": 4,
    "return": 2,
    "spend": 2,
    "hold": 2,
    "capture": 2,
    "release": 1,
    "transfer": 2,
    "activity": 1,
    "adjust": 1,
    "level": 1,
}
KINDS = [kind for kind, share in SHARES.items() for _ in range(share)]


@dataclass
class Sent:
    """An event, the answer it got, and how often it had to be sent for that."""

    source: str
    body: dict[str, Any]
    answer: dict[str, Any]
    status: int
    tries: int

    @property
    def left_a_trace(self) -> bool:
        """Whether it was recorded or waits; what is malformed or of nobody leaves none."""
        return self.answer.get("event") is not None or self.answer["status"] == "waiting"


@dataclass
class Enrolled:
    """A member that was acknowledged to exist."""

    card: str
    member_id: int


@dataclass
class Journal:
    """Everything that was acknowledged, and what went wrong on the way."""

    sent: list[Sent] = field(default_factory=list)
    enrolled: list[Enrolled] = field(default_factory=list)
    trouble: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """What must not happen: answers that are neither an answer nor "later"."""

    @property
    def again(self) -> int:
        """How many answers were lost on the way and given again."""
        return sum(bool(sent.answer.get("replayed")) for sent in self.sent)


class AnswerLost(ConnectionError):
    """The line broke after the question."""


class Line:
    """A connection to the server that is opened again whenever it breaks."""

    def __init__(self, site: Site, source: str) -> None:
        self._site = site
        self._headers = {
            "Authorization": f"Bearer {site.keys[source]}",
            "Content-Type": "application/json",
        }
        self._open: http.client.HTTPConnection | None = None

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Send once. Raises OSError or HTTPException when there is no answer."""
        if self._open is None:
            self._open = http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=TIMEOUT_S)
        try:
            self._open.request("POST", path, json.dumps(body), self._headers | headers)
            if random.random() < LOST:
                time.sleep(random.uniform(0, 0.02))
                raise AnswerLost
            got = self._open.getresponse()
            return got.status, json.loads(got.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            raise

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def insist(
        self, journal: Journal, path: str, body: Any, **headers: str
    ) -> tuple[int, Any, int]:
        """Send until there is an answer: the same body, the same keys; return also how often."""
        until = time.monotonic() + PATIENCE_S
        tries, said = 0, ""
        while time.monotonic() < until:
            tries += 1
            try:
                status, answer = self.post(path, body, **headers)
            except (OSError, http.client.HTTPException, ValueError) as trouble:
                said = type(trouble).__name__
            else:
                if status != 503:
                    return status, answer, tries
                said = f"503 {answer['code']}"
            journal.trouble[said] += 1
            time.sleep(random.uniform(0.05, 0.25))
        raise TimeoutError(f"No answer after {tries} tries, the last: {said}: {path} {body}")


class Customer(threading.Thread):
    """One sender with a connection of its own. What it sends next depends on its seed alone."""

    def __init__(self, site: Site, number: int, seed: int, stop: threading.Event) -> None:
        super().__init__(name=f"customer {number}", daemon=True)
        self.site = site
        self.number = number
        self.source = SOURCES[number % len(SOURCES)]
        self.line = Line(site, self.source)
        self.random = random.Random(f"{seed}/{number}")
        self.stop = stop
        self.journal = Journal()
        self.count = 0
        self.orders: list[tuple[str, str]] = [("C1000", "never")]
        self.holds: list[tuple[str, str]] = [("C1000", "never")]

    def run(self) -> None:
        try:
            while not self.stop.wait(self.random.uniform(0, 2 * THINK_S)):
                kind = self.random.choice([*KINDS, "several", "newcomer"])
                if kind == "several":
                    self._several()
                elif kind == "newcomer":
                    self._newcomer()
                else:
                    self._one(self._event(kind))
        except Exception as trouble:  # noqa: BLE001 - the test tells of it
            self.journal.broken.append(f"{self.name}: {type(trouble).__name__}: {trouble}")
        finally:
            self.line.close()

    # ------------------------------------------------------------------ sending

    def _one(self, body: dict[str, Any]) -> None:
        status, answer, tries = self.line.insist(self.journal, "/v1/events", body)
        self._keep(body, answer, status, tries)

    def _several(self) -> None:
        bodies = [self._event(self.random.choice(KINDS)) for _ in range(8)]
        status, said, tries = self.line.insist(self.journal, "/v1/events:batch", {"events": bodies})
        if status != 200:
            self.journal.broken.append(f"a batch was answered {status}: {said}")
            return
        for body, answer in zip(bodies, said["answers"], strict=True):
            self._keep(body, answer, status, tries)

    def _keep(self, body: dict[str, Any], answer: dict[str, Any], status: int, tries: int) -> None:
        if status >= 500 or answer.get("status") == "failed":
            self.journal.broken.append(f"{status} {answer} to {body}")
        self.journal.sent.append(Sent(self.source, body, answer, status, tries))

    def _newcomer(self) -> None:
        """Buy with a card nobody knows; tills keep such a sale until the card is registered."""
        self.count += 1
        card = f"N{self.number:02}X{self.count:04}"
        self._one(self._dressed(card, self._order()))
        if self.source == "shop":
            return  # A first order makes a member there.
        key = f"enrol-{card}"
        wanted = {"identities": [{"kind": "card", "value": card}]}
        status, answer, _ = self.line.insist(
            self.journal, "/v1/members", wanted, **{"Idempotency-Key": key}
        )
        if status != 201:
            self.journal.broken.append(f"{card} was not enrolled: {status} {answer}")
            return
        self.journal.enrolled.append(Enrolled(card, answer["member_id"]))

    # ------------------------------------------------------------------ what is sent

    def _event(self, kind: str) -> dict[str, Any]:
        self.count += 1
        card = self.random.choice(CARDS)
        make = getattr(self, f"_{kind}")
        if kind == "return":
            card, ref = self.random.choice(self.orders[-20:])
            fields = make(ref)
        elif kind in {"capture", "release"}:
            card, ref = self.random.choice(self.holds[-6:])
            fields = make(ref)
        else:
            fields = make()
        body = self._dressed(card, fields)
        if kind == "order":
            self.orders.append((card, body["order_ref"]))
        if kind == "hold":
            self.holds.append((card, body["hold_ref"]))
        return body

    def _dressed(self, card: str, fields: dict[str, Any]) -> dict[str, Any]:
        key = f"c{self.number}-{self.count}"
        return {"key": key, "occurred_at": self.site.now(), "member": {"card": card}, **fields}

    def _order(self) -> dict[str, Any]:
        pick = self.random
        lines = [
            {
                "amount_minor": pick.randrange(0, 30_000),
                "product": pick.choice("pqrs"),
                "quantity_milli": pick.choice((1000, 2000, 1500)),
                "categories": [pick.choice(("food", "tobacco"))],
            }
            for _ in range(pick.randrange(1, 4))
        ]
        return {
            "kind": "order",
            "order_ref": f"O{self.number}-{self.count}",
            "lines": lines,
            "store": pick.choice(("s1", "s2")),
        }

    def _return(self, ref: str) -> dict[str, Any]:
        if self.random.random() < 0.2:
            lines = [{"product": self.random.choice("pqrs"), "quantity_milli": 1000}]
            return {"kind": "return", "lines": lines}
        parts: list[list[dict[str, Any]]] = [[], [{"line": "1", "quantity_milli": 500}]]
        return {"kind": "return", "order_ref": ref, "lines": self.random.choice(parts)}

    def _spend(self) -> dict[str, Any]:
        return {"kind": "spend", "currency": "points", "units": self.random.randrange(1, 300)}

    def _hold(self) -> dict[str, Any]:
        """Some lapse after the programme's hour, which is a blink here; some live for days."""
        found = {
            "kind": "hold",
            "currency": "points",
            "units": self.random.randrange(1, 150),
            "hold_ref": f"H{self.number}-{self.count}",
        }
        if self.random.random() < 0.7:
            until_us = self.site.clock.now_us(time.time_ns() // 1000)
            until_us += self.random.randrange(1, 10) * DAY_US
            found["expires_at"] = format_instant(until_us, 480)
        return found

    def _capture(self, ref: str) -> dict[str, Any]:
        units = self.random.choice((None, 1, 20))
        return {"kind": "capture", "hold_ref": ref} | ({"units": units} if units else {})

    def _release(self, ref: str) -> dict[str, Any]:
        return {"kind": "release", "hold_ref": ref}

    def _transfer(self) -> dict[str, Any]:
        return {
            "kind": "transfer",
            "currency": "points",
            "units": self.random.randrange(1, 100),
            "receiver": {"card": self.random.choice(CARDS)},
        }

    def _activity(self) -> dict[str, Any]:
        return {"kind": "activity", "activity": "check_in", "fields": {"city": "上海"}}

    def _adjust(self) -> dict[str, Any]:
        units = self.random.choice((-200, -30, 15, 120))
        return {"kind": "adjustment", "currency": "points", "units": units, "reason": "test"}

    def _level(self) -> dict[str, Any]:
        level = self.random.choice(("basic", "gold", None))
        return {"kind": "attribute_change", "attributes": {"level": level}}
