"""What is refused of an import as a whole; most that is refused of a row is a line of its report.

Refusal
 ├─ FileUnreadable      the file cannot be read as what it claims to be
 ├─ MappingMalformed    the mapping file says something that has no meaning
 ├─ IdentityMissing     a row of members that would make another member each time
 ├─ ImportElsewhere     another process is importing the same file
 └─ ImportInterrupted   a process of the import died
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class FileUnreadable(Malformed):
    """The file cannot be read."""

    code = "file_unreadable"
    zh = "文件无法读取。"


class MappingMalformed(Malformed):
    """The mapping cannot be understood."""

    code = "mapping_malformed"
    zh = "映射文件无法识别。"


class IdentityMissing(Malformed):
    """A row of a member needs one of card, phone, email, messenger and external."""

    code = "identity_missing"
    zh = "会员行须有 card、phone、email、messenger、external 之一。"


class ImportElsewhere(Refusal):
    """This file is being imported by another process."""

    code = "import_elsewhere"
    zh = "另一进程正在导入此文件。"
    kind = Kind.CONFLICT


class ImportInterrupted(Refusal):
    """A process of the import was ended from outside; the same import goes on where it stood."""

    code = "import_interrupted"
    zh = "导入进程被外部终止；再次执行同一导入会从中断处继续。"
    kind = Kind.BUSY
