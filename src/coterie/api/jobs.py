"""Long work over HTTP: asked for once, followed, ended."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from coterie.access import Scope, require
from coterie.api.contract import (
    CURSOR,
    IDEMPOTENCY_KEY,
    LIMIT,
    LOCATION,
    MIB,
    REPLAYED,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.programme import EXAMPLE
from coterie.api.reading import decoded, ok
from coterie.api.services import Services
from coterie.jobs import (
    JobKind,
    JobRow,
    JobState,
    ask_job,
    cancel_job,
    get_job,
    job_kind,
    list_jobs,
    read_arguments,
)
from coterie.jobs.errors import JobUnknown
from coterie.jobs.kinds.planning import PlanArguments
from coterie.kernel.errors import Kind
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.time import format_instant
from coterie.storage import Connection, transaction

BODY_BYTES_MAX = 2 * MIB
JobId = Annotated[int, Meta(ge=1, le=INT64_MAX)]
KindCode = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
JOB_ID = Parameter("job_id", JobId, Words("任务编号", "The job's number"), example=1)
STATE = Parameter("state", JobState, Words("只看此状态", "In this state alone"))
KIND = Parameter("kind", KindCode, Words("只看此种任务", "Of this kind alone"))


class NewJob(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be done; ``arguments`` are those of the kind."""

    kind: KindCode
    arguments: dict[str, Any] = field(default_factory=dict)


class JobError(Struct, frozen=True):
    """Why a job failed, as a refusal says it."""

    code: str
    detail: str


