"""What processes write to the error stream: lines for people, or JSON for programs.

Names, contacts and bodies are never logged: members appear by id, addresses by their template.
"""

from __future__ import annotations

import logging
import os
import time

import msgspec

from coterie.kernel.requests import REQUEST_ID

FORMAT = "COTERIE_LOG_FORMAT"
REQUESTS = "COTERIE_LOG_REQUESTS"
TEXT = "%(asctime)s %(processName)s %(levelname)s %(name)s: %(message)s"
FIELDS = ("method", "route", "status", "ms", "key_id")


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = time.gmtime(record.created)
        line: dict[str, object] = {
            "at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', at)}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "process": record.processName,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST_ID.get():
            line["request_id"] = request
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class TextLines(logging.Formatter):
    """A line for people; the request's id at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        request = REQUEST_ID.get()
        return super().format(record) + (f" [{request}]" if request else "")


def write_log() -> None:
    """Send the log of this process to the error stream, as the environment says."""
    handler = logging.StreamHandler()
    json = os.environ.get(FORMAT) == "json"
    handler.setFormatter(JsonLines() if json else TextLines(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Which requests are sent, and whether they were fetched, is for their own log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    wanted = os.environ.get(REQUESTS) == "1"
    logging.getLogger("coterie.requests").setLevel(logging.INFO if wanted else logging.WARNING)
