"""What recorded history tells when it is decided again: the proof, and why things are as they are.

Owns no table and writes nothing. It may read every schema, and looks at one moment of them: a
snapshot that lives as long as the proof runs. Promises that each check names its first offenders
and that memory stays bounded however long the history is. Does not repair anything, and does not
prove what only the outside knows: that an event should have been sent.
"""

from coterie.replay.checks import CHECKS, Check
from coterie.replay.errors import NameUnknown, RecordDiffers, UnknownCheck
from coterie.replay.explained import ExplainedEvent, Explanation, Question
from coterie.replay.explaining import explain
from coterie.replay.history import Past, load_pasts, members_after
from coterie.replay.plan_words import plan_tables
from coterie.replay.planned import PlanReport
from coterie.replay.planning import plan
from coterie.replay.reliving import relive
from coterie.replay.replaying import REPLAY, Progress, replay_speed
from coterie.replay.report import CheckResult, Offender, Report, report_as_data
from coterie.replay.trying import try_event
from coterie.replay.verify import default_jobs, verify

__all__ = [
    "CHECKS",
    "REPLAY",
    "Check",
    "CheckResult",
    "ExplainedEvent",
    "Explanation",
    "NameUnknown",
    "Offender",
    "Past",
    "PlanReport",
    "Progress",
    "Question",
    "RecordDiffers",
    "Report",
    "UnknownCheck",
    "default_jobs",
    "explain",
    "load_pasts",
    "members_after",
    "plan",
    "plan_tables",
    "relive",
    "replay_speed",
    "report_as_data",
    "try_event",
    "verify",
]