class JobLine(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A job without what was given and what came of it.

    ``done`` of ``total`` is counted in what ``phase`` names. ``ending``: it was cancelled and is
    about to end. ``runs`` is how often it was begun: more than once where its process was killed.
    """

    job_id: int
    kind: str
    state: JobState
    asked_by: str
    created_at: str
    runs: int = 0
    ending: bool = False
    phase: str | None = None
    done: int = 0
    total: int | None = None
    started_at: str | None = None
    finished_at: str | None = None
    error: JobError | None = None


class JobShape(JobLine, frozen=True, omit_defaults=True, kw_only=True):
    """A job with what was given and, once it is done, what came of it."""

    arguments: dict[str, Any]
    result: dict[str, Any] | None = None


class JobPage(Struct, frozen=True, omit_defaults=True):
    """Jobs, the newest first; ``cursor`` leads to the next page."""

    jobs: tuple[JobLine, ...]
    cursor: str | None = None


class AskedJob(Struct, frozen=True):
    """The number under which the job can be followed."""

    job_id: int


_new = msgspec.json.Decoder(NewJob)
_plan = msgspec.json.Decoder(PlanArguments)
_encoder = msgspec.json.Encoder()


async def post_job(services: Services, call: Call) -> Reply:
    """Ask for a job."""
    asked = decoded(_new, call.body)
    return await _ask(services, call, job_kind(asked.kind), asked.arguments)


async def post_plan(services: Services, call: Call) -> Reply:
    """Ask for a plan."""
    arguments = decoded(_plan, call.body)
    return await _ask(services, call, job_kind("plan"), msgspec.to_builtins(arguments))


async def _ask(services: Services, call: Call, kind: JobKind, given: dict[str, Any]) -> Reply:
    caller = call.caller
    assert caller is not None
    require(caller, kind.scope)

    def ask(db: Connection) -> tuple[int, bool]:
        arguments = read_arguments(kind, given)
        with transaction(db):
            return ask_job(
                db,
                kind,
                arguments,
                source=caller.source,
                key=call.headers[IDEMPOTENCY_KEY.name],
                now_us=call.received_us,
            )

    job_id, again = await services.batches.run(ask)
    reply = Reply(202, _encoder.encode(AskedJob(job_id)))
    reply.headers = [(b"location", f"/v1/jobs/{job_id}".encode())]
    if again:
        reply.headers.append((b"coterie-replayed", b"true"))
    return reply


async def get_one(services: Services, call: Call) -> Reply:
    """Read a job."""
    job_id = _job_id(call)
    row = await services.reads.run(lambda db: get_job(db, job_id))
    assert call.caller is not None
    # What came of it is for those who might have asked for it themselves.
    require(call.caller, job_kind(row.kind).scope)
    return ok(_shape(row))


async def get_jobs(services: Services, call: Call) -> Reply:
    """List jobs."""
    rows, cursor = await services.reads.run(lambda db: list_jobs(db, **call.query))
    return ok(JobPage(tuple(JobLine(**_line(row)) for row in rows), cursor))


async def delete_job(services: Services, call: Call) -> Reply:
    """Let a job end."""
    job_id, caller = _job_id(call), call.caller
    assert caller is not None

    def cancel(db: Connection) -> JobRow:
        with transaction(db):
            require(caller, job_kind(get_job(db, job_id).kind).scope)
            return cancel_job(db, job_id, call.received_us)

    row = await services.batches.run(cancel)
    return Reply(202, _encoder.encode(JobLine(**_line(row))))


def _job_id(call: Call) -> int:
    text = call.path_values["job_id"]
    if text.isascii() and text.isdigit() and len(text) <= 19 and 1 <= int(text) <= INT64_MAX:
        return int(text)
    raise JobUnknown("The address does not hold a job's number.")


def _line(row: JobRow) -> dict[str, Any]:
    error = None if row.error_code is None else JobError(row.error_code, row.error_detail or "")
    return {
        "job_id": row.job_id,
        "kind": row.kind,
        "state": JobState(row.state),
        "asked_by": row.source,
        "created_at": format_instant(row.created_us),
        "runs": row.runs,
        "ending": row.cancel and row.state == JobState.RUNNING,
        "phase": row.phase,
        "done": row.done,
        "total": row.total,
        "started_at": _instant(row.started_us),
        "finished_at": _instant(row.finished_us),
        "error": error,
    }


def _shape(row: JobRow) -> JobShape:
    return JobShape(
        **_line(row),
        arguments=msgspec.json.decode(row.arguments or "{}"),
        result=None if row.result is None else msgspec.json.decode(row.result),
    )


def _instant(us: int | None) -> str | None:
    return None if us is None else format_instant(us)


_ONCE = (
    "Workers do it, in a process of its own. The same key with the same body is the same job;"
    " follow it at `/v1/jobs/{job_id}`."
)
_ASKED = (
    Returns(202, AskedJob, Words("已排队", "It waits for a worker"), headers=(LOCATION, REPLAYED)),
)


def _operation(ident: str, method: str, path: str, words: Words, **more: Any) -> Operation:
    tag = more.pop("tag", "jobs")
    if "body" in more:
        more["body_bytes_max"] = BODY_BYTES_MAX
    return Operation(id=ident, method=method, path=path, tag=tag, words=words, **more)


ENDPOINTS = (
    Endpoint(
        _operation(
            "planProgramme",
            "POST",
            "/v1/programme/plans",
            Words("推演方案草稿或对手方案", "Plan a draft, or a rival's programme"),
            tag="programme",
            more="Recorded history is decided again under the text and compared with what is in"
            " force: who gains and loses, cost, liability, tiers. Nothing is written but the"
            " report. Also needs `programme:read`. " + _ONCE,
            scope=Scope.JOBS_WRITE,
            headers=(IDEMPOTENCY_KEY,),
            body=PlanArguments,
            body_example={"text": EXAMPLE},
            returns=_ASKED,
            refuses=(Kind.CONFLICT,),
        ),
        post_plan,
    ),
    Endpoint(
        _operation(
            "startJob",
            "POST",
            "/v1/jobs",
            Words("启动长任务", "Start a long job"),
            more="Each kind needs a right of its own besides, as `coterie jobs kinds` lists. "
            + _ONCE,
            scope=Scope.JOBS_WRITE,
            headers=(IDEMPOTENCY_KEY,),
            body=NewJob,
            body_example={"kind": "verify", "arguments": {"replay": True}},
            returns=_ASKED,
            refuses=(Kind.CONFLICT,),
        ),
        post_job,
    ),
    Endpoint(
        _operation(
            "listJobs",
            "GET",
            "/v1/jobs",
            Words("任务列表（新的在前）", "List jobs, newest first"),
            scope=Scope.JOBS_READ,
            query=(STATE, KIND, CURSOR, LIMIT),
            returns=(Returns(200, JobPage, Words("一页任务", "A page of jobs")),),
        ),
        get_jobs,
    ),
    Endpoint(
        _operation(
            "getJob",
            "GET",
            "/v1/jobs/{job_id}",
            Words("任务进度与结果", "How far a job is, and what came of it"),
            more="Also needs the right its kind asks for.",
            scope=Scope.JOBS_READ,
            path_parameters=(JOB_ID,),
            returns=(Returns(200, JobShape, Words("任务", "The job")),),
            refuses=(Kind.NOT_FOUND,),
        ),
        get_one,
    ),
    Endpoint(
        _operation(
            "cancelJob",
            "DELETE",
            "/v1/jobs/{job_id}",
            Words("取消任务", "Let a job end"),
            more="One that waits ends at once; one that runs, within moments (`ending` until then)."
            " One that has ended is refused (`job_over`).",
            scope=Scope.JOBS_WRITE,
            path_parameters=(JOB_ID,),
            returns=(Returns(202, JobLine, Words("任务将结束", "It ends")),),
            refuses=(Kind.NOT_FOUND, Kind.CONFLICT),
        ),
        delete_job,
    ),
)
