"""What every test may rely on: seeds, slices of the long tests, the reference data.

COTERIE_TEST_SEED makes a run repeatable: it seeds Hypothesis and chooses the slice. Without it
Hypothesis draws the same examples each time, so that `make test` says the same to everyone.
"""

import hashlib
import os
import shutil
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
SHARED_ABSENT = "The reference data ../shared/data is not beside this checkout."
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ABSENT = "There is no Chromium: install one, or name it in COTERIE_TEST_CHROMIUM."
SEED = os.environ.get("COTERIE_TEST_SEED", "")

# The fixtures of PostgreSQL are a file of their own: they are long, and pure tests need none.
pytest_plugins = (
    ["tests.fixtures_postgres"] if (ROOT / "tests" / "fixtures_postgres.py").exists() else []
)

# No deadlines: a shared machine pauses at will, and a slow example is not a wrong one.
hypothesis.settings.register_profile("dev", deadline=None, derandomize=True)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
hypothesis.settings.load_profile("ci" if SEED else "dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slice",
        metavar="K/N",
        help="keep the K-th of N parts of the chosen tests, dealt out by COTERIE_TEST_SEED",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hand the seed to Hypothesis before its own plugin reads the option."""
    if SEED and config.getoption("--hypothesis-seed", default=None) is None:
        config.option.hypothesis_seed = str(int(stable_hash(SEED) % 2**32))


def pytest_report_header() -> str:
    return f"COTERIE_TEST_SEED={SEED or '(unset: fixed examples)'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chromium = find_chromium()
    for item in items:
        if item.get_closest_marker("shared") and not SHARED_DATA.is_dir():
            item.add_marker(pytest.mark.skip(reason=SHARED_ABSENT))
        if item.get_closest_marker("browser") and chromium is None:
            item.add_marker(pytest.mark.skip(reason=CHROMIUM_ABSENT))
    if not (wanted := config.getoption("--slice")):
        return
    part, parts = parse_slice(wanted)
    kept = [item for item in items if stable_hash(item.nodeid + SEED) % parts == part]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Call an empty slice a success: dealing few tests into parts leaves some parts empty."""
    if session.config.getoption("--slice") and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def stable_hash(text: str) -> int:
    """Hash alike in every process: Python's own hash() is salted."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def parse_slice(text: str) -> tuple[int, int]:
    """Read "K/N"; a K outside the N parts is a usage error."""
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and int(part) < int(parts)):
        message = f"--slice {text}: give K/N with 0 <= K < N, such as 0/3"
        raise pytest.UsageError(message)
    return int(part), int(parts)


def find_chromium() -> Path | None:
    """The browser to drive: the one that is named, or the first that is installed."""
    named = os.environ.get("COTERIE_TEST_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return Path(found) if found else None


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Give the Chromium to drive, or skip the test: unlike PostgreSQL it cannot come along."""
    found = find_chromium()
    if found is None:
        pytest.skip(CHROMIUM_ABSENT)
    return found


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of reference data beside the checkout, or skip the test."""
    if not SHARED_DATA.is_dir():
        pytest.skip(SHARED_ABSENT)
    return SHARED_DATA
