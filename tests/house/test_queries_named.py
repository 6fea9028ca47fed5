"""SQL is source code: every statement has a name, a reason, and a caller can find it."""

from collections import Counter
from pathlib import Path

import pytest

from tests.house.support import queries_files, relative, statements


@pytest.mark.parametrize("path", queries_files(), ids=relative)
def test_every_statement_has_a_name_of_its_own_and_a_why(path: Path):
    found = statements(path)
    nameless = [str(s) for s in found if not s.name.isidentifier()]
    assert not nameless, f"a name is an identifier: {nameless}"
    twice = [name for name, count in Counter(s.name for s in found).items() if count > 1]
    assert not twice, f"named twice: {twice}"
    silent = [str(s) for s in found if not s.why]
    assert not silent, f"no line of why under the name: {silent}"
