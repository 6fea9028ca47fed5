"""Small helpers of the importer's tests."""

from pathlib import Path

from coterie.intake.importing.mapping import Mapping, parse_mapping
from coterie.intake.importing.model import FileOptions, RefusedRow, What
from coterie.intake.importing.readers import open_source
from coterie.intake.importing.shaping import Records, Shaped, Shaper

EXAMPLES = Path(__file__).resolve().parents[2] / "src/coterie/intake/importing/examples"


def rows_of(path: Path, options: FileOptions | None = None) -> list[dict[str, object]]:
    """Every readable row of a file, with its position under ``#``."""
    source = open_source(path, options or FileOptions())
    found: list[dict[str, object]] = []
    for batch in source.batches():
        for n, row in enumerate(batch.rows):
            found.append({"#": row} | {name: cells[n] for name, cells in batch.columns.items()})
    return found


def bad_of(path: Path, options: FileOptions | None = None) -> list[RefusedRow]:
    source = open_source(path, options or FileOptions())
    return [refused for batch in source.batches() for refused in batch.bad]


def shape(path: Path, mapping: Mapping | str, what: What = What.EVENTS) -> Shaped:
    if isinstance(mapping, str):
        mapping = parse_mapping(mapping, what)
    whole = Shaped()
    shaper = Shaper(mapping, prefix="file")
    for batch in open_source(path, mapping.file).batches(mapping.columns()):
        part = shaper.events(batch)
        for name in whole.__struct_fields__:
            getattr(whole, name).extend(getattr(part, name))
    return whole


def records(path: Path, mapping: Mapping | str, what: What) -> Records:
    if isinstance(mapping, str):
        mapping = parse_mapping(mapping, what)
    whole = Records()
    shaper = Shaper(mapping, prefix="file")
    for batch in open_source(path, mapping.file).batches(mapping.columns()):
        part = shaper.records(batch)
        for name in whole.__struct_fields__:
            getattr(whole, name).extend(getattr(part, name))
    return whole


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
