"""Every refusal has a sentence in English (its docstring) and one of its own in Chinese."""

from __future__ import annotations

import re

import pytest

from coterie.kernel.errors import Refusal
from scripts.pages import refusals

_CHINESE = re.compile(r"[\u4e00-\u9fff].*。$")


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.__name__)
def test_a_refusal_says_it_in_chinese_too(refusal: type[Refusal]):
    assert "zh" in vars(refusal), "write zh = '…。' below its code"
    assert _CHINESE.search(refusal.title("zh"))
    assert not _CHINESE.search(refusal.title())
