"""What is refused about worked cases, and about beginning from a template.

Refusal
 ├─ CasesInvalid                      malformed: what is wrong with case files, all of it at once
 ├─ TemplateUnknown                   not found
 └─ FolderNotEmpty                    conflict
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Refusal
from coterie.programme.errors import ProgrammeInvalid


class CasesInvalid(ProgrammeInvalid):
    """The worked cases cannot be run as they are written."""

    code = "cases_invalid"
    zh = "用例无法按所写内容运行。"


class TemplateUnknown(Refusal):
    """There is no template of this name."""

    code = "template_unknown"
    zh = "没有这个名称的模板。"
    kind = Kind.NOT_FOUND


class FolderNotEmpty(Refusal):
    """There is something in the folder already."""

    code = "folder_not_empty"
    zh = "文件夹不是空的。"
    kind = Kind.CONFLICT
