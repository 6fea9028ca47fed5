"""What is refused about jobs."""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal


class JobUnknown(Refusal):
    """There is no such job."""

    code = "job_unknown"
    zh = "没有这个任务。"
    kind = Kind.NOT_FOUND


class JobKindUnknown(Refusal):
    """No kind of job has this name."""

    code = "job_kind_unknown"
    zh = "没有这种任务。"
    kind = Kind.MALFORMED


class JobArguments(Refusal):
    """A job of this kind cannot be asked for like this."""

    code = "job_arguments"
    zh = "任务参数不符合要求。"
    kind = Kind.MALFORMED


class JobsFull(Refusal):
    """Too many jobs wait already."""

    code = "jobs_full"
    zh = "等待中的任务过多，请稍后再试。"
    kind = Kind.CONFLICT


class JobOver(Refusal):
    """The job has ended."""

    code = "job_over"
    zh = "任务已经结束。"
    kind = Kind.CONFLICT


class JobKeptDying(Refusal):
    """The process of the job died again and again."""

    code = "job_kept_dying"
    zh = "任务进程多次异常退出。"
    kind = Kind.CONFLICT


class JobBroke(Refusal):
    """The job broke; the log of the worker says where."""

    code = "job_broke"
    zh = "任务出错；详情见 worker 日志。"
    kind = Kind.CONFLICT


class FileNameRefused(Refusal):
    """Files of jobs lie in the world's own folder and have plain names."""

    code = "file_name_refused"
    zh = "任务文件只能放在本系统的文件目录中，且须使用普通文件名。"
    kind = Kind.MALFORMED


class FormatUnknown(Refusal):
    """This cannot be exported."""

    code = "export_unknown"
    zh = "无法这样导出。"
    kind = Kind.MALFORMED


class ExportTooLong(Refusal):
    """The format has no room for so many rows; use CSV or Parquet."""

    code = "export_too_long"
    zh = "行数超出此格式上限，请改用 CSV 或 Parquet。"
    kind = Kind.TOO_LARGE
