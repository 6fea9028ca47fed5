"""``coterie consents``: what people are asked grows by versions."""

from click.testing import CliRunner

from coterie.cli import main


def test_wordings_are_published_and_listed(database_url: str) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["--database-url", database_url, *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    for version, text in enumerate(("May we text?", "May we write?"), start=1):
        assert run("consents", "ask", "sms", "--zh", "可以吗？", "--en", text) == f"{version}\n"
    [_, line] = run("consents", "list").splitlines()
    assert line.split("\t")[:2] == ["sms", "2"]
    assert line.endswith("May we write?")
