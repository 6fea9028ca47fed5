"""Long work that goes on beside traffic: in small transactions, resumable, with progress.

Owns ``jobs.job``: what an operator asked for, how far it is, what came of it. A kind of job is one
file under :mod:`coterie.jobs.kinds`. A job may be stopped or killed anywhere and is begun again by
whoever takes it over; what was done is not done twice. Does not promise an order between jobs that
wait, nor that more than a bounded number run at once.
"""

from coterie.jobs.asking import ask_job, cancel_job, get_job, job_kind, list_jobs, read_arguments
from coterie.jobs.backfilling import Counting, count_set_aside, run_backfills
from coterie.jobs.kinds.registry import KINDS
from coterie.jobs.model import JobRow, JobState
from coterie.jobs.running import Runner
from coterie.jobs.taking_in import take_in_members
from coterie.jobs.work import JobKind, file_in

__all__ = [
    "KINDS",
    "Counting",
    "JobKind",
    "JobRow",
    "JobState",
    "Runner",
    "ask_job",
    "cancel_job",
    "count_set_aside",
    "file_in",
    "get_job",
    "job_kind",
    "list_jobs",
    "read_arguments",
    "run_backfills",
    "take_in_members",
]
