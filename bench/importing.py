"""A file of orders through ``coterie import events``, as an operator would."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.meters import children, cpu_s
from bench.orders import BATCH_DAYS, Orders
from bench.rows import Report, at_least, compared
from bench.served import BATCH_BAR, BATCH_SHARE
from bench.world import World
from coterie.storage import connect

COLUMNS = ("order", "line", "card", "at", "channel", "store", "product", "amount")
MAPPING = Path(__file__).with_name("import.yaml")
SOURCE = "bench-file"


def write_orders(path: Path, orders: int, members: int) -> None:
    """Write orders of three rows each."""
    drawn = Orders("", "file", members, seed=os.getpid(), days=BATCH_DAYS)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for _ in range(orders):
            event = json.loads(drawn.event())
            of_order = (event["member"]["card"], event["occurred_at"], event["channel"])
            for line in event["lines"]:
                minor = line["amount_minor"]
                amount = f"{minor // 100}.{minor % 100:02d}"
                bought = (event["store"], line["product"], amount)
                writer.writerow((event["order_ref"], line["line"], *of_order, *bought))


def measure(world: World, report: Report, orders: int, bare: float) -> None:
    """Import a file and look for every order of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        write_orders(path, orders, world.members)
        size = path.stat().st_size / 1e6
        before = cpu_s(children(world.postmaster))
        began = time.monotonic()
        command = ["-c", "from coterie.cli import main; main()", "import", "events", str(path)]
        subprocess.run(
            [sys.executable, *command, "--mapping", str(MAPPING)],
            check=True,
            capture_output=True,
            env=os.environ | {"COTERIE_DATABASE_URL": world.url},
        )
        took = time.monotonic() - began
        postgres = (cpu_s(children(world.postmaster)) - before) / took
    with connect(world.url) as db:
        known = "select count(*) from storage.registry where source = %s and seq is not null"
        row = db.execute(known, (SOURCE,)).fetchone()
    assert row is not None
    assert row[0] == orders, f"{orders} orders in the file, {row[0]} in the database"
    rate = orders / took
    report.say(
        f"    {orders:,} orders, {size:.0f} MB, {took:.1f} s; PostgreSQL {postgres:.2f} cores"
    )
    report.add(at_least("file_import", rate, "events/s", BATCH_BAR))
    report.add(compared("file_import_to_bare", rate, "events/s", bare, BATCH_SHARE))
