"""An import from its file to its report: read, sort, load, and tell what was refused."""

from __future__ import annotations

import hashlib
import heapq
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from coterie.events import Mode
from coterie.intake.engine import Engine
from coterie.intake.importing import store
from coterie.intake.importing.errors import FileUnreadable, ImportElsewhere
from coterie.intake.importing.loading import CHUNK_EVENTS, Load, Submitter, load_parts
from coterie.intake.importing.mapping import Mapping, check_columns
from coterie.intake.importing.model import SEQUENCED, Batch, FileOptions
from coterie.intake.importing.parts import PARTS
from coterie.intake.importing.readers import Source, open_source
from coterie.intake.importing.refusals import write_refused
from coterie.intake.importing.saving import Save, save_file
from coterie.intake.importing.shaping import Shaper
from coterie.intake.importing.staging import Stage
from coterie.intake.importing.store import Tally
from coterie.members import DEFAULT_REGION
from coterie.storage import Connection, connect, transaction

ORDER_VERSION = 1
"""Part of an import's name: larger when the order in which a file is loaded changes."""


class Job(Struct, frozen=True):
    """One file to be imported.

    ``now_us`` is the moment its events count as received; ``refused_path`` where refused rows go;
    ``scratch`` the folder under which sorting takes place (None: the system's).
    """

    path: Path
    mapping: Mapping
    now_us: int
    refused_path: Path
    file: FileOptions = FileOptions()
    mode: Mode = Mode.HISTORICAL
    jobs: int = 1
    chunk_events: int = CHUNK_EVENTS
    scratch: Path | None = None
    region: str = DEFAULT_REGION
    create: bool = False


class Report(Struct):
    """What became of a file; counts are of rows.

    ``again`` (there already) and ``waiting`` are contained in ``accepted``. ``finished`` is false
    when it was stopped; the same import then goes on where it stood.
    """

    accepted: int = 0
    again: int = 0
    waiting: int = 0
    refused: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    refused_path: Path | None = None
    finished: bool = False


class Progress(Protocol):
    """Hears how an import goes on."""

    def begin(self, phase: str, total: float | None, done: float = 0, rows: int = 0) -> None:
        """A phase of ``total`` begins; ``done`` of it, ``rows``, were done by an earlier run."""
        ...

    def reach(self, done: float, rows: int) -> None:
        """So much of the phase's total is done; ``rows`` in this phase so far."""
        ...


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file. Raises :class:`FileUnreadable`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as trouble:
        raise FileUnreadable(f"{path.name}: {trouble.strerror}.") from trouble


def key_prefix(digest: str) -> str:
    """Return what the keys of a file's events begin with."""
    return digest[:16]


def run_import(
    url: str,
    job: Job,
    *,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
    submitter: Callable[[], Submitter] = Engine,
) -> Report:
    """Import a file; what was done before is not done twice.

    Raises :class:`FileUnreadable`, :class:`MappingMalformed` and :class:`ImportElsewhere`; after
    any other exception too, what was committed stays and the same call goes on.
    """
    source = open_source(job.path, job.file)
    check_columns(job.mapping, source.columns)
    digest = file_digest(job.path)
    import_id = _name_of(job, digest)
    shaper = Shaper(job.mapping, prefix=key_prefix(digest), mode=job.mode)
    with connect(url) as db:
        if not store.try_lock(db, import_id):
            raise ImportElsewhere(f"{job.path.name}.")
        with transaction(db):
            new = store.begin(db, import_id, job.mapping.what, job.path.name, job.now_us)
            if not new and store.is_finished(db, import_id):
                store.begin_again(db, import_id, job.now_us)
        run = _Run(url, db, job, source, shaper, import_id, progress, stopped)
        if job.mapping.what in SEQUENCED:
            return run.events(submitter)
        return run.records()


def _name_of(job: Job, digest: str) -> str:
    said = [digest, job.mapping.digest, job.mapping.what, job.mode, repr(job.file), ORDER_VERSION]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


class _Run:
    """One import under way."""

    def __init__(
        self,
        url: str,
        db: Connection,
        job: Job,
        source: Source,
        shaper: Shaper,
        import_id: str,
        progress: Progress,
        stopped: Callable[[], bool],
    ) -> None:
        self._url = url
        self._db = db
        self._job = job
        self._source = source
        self._shaper = shaper
        self._import_id = import_id
        self._progress = progress
        self._stopped = stopped

    def records(self) -> Report:
        """Save members or master data."""
        job = self._job
        save = Save(self._import_id, job.mapping.what, job.now_us, job.region, job.create)
        total = store.parts_done(self._db, self._import_id)
        self._progress.begin("loading", 1.0, 0, total.rows)

        def tell(step: Tally, share: float) -> None:
            total.add(step)
            self._progress.reach(share, total.rows)

        batches = self._source.batches(job.mapping.columns())
        save_file(self._db, batches, self._shaper, save, tell=tell, stopped=self._stopped)
        return self._report(iter(()), Counter())

    def events(self, submitter: Callable[[], Submitter]) -> Report:
        """Stage, sort and load events."""
        job = self._job
        with tempfile.TemporaryDirectory(prefix="coterie-import-", dir=job.scratch) as folder:
            stage = Stage(Path(folder))
            try:
                if not self._fill(stage):
                    return self._report(iter(()), Counter())
                counts = self._sort(stage)
                self._load(Path(folder), counts, submitter)
                codes = Counter(stage.refusal_counts())
                return self._report(stage.refusals(), codes)
            finally:
                stage.close()

    def _fill(self, stage: Stage) -> bool:
        self._progress.begin("reading", 1.0)

        def tell(batch: Batch) -> None:
            self._progress.reach(batch.share, stage.rows_read)

        batches = self._source.batches(self._job.mapping.columns())
        stage.fill(_until(batches, self._stopped), self._shaper, tell)
        return not self._stopped()

    def _sort(self, stage: Stage) -> list[int]:
        self._progress.begin("sorting", PARTS)
        return stage.sort(lambda part: self._progress.reach(part, stage.rows_read))

    def _load(self, folder: Path, counts: list[int], submitter: Callable[[], Submitter]) -> None:
        total = store.parts_done(self._db, self._import_id)
        self._progress.begin("loading", sum(counts), total.rows, total.rows)

        def tell(step: Tally) -> None:
            total.add(step)
            self._progress.reach(total.rows, total.rows)

        load = Load(self._import_id, str(folder), self._job.now_us, self._job.chunk_events)
        load_parts(
            self._url,
            load,
            counts,
            jobs=self._job.jobs,
            tell=tell,
            stopped=self._stopped,
            submitter=submitter,
        )

    def _report(self, staged: Iterator[tuple[int, str, str]], codes: Counter[str]) -> Report:
        """Count, and at the end write the refused rows and say that it is finished."""
        total = store.parts_done(self._db, self._import_id)
        codes = codes + Counter(store.refusal_counts(self._db, self._import_id))
        report = Report(
            accepted=total.accepted,
            again=total.again,
            waiting=total.waiting,
            refused=sum(codes.values()),
            reasons=dict(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
        )
        if self._stopped():
            return report
        if codes:
            refused = heapq.merge(staged, store.refusals(self._db, self._import_id))
            write_refused(self._job.refused_path, self._source, refused)
            report.refused_path = self._job.refused_path
        with transaction(self._db):
            store.finish(self._db, self._import_id, self._job.now_us)
        report.finished = True
        return report


def _until(batches: Iterator[Batch], stopped: Callable[[], bool]) -> Iterator[Batch]:
    for batch in batches:
        if stopped():
            return
        yield batch
