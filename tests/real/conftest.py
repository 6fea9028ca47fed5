"""What real files are about is told in numbers: they are shown, not only when something fails."""

from pathlib import Path

import pytest

from tests.real.worlds import Shop


@pytest.fixture
def shop(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    """A world whose every command and count is shown as it happens."""

    def say(*words: object) -> None:
        with capsys.disabled():
            print(*words)

    return Shop(database_url, tmp_path, say)
