"""What programmes must be able to say, each in a few lines of YAML, with cases reckoned by hand."""

from pathlib import Path

import pytest

from coterie.casebook import read_casebook, run_cases
from coterie.programme.plain import plain_words

SAYINGS = Path(__file__).parent / "sayings"
FILES = sorted(path for path in SAYINGS.glob("*.yaml") if not path.name.endswith(".cases.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_can_be_said_and_does_what_it_says(path: Path):
    book = read_casebook(path)
    failed = [str(d) for r in run_cases(book.programme, book.cases) for d in r.differences]
    assert not failed, "\n".join(failed)
    zh, en = plain_words(book.programme, "zh"), plain_words(book.programme, "en")
    assert len(zh) == len(en)
