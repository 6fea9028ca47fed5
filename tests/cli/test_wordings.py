"""What members are asked, from the command line."""

from __future__ import annotations

from click.testing import CliRunner

from coterie.cli import main


def test_a_wording_gets_a_new_version_when_it_changes(database_url: str) -> None:
    def call(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments])
        assert result.exit_code == code, result.output
        return result.output

    call("wordings", "publish", "terms", "--zh", "我同意", "--en", "I agree")
    said = call("wordings", "publish", "terms", "--zh", "我同意条款", "--en", "I agree to them")
    assert "version 2" in said
    [line] = call("wordings", "list").splitlines()[1:]
    assert line.split("\t")[:2] == ["terms", "2"]
    assert "我同意条款" in line
    call("wordings", "publish", "Bad Kind", "--zh", "一", "--en", "one", code=1)
