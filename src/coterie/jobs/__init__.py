"""Long work that goes on beside traffic: in small transactions, resumable, with progress.

Owns no table. A job may be stopped anywhere and begun again, by several processes at once; what was
done is not done twice.
"""

from coterie.jobs.backfilling import Counting, run_backfills

__all__ = ["Counting", "run_backfills"]
