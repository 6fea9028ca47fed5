"""Stage, sort and read back a file, and tell how much memory that took; run as a process."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from coterie.events import Order
from coterie.intake.importing.mapping import parse_mapping
from coterie.intake.importing.model import What
from coterie.intake.importing.parts import PARTS, read_part
from coterie.intake.importing.readers import open_source
from coterie.intake.importing.shaping import Shaper
from coterie.intake.importing.staging import MEMORY_MB, Stage
from coterie.intake.importing.targets import PART_FIELD

SALES = """\
import: events
rows:
  kind: order
  group_by: [invoice]
  set: {occurred_at: at, member.card: card, order_ref: invoice, store: store}
  line:
    product: product
    quantity_milli: {column: quantity, decimal: 3}
    amount_minor: {product: [price, quantity], decimal: 2}
"""


def stage_file(path: Path, memory_mb: int) -> dict[str, float]:
    """Return rows, events, whether all came in order, seconds and peak memory in MB."""
    began_s = time.monotonic()
    mapping = parse_mapping(SALES, What.EVENTS)
    decode = msgspec.json.Decoder(Order).decode
    rows = events = 0
    ordered = True
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        stage = Stage(Path(folder), memory_mb=memory_mb)
        batches = open_source(path, mapping.file).batches(mapping.columns())
        stage.fill(batches, Shaper(mapping, prefix="file"), lambda batch: None)
        stage.sort(lambda part: None)
        filled_s = time.monotonic() - began_s
        seen: set[str] = set()
        for part in range(PARTS):
            mine: set[str] = set()
            card, at = "", ""
            for assembled in read_part(Path(folder), part, PART_FIELD):
                event = decode(assembled.event)
                rows += len(assembled.rows)
                events += 1
                if event.member.card != card:
                    card, at = str(event.member.card), ""
                    ordered &= card not in mine
                    mine.add(card)
                ordered &= at <= event.occurred_at
                at = event.occurred_at
            ordered &= not seen & mine
            seen |= mine
        stage.close()
    peak_mb = _peak_mb()
    return {
        "rows": rows,
        "events": events,
        "ordered": ordered,
        "filled_s": filled_s,
        "peak_mb": peak_mb,
    }


def _peak_mb() -> float:
    """The most this program ever had; what getrusage says may be of the program that began it."""
    status = Path("/proc/self/status")
    if status.exists():
        kb = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(kb.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(stage_file(Path(sys.argv[1]), int(sys.argv[2]) or MEMORY_MB)))
