"""Which kinds of jobs there are: one line each."""

from __future__ import annotations

from coterie.jobs.kinds import counting, exporting, importing, planning, verifying
from coterie.jobs.work import JobKind

KINDS: dict[str, JobKind] = {
    kind.code: kind
    for kind in (
        planning.KIND,
        verifying.KIND,
        counting.KIND,
        importing.KIND,
        exporting.KIND,
    )
}
