"""Docs are read as promises: links lead somewhere, commands exist, every part has its reason."""

import re
from pathlib import Path

import pytest

from scripts import pages
from tests.house.support import ROOT, relative, rooms
from tests.house.test_lock import PROJECT, canonical

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")


def anchors(page: Path) -> set[str]:
    """The anchors GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ +(.+?) *#*$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_relative_link_leads_somewhere(page: Path):
    links = LINK.findall(FENCE.sub("", page.read_text("utf-8")))
    assert not [link for link in links if broken(page, link)]


def test_every_page_can_be_found():
    """Each page under docs is linked from another: what no page names nobody reads."""
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in LINK.findall(page.read_text("utf-8"))
    }
    lost = [relative(page) for page in PAGES if page.is_relative_to(DOCS) and page not in linked]
    assert not lost


def test_every_dependency_has_its_reasons():
    text = (DOCS / "dependencies.md").read_text("utf-8")
    explained = {canonical(name) for name in re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)}
    groups = PROJECT["dependency-groups"].values()
    listed = [*PROJECT["project"]["dependencies"], *(r for group in groups for r in group)]
    needed = {canonical(requirement) for requirement in listed}
    assert needed == explained


def test_every_room_is_on_the_plan():
    plan = (DOCS / "architecture.md").read_text("utf-8")
    missing = [room.name for room in rooms() if not re.search(rf"\b{room.name}\b", plan)]
    assert not missing


def test_commands_and_refusals_are_described_as_they_are():
    """Both pages are written from the code; `make pages` writes them again."""
    for page, text in pages.pages().items():
        assert page.read_text("utf-8").splitlines() == text.splitlines(), "run `make pages`"


def test_a_code_means_one_thing():
    """A refusal's code is a promise to programs: two classes may not share one."""
    codes = [refusal.code for refusal in pages.refusals()]
    assert not {code for code in codes if codes.count(code) > 1}


def test_the_words_of_the_makefile_are_the_ones_in_the_docs():
    words = set(
        re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    said = {
        word
        for page in PAGES
        for word in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert not said - words
