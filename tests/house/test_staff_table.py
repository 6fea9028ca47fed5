"""The guide's table of who may what is the code's."""

from coterie.staff import BUILT_IN, WORDS, Permission
from tests.house.support import ROOT


def test_the_guide_tells_who_may_what():
    text = (ROOT / "docs" / "guides" / "staff.md").read_text("utf-8")
    rows = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| `")]
    told = {cells[0].strip(" `"): [cell.strip() == "yes" for cell in cells[1:-1]] for cells in rows}
    head = next(line for line in text.splitlines() if line.startswith("| permission"))
    assert [cell.strip() for cell in head.strip("| ").split("|")[1:]][: len(BUILT_IN)] == list(
        BUILT_IN
    )
    assert told == {
        each.value: [each in role.permissions for role in BUILT_IN.values()] for each in Permission
    }
    assert all(words[1] in text for words in WORDS.values())
