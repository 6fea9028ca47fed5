"""The proof: what is recorded agrees with itself, and deciding it again gives the same.

Owns no table and writes nothing. It may read every schema, and looks at one moment of them: a
snapshot that lives as long as the proof runs. Promises that each check names its first offenders
and that memory stays bounded however long the history is. Does not repair anything, and does not
prove what only the outside knows: that an event should have been sent.
"""

from coterie.replay.checks import CHECKS, Check
from coterie.replay.errors import UnknownCheck
from coterie.replay.verify import CheckResult, Offender, Report, default_jobs, verify

__all__ = [
    "CHECKS",
    "Check",
    "CheckResult",
    "Offender",
    "Report",
    "UnknownCheck",
    "default_jobs",
    "verify",
]
