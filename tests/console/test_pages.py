"""The pages over HTTP: language by choice or by browser, and a strict policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.site import site_over


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient[Litestar]]:
    with site_over(database_url) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("", "fr", "en"),
        ("?lang=en", "zh-CN", "en"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_reader_chooses_the_language(
    client: TestClient[Litestar], query: str, header: str, language: str
) -> None:
    answer = client.get(f"/{query}", headers={"accept-language": header})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text


def test_nothing_foreign_or_inline_may_run(client: TestClient[Litestar]) -> None:
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", answer.text)
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
