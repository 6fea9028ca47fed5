"""What real files are about is told in numbers: they are shown, not only when something fails."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def shown(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Let every command and every count of a test be seen."""
    with capsys.disabled():
        yield
