"""``coterie settings``: what is set is shown, and what cannot be is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from tests.rooms.images import png

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str) -> Run:
    def call(*arguments: object, code: int = 0) -> Result:
        words = ["--database-url", database_url, "settings", *map(str, arguments)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        return result

    return call


def test_what_is_set_is_shown(run: Run, tmp_path: Path):
    file = tmp_path / "logo.png"
    file.write_bytes(png(80, 40))
    run("brand", "--name-zh", "山茶铺", "--colour", "#0b5130", "--language", "zh")
    run("image", "logo", file)
    run("hosts", "shop.example", "www.shop.example")
    shown = run("show").output
    for told in ("山茶铺", "#0b5130", "80x40", "www.shop.example"):
        assert told in shown
    run("no-image", "logo")
    run("hosts")
    shown = run("show").output
    assert "80x40" not in shown
    assert "shop.example" not in shown


def test_what_cannot_be_is_said(run: Run, tmp_path: Path):
    svg = tmp_path / "logo.svg"
    svg.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    assert "none of PNG" in run("image", "logo", svg, code=1).output
    assert "contrast" in run("brand", "--colour", "#ffd84d", code=1).output
    assert "Say what to change" in run("brand", code=2).output
    assert "not a host name" in run("hosts", "a b", code=1).output
