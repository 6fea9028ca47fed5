"""The shipped templates: sound, without a warning, and each does what its own cases say."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from coterie.casebook import begin_from, read_casebook, run_cases
from coterie.casebook.starting import TEMPLATES
from coterie.cli.root import main
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical
from coterie.programme.writing import canonical_text

CASES_MIN = 10
NAMES = sorted(folder.name for folder in TEMPLATES.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_template_passes_its_cases_without_a_warning(tmp_path: Path, name: str):
    files = begin_from(name, tmp_path / "mine")
    assert sorted(file.name for file in files) == sorted(["programme.yaml", f"{name}.cases.yaml"])
    book = read_casebook(tmp_path / "mine")
    assert not book.warnings
    assert len(book.cases) >= CASES_MIN
    failed = [str(d) for r in run_cases(book.programme, book.cases) for d in r.differences]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_commented_and_said_in_both_languages(tmp_path: Path, name: str):
    begin_from(name, tmp_path)
    text = (tmp_path / "programme.yaml").read_text("utf-8")
    assert text.startswith("# ")
    assert "coterie programme test FOLDER" in text
    programme = read_casebook(tmp_path).programme
    zh, en = plain_words(programme, "zh"), plain_words(programme, "en")
    assert len(zh) == len(en) > len(programme.rules)
    assert not [line for line in en if any("\u4e00" <= letter <= "\u9fff" for letter in line)]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_means_the_same_when_it_was_published(name: str):
    book = read_casebook(TEMPLATES / name)
    published = read_canonical(canonical_text(book.programme))
    assert canonical_text(published) == canonical_text(book.programme)
    assert all(result.passed for result in run_cases(published, book.cases))


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["programme", "new", *arguments])
    return result.exit_code, result.output


def test_templates_are_listed_in_both_languages():
    code, output = run("--lang", "zh")
    assert code == 0
    assert "supermarket\t鲜食超市会员" in output
    assert "supermarket\tFresh Market Club" in run()[1]


def test_what_is_begun_passes_check_and_cases(tmp_path: Path):
    folder = str(tmp_path / "shop")
    assert run("--template", "supermarket", folder)[0] == 0
    for command in ("check", "test"):
        result = CliRunner().invoke(main, ["programme", command, folder])
        assert result.exit_code == 0, result.output


def test_an_unknown_template_and_a_folder_in_use_are_refused(tmp_path: Path):
    code, output = run("--template", "supermarkt", str(tmp_path / "a"))
    assert code == 1
    assert "Did you mean 'supermarket'?" in output
    assert not (tmp_path / "a").exists()
    (tmp_path / "here.txt").write_text("mine", "utf-8")
    code, output = run("--template", "supermarket", str(tmp_path))
    assert code == 1
    assert "There is something in the folder already." in output
    assert [file.name for file in tmp_path.iterdir()] == ["here.txt"]
