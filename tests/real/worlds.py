"""The command line on a database of its own, as a person would use it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psycopg

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src" / "coterie"
EXAMPLES = PACKAGE / "intake" / "importing" / "examples"
LIBRARY = PACKAGE / "programme" / "library"
RUN_S_MAX = 1500
REFUSED_ROWS = 3
_COTERIE = Path(sys.executable).with_name("coterie")


class Shop:
    """One world: its commands, its tables, and how long things took."""

    def __init__(self, url: str, folder: Path, say: Callable[..., None] = print) -> None:
        self.url = url
        self.say = say
        self.folder = folder
        self._environment = os.environ | {"COTERIE_DATABASE_URL": url}

    def run(self, *words: object, ends: int = 0, shown: bool = True) -> str:
        """Run a command to its end and return what it said; its time is printed."""
        command = [str(_COTERIE), *map(str, words)]
        began = time.monotonic()
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self._environment,
            timeout=RUN_S_MAX,
        )
        said = done.stdout
        took_s = time.monotonic() - began
        self.say(f"\n$ coterie {' '.join(map(_short, words))}   # {took_s:.1f} s")
        if shown:
            self.say(said.strip())
        assert done.returncode == ends, f"exit code {done.returncode}\n{said}\n{done.stderr}"
        return said

    def load(
        self, what: str, file: Path, *words: object, mapping: Path | None = None, ends: int = 0
    ) -> Counts:
        """Import a file and return what the report says of it."""
        refused = self.folder / f"{file.name}.refused.csv"
        given = ["--mapping", mapping] if mapping else []
        return Counts(
            self.run("import", what, file, *given, "--refused", refused, *words, ends=ends)
        )

    def prove(self) -> None:
        """Verify, and decide every recorded event again: nothing may be found."""
        report = json.loads(self.run("verify", "--replay", "--json", shown=False))
        self.say(
            f"  {len(report['checks'])} checks of {report['members']:,} members,"
            f" {report['events']:,} events and {report['movements']:,} movements:"
            f" {'clean' if report['clean'] else 'damage'}"
        )
        assert report["clean"], report
        assert "replay" in {check["check"] for check in report["checks"]}

    def fall_due(self) -> None:
        """Let a worker decide everything that is due by the world's time, then end it."""
        began = time.monotonic()
        worker = subprocess.Popen(
            [str(_COTERIE), "worker"],
            cwd=self.folder,
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            while self.one(_ANY_DUE):
                assert worker.poll() is None, "the worker ended by itself"
                assert time.monotonic() - began < RUN_S_MAX, "the worker does not get done"
                time.sleep(0.5)
        finally:
            worker.send_signal(signal.SIGTERM)
            _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0, said
        self.say(f"\n$ coterie worker   # {time.monotonic() - began:.1f} s until nothing was due")

    def rows(self, query: str, **given: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute("set statement_timeout = 0")
            return db.execute(query, given).fetchall()

    def settle(self) -> None:
        """Let PostgreSQL know how much there is, as autovacuum would after a while."""
        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute("set statement_timeout = 0")
            db.execute("analyze")

    def one(self, query: str, **given: Any) -> Any:
        """Ask the database for one value."""
        return self.rows(query, **given)[0][0]


_ANY_DUE = """
select exists (
    select from members.member where next_due_us <= (select base_us from storage.clock)
)
"""


class Counts:
    """The numbers of an import's report."""

    def __init__(self, said: str) -> None:
        self.accepted, self.again = _numbers(r"accepted (\d+) rows \((\d+) of them", said)
        [self.refused] = _numbers(r"refused (\d+) rows", said)
        found = re.findall(r"^  (\w+): (\d+)$", said, re.MULTILINE)
        self.reasons = {code: int(count) for code, count in found}


def _numbers(pattern: str, said: str) -> list[int]:
    found = re.search(pattern, said)
    assert found is not None, said
    return [int(group) for group in found.groups()]


def sql(name: str) -> str:
    """Return a query that lies beside the tests."""
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


def reference() -> duckdb.DuckDBPyConnection:
    """Return an empty database to calculate in that is not the product's."""
    return duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})


def _short(word: object) -> str:
    text = str(word)
    return Path(text).name if "/" in text else text
