"""``coterie programme test`` and ``new``: worked cases, and programmes to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from coterie.casebook import Result

_PATH = click.Path(path_type=Path)


@click.command("test")
@click.argument("path", type=_PATH, metavar="FOLDER")
@click.option("--case", "only", metavar="ID", help="Only this case.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.option("--story", is_flag=True, help="Tell what happened in every case, not only in failed.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def test(
    context: click.Context, *, path: Path, only: str | None, lang: str, story: bool, as_json: bool
) -> None:
    """Run the worked cases of FOLDER, and tell what differs and why.

    FOLDER holds a programme and files that end in .cases.yaml; a programme's file will do, with its
    cases beside it. Nothing is written and no database is needed. Ends with 1 where a case differs.
    """
    from coterie.casebook import read_casebook, run_cases
    from coterie.cli.texts import findings_told, tell

    with findings_told():
        book = read_casebook(path, only)
    if not as_json:
        tell(book.warnings)
    results = []
    with findings_told():
        for result in run_cases(book.programme, book.cases, lang):
            results.append(result)
            if not as_json:
                _print(result, story=story)
    failed = sum(not result.passed for result in results)
    if as_json:
        told = [_plain(result) for result in results]
        value = {"programme": book.programme.code, "failed": failed, "cases": told}
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{len(results)} cases of {book.programme.code}: {failed or 'none'} failed.")
    context.exit(1 if failed else 0)


def _print(result: Result, *, story: bool) -> None:
    click.echo(f"{'ok    ' if result.passed else 'FAILED'} {result.case}")
    for difference in result.differences:
        click.echo(f"  {difference}")
    if result.passed and not story:
        return
    for told in result.story:
        click.echo(f"    {told.at} {told.member}: {told.what}")
        for line in told.lines:
            click.echo(f"      {line}")


def _plain(result: Result) -> dict[str, Any]:
    from msgspec import to_builtins

    return {**to_builtins(result), "passed": result.passed}


@click.command("cases-schema")
def cases_schema() -> None:
    """Print the JSON Schema of case files, for editors and other programs."""
    from coterie.casebook import schema_text

    click.echo(schema_text(), nl=False)


@click.command("new")
@click.option("--template", metavar="NAME", help="What to begin from; without it, list them.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.argument("folder", type=_PATH, required=False)
def new(*, template: str | None, folder: Path | None, lang: str) -> None:
    """Begin a programme of your own: write a template and its worked cases into FOLDER.

    Without FOLDER, one of the template's name is made here.
    """
    from coterie.casebook import begin_from, templates
    from coterie.cli.showing import print_table

    if template is None:
        rows = [(each.name, getattr(each.words, lang)) for each in templates()]
        print_table(["template", "programme"], rows)
        return
    for file in begin_from(template, folder or Path(template)):
        click.echo(str(file))


COMMANDS = (test, cases_schema, new)
