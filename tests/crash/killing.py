"""Who kills what, when: drawn from a seed, so that a bad day can be had again."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.crash.files import Importer
from tests.crash.site import Site, children, kill

Find = Callable[[], Sequence[int | None]]
FIND_S = 10.0
PAUSE_S = (0.05, 1.2)
RECOVERED_SHARE = 0.7
RECOVER_S_MAX = 5.0
ANSWERS_MIN = 50


class Killer:
    """Ends processes of a site with SIGKILL, one kind of victim after the other."""

    def __init__(
        self, site: Site, importer: Importer, seed: int, progress: Callable[[], int]
    ) -> None:
        """Begin; ``progress`` is how many answers the customers got so far."""
        self.site = site
        self.progress = progress
        self.importer = importer
        self.random = random.Random(f"{seed}/kills")
        self.killed: Counter[str] = Counter()
        self.known: dict[str, Find] = {
            "server": lambda: self._one(site.serving("server")),
            "supervisor": lambda: [site.supervisor()],
            "worker": lambda: self._one(site.serving("worker")),
            "importer": lambda: importer.pids()[:1],
            "import process": lambda: self._one(importer.pids()[1:]),
            "keeper": lambda: [site.keeper()],
            "postmaster": lambda: [site.home.server_pid()],
            "backend": lambda: self._one(children(site.home.server_pid())),
            "keeper and postmaster": lambda: [site.keeper(), site.home.server_pid()],
            "everything": self._everything,
        }

    def run(self, kinds: Sequence[str], kills: int) -> None:
        """Kill so often, at random moments; every kind at least once."""
        wanted = list(kinds) + self.random.choices(kinds, k=max(0, kills - len(kinds)))
        self.random.shuffle(wanted)
        for kind in wanted:
            self._pause()
            self._kill(kind)

    def _pause(self) -> None:
        """Mostly let them recover and work for a moment; sometimes hit them while they recover."""
        if self.random.random() < RECOVERED_SHARE:
            before, until = self.progress(), time.monotonic() + RECOVER_S_MAX
            while self.progress() - before < ANSWERS_MIN and time.monotonic() < until:
                time.sleep(0.02)
        time.sleep(self.random.uniform(*PAUSE_S))

    def _kill(self, kind: str) -> None:
        """Wait until there is such a victim, then give it no chance."""
        until = time.monotonic() + FIND_S
        while time.monotonic() < until:
            pids = [pid for pid in self.known[kind]() if pid]
            if pids:
                self.random.shuffle(pids)
                kill(*pids)
                self.killed[kind] += 1
                print(f"{time.strftime('%X')} killed {kind} {pids}")
                return
            time.sleep(0.02)
        print(f"{time.strftime('%X')} there was no {kind} to kill")

    def _one(self, pids: Sequence[int]) -> list[int]:
        return [self.random.choice(pids)] if pids else []

    def _everything(self) -> list[int | None]:
        site = self.site
        serving = site.supervisor()
        postmaster = site.home.server_pid()
        if serving is None or postmaster is None:
            return []
        return [
            serving,
            *children(serving),
            *self.importer.pids(),
            site.keeper(),
            postmaster,
            *children(postmaster),
        ]
