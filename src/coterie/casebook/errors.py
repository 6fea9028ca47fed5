"""What is refused about worked cases.

Refusal
 └─ CasesInvalid                      malformed: what is wrong with case files, all of it at once
"""

from __future__ import annotations

from coterie.programme.errors import ProgrammeInvalid


class CasesInvalid(ProgrammeInvalid):
    """The worked cases cannot be run as they are written."""

    code = "cases_invalid"
    zh = "用例无法按所写内容运行。"
