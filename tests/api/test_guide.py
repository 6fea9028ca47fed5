"""What the pages about the API say is what happens: examples are sent, addresses compared."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from coterie.api.endpoints import documented
from coterie.api.events import BATCH_BYTES_MAX, EVENT_BYTES_MAX
from coterie.api.members import MEMBER_BYTES_MAX
from coterie.api.services import BATCHES_WAITING_MAX, READS_WAITING_MAX
from coterie.intake.gather import WAITING_MAX
from tests.api.serving import Place, client_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "guides" / "integrate.md").read_text("utf-8")
REFERENCE = (DOCS / "reference" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```sh\n(.*?)^```\n\n```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def curl(text: str, client: httpx.Client, key: str) -> httpx.Response:
    """Send what a line of curl would send; only the options the guide uses are known."""
    words = shlex.split(text.replace("\\\n", " ").replace("$KEY", key))
    assert words.pop(0) == "curl"
    method, url, headers, body = "GET", "", {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0).encode()
        else:
            assert not word.startswith("-"), word
            url = word
    path = url.removeprefix("http://127.0.0.1:8000")
    assert path.startswith("/"), url
    return client.request(method, path, headers=headers, content=body)


def holds(told: Any, got: Any, where: str = "") -> None:
    """Everything the guide tells is in the answer; the answer may hold more."""
    if isinstance(told, dict):
        for name, value in told.items():
            assert name in got, f"{where}.{name}"
            holds(value, got[name], f"{where}.{name}")
    elif isinstance(told, list):
        assert len(told) == len(got), where
        for number, (one, other) in enumerate(zip(told, got, strict=True)):
            holds(one, other, f"{where}[{number}]")
    else:
        assert told == got, where


@pytest.fixture
def one_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guide's programme: one point for each yuan, and nothing else."""
    from tests.api import serving

    text = serving.PROGRAMME
    text = re.sub(r"  - code: fly.*?(?=sources:)", "", text, flags=re.DOTALL)
    text = re.sub(r"  miles:.*?(?=rules:)", "", text, flags=re.DOTALL)
    monkeypatch.setattr(serving, "PROGRAMME", text)


def test_every_example_of_the_guide_is_true(one_currency: None, place: Place, address: str):
    assert len(EXAMPLES) == GUIDE.count("```sh") == GUIDE.count("```json") >= 8
    scopes = re.findall(r"--scope (\S+)", GUIDE)
    key = place.key("shop", *scopes)
    with client_of(address) as client:
        for sent, told in EXAMPLES:
            answer = curl(sent, client, key)
            expected = json.loads(told)
            status = expected.get("status")
            good = {status} if isinstance(status, int) else {200, 201}
            assert answer.status_code in good, answer.text
            holds(expected, answer.json())


def test_the_reference_lists_every_address_with_its_scope():
    rows = re.findall(
        r"^\| (\w+) \| `([^`]+)` \| (?:`([^`]+)`)? *\| .+ \|$", REFERENCE, re.MULTILINE
    )
    told = {(method, path, scope or None) for method, path, scope in rows}
    assert told == {
        (o.method, o.path, None if o.scope is None else str(o.scope)) for o in documented()
    }


def test_the_reference_tells_the_bounds_there_are():
    for text in (
        f"{EVENT_BYTES_MAX // 1024} KiB, 500 lines",
        f"{BATCH_BYTES_MAX // 1024**2} MiB, 1,000 events",
        f"{MEMBER_BYTES_MAX // 1024} KiB, 20 identities",
        f"| {WAITING_MAX:,}, then 503 |",
        f"| {BATCHES_WAITING_MAX}, then 503 |",
        f"| {READS_WAITING_MAX}, then 503 |",
    ):
        assert text in REFERENCE, text
