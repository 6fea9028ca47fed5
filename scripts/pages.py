"""Write the reference pages that the code itself can tell, or check that they are true.

python scripts/pages.py --write | --check
"""

import importlib
import importlib.util
import sys
from pathlib import Path

import click
import msgspec

from coterie.kernel.errors import Refusal
from coterie.webhooks import FACTS, FACTS_VERSION

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts import client

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
REFERENCE = ROOT / "docs" / "reference"
WIDTH_COLUMNS = 80
COMMANDS_HEAD = """\
# Commands

This page is written from the commands themselves by `make pages`; a test compares. Every command
answers `--help`.
"""
REFUSALS_HEAD = """\
# Refusals

This page is written from the code by `make pages`; a test compares. A refusal is an answer, not a
breakdown: its code is stable and meant for programs, its sentence is for people. What kind it is
says what to do about it.

| code | kind | sentence | 说明 | raised by |
| --- | --- | --- | --- | --- |
"""

FACTS_HEAD = (
    """\
# Facts

This page is written from the code by `make pages`; a test compares. It is the catalogue of what
[webhooks](../guides/webhooks.md) are told, the same as the section `webhooks` of the OpenAPI
document. All bodies have one version, now """
    + str(FACTS_VERSION)
    + """: it grows when a field goes
or changes its meaning. New kinds and new fields may come at any time: leave alone what you do not
know.

A body is `{"type": KIND, "timestamp": INSTANT, "version": 1, "data": {...}}`; `timestamp` is when
the fact was recorded. Members are named by id; nothing else about a person is in it.

## Kinds
"""
)

Command = tuple[str, click.Command]


def commands() -> list[Command]:
    """Every command with its full name, parents before children; none before there is a cli."""
    if importlib.util.find_spec("coterie.cli") is None:
        return []
    found: list[Command] = []

    def walk(name: str, command: click.Command) -> None:
        if command.hidden:
            return
        found.append((name, command))
        if isinstance(command, click.Group):
            # Asked like a person asks: some groups load their commands only then.
            context = click.Context(command, info_name=name)
            for child in sorted(command.list_commands(context)):
                if (found_child := command.get_command(context, child)) is not None:
                    walk(f"{name} {child}", found_child)

    walk("coterie", importlib.import_module("coterie.cli").main)
    return found


def render_commands(found: list[Command]) -> str:
    """The page of commands: a heading and the help text each."""
    parts = [COMMANDS_HEAD]
    # The root's settings hold for all below it. click remembers the help option of a command from
    # the first time it is asked, so asking without them would depend on who asked before.
    names = found[0][1].context_settings.get("help_option_names") if found else None
    for name, command in found:
        context = click.Context(
            command,
            info_name=name,
            terminal_width=WIDTH_COLUMNS,
            max_content_width=WIDTH_COLUMNS,
            help_option_names=names,
        )
        lines = [line.rstrip() for line in command.get_help(context).splitlines()]
        parts.append("\n".join([f"## `{name}`", "", "```text", *lines, "```", ""]))
    if not found:
        parts.append("There are no commands yet.\n")
    return "\n".join(parts)


def refusals() -> list[type[Refusal]]:
    """Every refusal that Coterie itself defines in an errors module, by code."""
    for path in sorted((SOURCE / "coterie").rglob("errors.py")):
        importlib.import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))
    found: set[type[Refusal]] = set()
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting += kind.__subclasses__()
    ours = [kind for kind in found if kind.__module__.startswith("coterie.")]
    return sorted(ours, key=lambda kind: (kind.code, kind.__module__, kind.__name__))


def render_refusals(found: list[type[Refusal]]) -> str:
    """The page of refusals: a line each."""
    lines = [
        f"| `{kind.code}` | {kind.kind} | {kind.title().replace('|', chr(92) + '|')} "
        f"| {kind.title('zh')} | `{kind.__module__}.{kind.__name__}` |"
        for kind in found
    ]
    return REFUSALS_HEAD + "\n".join(lines) + "\n"


def render_facts() -> str:
    """The page of facts: what each says, and an example of its message."""
    lines = [FACTS_HEAD]
    shapes = list(dict.fromkeys(each.shape for each in FACTS))
    lines += ["| kind | meaning | 含义 | `data` |", "| --- | --- | --- | --- |"]
    for each in FACTS:
        name = each.shape.__name__
        lines.append(f"| `{each.kind}` | {each.en} | {each.zh} | [{name}](#{name.lower()}) |")
    for shape in shapes:
        lines += ["", f"### {shape.__name__}", "", " ".join((shape.__doc__ or "").split())]
        lines += ["", "| field | type |", "| --- | --- |"]
        lines += [
            f"| `{field.encode_name}` | {_type_name(field.type)} |"
            for field in msgspec.structs.fields(shape)
        ]
    return "\n".join(lines) + "\n"


def _type_name(wanted: object) -> str:
    """How a page calls the type of a field."""
    schema = msgspec.json.schema(wanted)
    if "anyOf" in schema:
        return " or ".join(each["type"] for each in schema["anyOf"])
    return str(schema["type"])


def pages() -> dict[Path, str]:
    """What the generated pages should hold now."""
    return {
        REFERENCE / "cli.md": render_commands(commands()),
        REFERENCE / "errors.md": render_refusals(refusals()),
        REFERENCE / "facts.md": render_facts(),
        **client.files(refusals()),
    }


def stale() -> list[Path]:
    """The pages that are not what the code says."""
    return [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def run(arguments: list[str]) -> int:
    """Write or check; 1 where a page is not what the code says, 2 for other arguments."""
    if arguments == ["--write"]:
        for path, text in pages().items():
            path.write_text(text, "utf-8")
        return 0
    if arguments == ["--check"]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is not what the code says: run `make pages`.")
        return 1 if stale() else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
