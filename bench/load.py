"""The load generator: one process, one epoll loop, requests written by hand.

It shares two cores with what it measures, so it must cost little: no event loop library, no HTTP
library, one request in flight a connection. Run as ``python -m bench.load`` with a :class:`Plan` as
JSON on standard input; it prints a :class:`Result` as JSON.

*Closed loop*: every connection sends again as soon as it is answered; the rate is what comes out.
*Open loop*: requests have an appointed time, whoever is slow; latency counts from that time, so a
stall is seen by all requests that should have been sent during it (no coordinated omission).
"""

from __future__ import annotations

import random
import select
import socket
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage
from threading import Thread

import msgspec
from msgspec import Struct, field

from bench.orders import BATCH_DAYS, Orders

POLL_S = 0.05
SILENCE_S = 30.0
"""A connection that is not answered for so long ends the run: something is broken."""
LENGTH = b"content-length: "
OPEN_CONNECTIONS = 128


class Plan(Struct):
    """What to send. ``rate`` 0 is a closed loop; ``member`` 0 means all members in turn of chance.

    ``batch`` above 1 sends batches of so many events. ``prefix`` begins every key.
    """

    host: str
    port: int
    token: str
    prefix: str
    seconds: float
    warm_up_s: float = 2.0
    connections: int = 64
    rate: float = 0.0
    members: int = 1_000_000
    member: int = 0
    batch: int = 1
    reads: bool = False
    seed: int = 1


class Result(Struct):
    """What came back. Counts and latencies are of the measured time, ``acknowledged`` of all time.

    ``per_second`` are answers in each second, ``statuses`` how many had which status.
    """

    seconds: float = 0.0
    answers: int = 0
    acknowledged: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    per_second: list[int] = field(default_factory=list)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    p999_ms: float = 0.0
    max_ms: float = 0.0
    cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0


class Tally:
    """Collects answers; those of the warm-up count only as acknowledged."""

    def __init__(self, plan: Plan) -> None:
        """Start to measure after the warm-up."""
        self.start_ns = time.perf_counter_ns() + int(plan.warm_up_s * 1e9)
        self.end_ns = self.start_ns + int(plan.seconds * 1e9)
        self.latencies = array("Q")
        self.per_second = [0] * (int(plan.seconds) + 1)
        self.statuses: dict[bytes, int] = {}
        self.acknowledged = 0
        self.answers = 0

    def note(self, now_ns: int, latency_ns: int, events: int = 1) -> None:
        """Take an answer that came now."""
        if self.start_ns <= now_ns < self.end_ns:
            self.latencies.append(max(latency_ns, 0))
            self.answers += events
            self.per_second[(now_ns - self.start_ns) // 1_000_000_000] += events

    def result(self, plan: Plan) -> Result:
        """Return what came of it."""
        ordered = sorted(self.latencies) or [0]

        def at(share: float) -> float:
            return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1e6, 2)

        usage = getrusage(RUSAGE_SELF)
        return Result(
            plan.seconds,
            self.answers,
            self.acknowledged,
            {status.decode(): count for status, count in self.statuses.items()},
            self.per_second,
            at(0.5),
            at(0.99),
            at(0.999),
            round(ordered[-1] / 1e6, 2),
            usage.ru_utime + usage.ru_stime,
        )


def complete(data: bytes | bytearray) -> bool:
    """Tell whether a whole answer is there."""
    head = data.find(b"\r\n\r\n")
    at = data.find(LENGTH, 0, head)
    return at > 0 and len(data) >= head + 4 + int(data[at + len(LENGTH) : data.find(b"\r", at)])


