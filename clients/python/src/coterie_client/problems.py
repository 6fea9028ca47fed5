"""The base of every refusal."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The service said no. ``problem`` is its document; ``code`` is stable and for programs."""

    status: int = 0

    def __init__(self, problem: dict[str, Any]) -> None:
        """Keep the document."""
        self.problem = problem
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail", ""))
        self.where = str(problem.get("where", ""))
        self.request_id = str(problem.get("request_id", ""))
        self.status = int(problem.get("status", self.status))
        told = [str(problem.get("title", "")), self.detail, self.where and f"(at {self.where})"]
        super().__init__(" ".join(filter(None, told)))
