"""Members whose events mean something for each other, played day by day in several processes.

Each process holds its share of them in memory. In a round every one plays a day of its members and
hands over what is for others; that arrives, and what follows from it in turn, before the next day.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe
from typing import Any

from coterie.kernel.time import DAY_US
from coterie.replay.errors import RecordDiffers
from coterie.replay.inputs import Input, load_inputs
from coterie.replay.reading import reading
from coterie.replay.supposing import Pair, Post
from coterie.replay.tallying import Tally
from coterie.replay.undertaking import Undertaking

ROUNDS_MAX = 50
"""How far a consequence may have consequences within one day."""

Posts = tuple[list[Post], list[Post]]
"""What is for others: under the live version, and under the draft."""


class Share:
    """Some members with all that came about them."""

    def __init__(self, setup: Undertaking, ids: Sequence[int]) -> None:
        """Load them."""
        live, draft = setup.sides()
        self.tally = Tally()
        self.pairs: dict[int, Pair] = {}
        self.left: dict[int, list[Input]] = {}
        with reading(setup.url, setup.snapshot) as connection:
            for member_id in ids:
                for found in load_inputs(connection, member_id, member_id + 1, setup.to_us):
                    pair = Pair(found.start, live, draft, setup.from_us, self.tally)
                    self.pairs[member_id] = pair
                    self.left[member_id] = found.inputs[::-1]

    def next_day(self) -> int | None:
        """Return the first day on which something is left to happen, as days since the epoch."""
        days = (left[-1].happening.as_of_us // DAY_US for left in self.left.values() if left)
        return min(days, default=None)

    def play(self, day: int) -> Posts:
        """Let everything up to the end of a day happen."""
        until_us = (day + 1) * DAY_US
        for member_id, left in self.left.items():
            pair = self.pairs[member_id]
            while left and left[-1].happening.as_of_us < until_us:
                pair.happen(left.pop())
        return self._posts()

    def receive(self, live: list[Post], draft: list[Post]) -> Posts:
        """Let what others sent arrive."""
        for post in live:
            self.pairs[post.what.member_id].live.receive(post)
        for post in draft:
            self.pairs[post.what.member_id].draft.receive(post)
        return self._posts()

    def close(self, until_us: int) -> Posts:
        """Let time pass to the end."""
        for pair in self.pairs.values():
            pair.close(until_us)
        return self._posts()

    def count(self) -> Tally:
        """Return what adds up."""
        for pair in self.pairs.values():
            pair.count()
        return self.tally

    def _posts(self) -> Posts:
        live = [post for pair in self.pairs.values() for post in pair.live.posts]
        draft = [post for pair in self.pairs.values() for post in pair.draft.posts]
        for pair in self.pairs.values():
            pair.live.posts, pair.draft.posts = [], []
        return live, draft


class _Near:
    """A share in this process."""

    def __init__(self, setup: Undertaking, ids: Sequence[int]) -> None:
        self._share = Share(setup, ids)
        self._answer: Any = None

    def ask(self, what: str, *values: Any) -> None:
        self._answer = getattr(self._share, what)(*values)

    def answer(self) -> Any:
        return self._answer

    def end(self) -> None:
        """Nothing runs."""


class _Far:
    """A share in a process of its own."""

    def __init__(self, setup: Undertaking, ids: Sequence[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, setup, ids), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, what: str, *values: Any) -> None:
        self._pipe.send((what, values))

    def answer(self) -> Any:
        try:
            well, found = self._pipe.recv()
        except EOFError:
            raise RecordDiffers("A process of the plan ended too early.") from None
        if not well:
            raise RecordDiffers(found)
        return found

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Pipe, setup: Undertaking, ids: Sequence[int]) -> None:
    """Answer until the other end is gone."""
    # Ctrl-C reaches every process of a terminal; it is the parent that ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, BrokenPipeError):
        try:
            share = Share(setup, ids)
            while True:
                what, values = pipe.recv()
                pipe.send((True, getattr(share, what)(*values)))
        except (EOFError, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - told to the parent, who raises it
            pipe.send((False, f"{type(error).__name__}: {error}"))


def play_rounds(
    setup: Undertaking, ids: Sequence[int], jobs: int, on_day: Callable[[int, int], None]
) -> Tally:
    """Play members who mean something for each other; ``on_day`` hears of days done of all.

    Raises :class:`~coterie.replay.errors.RecordDiffers` where something goes to nobody who is here.
    """
    deals = [ids[number::jobs] for number in range(min(jobs, len(ids)))]
    owner = {member_id: number for number, deal in enumerate(deals) for member_id in deal}
    kind = _Near if len(deals) == 1 else _Far
    shares: list[_Near | _Far] = [kind(setup, deal) for deal in deals]

    def ask(what: str, *values: Any) -> list[Any]:
        for share in shares:
            share.ask(what, *values)
        return [share.answer() for share in shares]

    def deliver(sent: Sequence[Posts]) -> None:
        for _ in range(ROUNDS_MAX):
            if not any(live or draft for live, draft in sent):
                return
            dealt = _dealt(sent, owner, len(shares))
            for share, (live, draft) in zip(shares, dealt, strict=True):
                share.ask("receive", live, draft)
            sent = [share.answer() for share in shares]
        raise RecordDiffers("Consequences never end.")

    try:
        last = setup.to_us // DAY_US
        first: int | None = None
        while True:
            days = [day for day in ask("next_day") if day is not None]
            if not days:
                break
            day = min(days)
            first = day if first is None else first
            deliver(ask("play", day))
            on_day(min(day, last) - first + 1, max(last - first + 1, 1))
        deliver(ask("close", setup.to_us))
        tally = Tally()
        for found in ask("count"):
            tally.add(found)
        return tally
    finally:
        for share in shares:
            share.end()


def _dealt(sent: Sequence[Posts], owner: dict[int, int], shares: int) -> list[Posts]:
    """Deal what was sent to those who hold the receivers, in an order of its own."""
    dealt: list[Posts] = [([], []) for _ in range(shares)]
    for side in (0, 1):
        for post in sorted((p for posts in sent for p in posts[side]), key=Post.order):
            receiver = owner.get(post.what.member_id)
            if receiver is None:
                told = f"Member {post.sender_id} sends {post.what.kind} to {post.what.member_id}"
                raise RecordDiffers(f"{told}, to whom nobody ever sent anything.")
            dealt[receiver][side].append(post)
    return dealt