class Loop:
    """Connections, and who of them waits for what."""

    def __init__(self, plan: Plan, connections: int, make: Callable[[], bytes]) -> None:
        """Connect."""
        self.tally = Tally(plan)
        self.plan = plan
        self.make = make
        self.epoll = select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        self.began: dict[int, int] = {}
        self.partial: dict[int, bytes] = {}
        for _ in range(connections):
            sock = socket.create_connection((plan.host, plan.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[sock.fileno()] = sock
            self.epoll.register(sock.fileno(), select.EPOLLIN)

    def send(self, number: int, began_ns: int) -> None:
        """Send the next request; it counts from ``began_ns``."""
        self.began[number] = began_ns
        self.sockets[number].send(self.make())

    def answered(self, number: int) -> bool:
        """Read what is there; tell whether the request is answered."""
        data = self.sockets[number].recv(65536)
        if not data:
            raise ConnectionError("the server closed a connection")
        if self.partial:
            data = self.partial.pop(number, b"") + data
        if not complete(data):
            self.partial[number] = data
            return False
        status = data[9:12]
        tally = self.tally
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        tally.acknowledged += status == b"201"
        now_ns = time.perf_counter_ns()
        tally.note(now_ns, now_ns - self.began.pop(number))
        return True

    def closed(self) -> Result:
        """Keep every connection busy."""
        for number in self.sockets:
            self.send(number, time.perf_counter_ns())
        end_ns = self.tally.end_ns
        while time.perf_counter_ns() < end_ns:
            for number, _ in self.epoll.poll(POLL_S):
                if self.answered(number):
                    self.send(number, time.perf_counter_ns())
        return self.drain()

    def open(self, rate: float) -> Result:
        """Send at appointed times, drawn so that arrivals are independent of each other."""
        rng = random.Random(self.plan.seed + 7)
        idle = list(self.sockets)
        backlog: deque[int] = deque()
        due_ns = float(time.perf_counter_ns())
        step = 1e9 / rate
        while (now_ns := time.perf_counter_ns()) < self.tally.end_ns:
            while due_ns <= now_ns:
                backlog.append(int(due_ns))
                due_ns += rng.expovariate(1.0) * step
            while backlog and idle:
                self.send(idle.pop(), backlog.popleft())
            for number, _ in self.epoll.poll(max(due_ns - time.perf_counter_ns(), 0) / 1e9):
                if self.answered(number):
                    idle.append(number)
        for late_ns in backlog:
            # Never sent: as late as it was when time was up.
            self.tally.note(self.tally.end_ns - 1, self.tally.end_ns - late_ns, 0)
        return self.drain()

    def drain(self) -> Result:
        """Wait for what is under way: what is acknowledged must be counted."""
        until_s = time.monotonic() + SILENCE_S
        while self.began and time.monotonic() < until_s:
            for number, _ in self.epoll.poll(POLL_S):
                self.answered(number)
        if self.began:
            raise TimeoutError(f"{len(self.began)} requests were never answered")
        return self.tally.result(self.plan)


class Answers(Struct):
    """What of a batch's answer is looked at."""

    answers: list[Status]


class Status(Struct):
    """What of an event's answer is looked at."""

    status: str
    replayed: bool = False


def batches(plan: Plan) -> Result:
    """Send batches over a few connections, each from a thread: one batch is half a megabyte."""
    tally = Tally(plan)
    orders = Orders(plan.token, plan.prefix, plan.members, plan.member, plan.seed, days=BATCH_DAYS)
    decoder = msgspec.json.Decoder(Answers)

    def send() -> None:
        with socket.create_connection((plan.host, plan.port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter_ns() < tally.end_ns:
                request = orders.batch(plan.batch)
                began_ns = time.perf_counter_ns()
                sock.sendall(request)
                body = _read(sock)
                now_ns = time.perf_counter_ns()
                answers = decoder.decode(body).answers
                for answer in answers:
                    status = answer.status.encode()
                    tally.statuses[status] = tally.statuses.get(status, 0) + 1
                tally.acknowledged += sum(a.status == "accepted" for a in answers)
                tally.note(now_ns, now_ns - began_ns, len(answers))

    threads = [Thread(target=send) for _ in range(plan.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally.result(plan)


def _read(sock: socket.socket) -> bytes:
    pieces = bytearray()
    while not complete(pieces):
        piece = sock.recv(1 << 20)
        if not piece:
            raise ConnectionError("the server closed a connection")
        pieces += piece
    head = pieces.find(b"\r\n\r\n")
    if pieces[9:12] != b"200":
        raise ValueError(f"a batch was answered with {bytes(pieces[:400])!r}")
    return bytes(pieces[head + 4 :])


def run(plan: Plan) -> Result:
    """Do what the plan says."""
    if plan.batch > 1:
        return batches(plan)
    orders = Orders(plan.token, plan.prefix, plan.members, plan.member, plan.seed)
    make = orders.read if plan.reads else orders.single
    if plan.rate:
        return Loop(plan, max(plan.connections, OPEN_CONNECTIONS), make).open(plan.rate)
    return Loop(plan, plan.connections, make).closed()


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(run(asked)))
