"""Processes that do not outlive who started them."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import wait


def end_with_parent() -> None:
    """Let this process end at once when the one that started it is gone, however that one died.

    For processes of which nobody else would know: they wait for work that never comes, or go on
    with work that is somebody else's by now. What they had not committed is undone.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
