"""What the guides show is true: their cases pass, and every template is on the list."""

import re
from pathlib import Path

from coterie.casebook import read_casebook, run_cases
from coterie.casebook.starting import TEMPLATES

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
PROGRAMME = """
programme: guide
name: {zh: 指南, en: Guide}
zone: Asia/Shanghai
money: CNY
currencies: {points: {name: {zh: 积分, en: Points}, transferable: true}}
attributes: {level: {values: [basic, gold]}}
rules:
  - code: base
    name: {zh: 每满十元, en: For every whole 10}
    earn: {currency: points, units: 1, per: 10, blocks: true}
"""


def test_the_cases_of_the_guide_pass(tmp_path: Path):
    (shown,) = re.findall(r"```yaml\n(.*?)```", (GUIDES / "cases.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "programme.yaml").write_text(PROGRAMME, "utf-8")
    (tmp_path / "guide.cases.yaml").write_text(shown, "utf-8")
    book = read_casebook(tmp_path)
    assert len(book.cases) > 1
    for result in run_cases(book.programme, book.cases):
        assert result.passed, "\n".join(map(str, result.differences))


def test_every_template_is_on_the_list():
    text = (GUIDES / "write-a-programme.md").read_text("utf-8")
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE)
    assert listed == sorted(folder.name for folder in TEMPLATES.iterdir())
