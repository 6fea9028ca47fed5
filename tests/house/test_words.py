"""Some words do not belong in what everyone reads: debts, and traces of who wrote it where."""

import re

import pytest

from tests.house.support import relative, tracked_files

# Every pattern is written so that it does not find itself: a bracket around one letter.
DEBTS = {
    "a note of a debt": r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b",
    "a body that is not there": r"N[o]tImplementedError",
}
TRACES = {
    "a working period": (
        r"(?i)\b(this|a previous|the previous|an earlier|the last|the next|my|our) s[e]ssion\b"
        r"|\bs[e]ssions? *(#|no\.?|number) *\d|\bs[e]ssion[-_]\d"
    ),
    "an issue by number": (
        r"(?i)\b(i[s]sues?|fix(es|ed)?|clos(es|ed)|resolv(es|ed)|see|refs?|PR|GH)[ -]*#\d+"
        r"|\(#\d+\)|\bi[s]sue \d+|/i[s]sues/\d+"
    ),
    "a writing machine": (
        r"(?i)\b(c[l]aude|a[n]thropic|c[h]atgpt|o[p]enai|c[o]pilot|g[e]mini|c[o]dex|L[L]M)\b"
        r"|\b(A[I]|coding)[- ](a[s]sistant|agent|generated|model)|\bl[a]nguage model|as an A[I]\b"
        r"|C[o]-Authored-By"
    ),
    "an address of a package index": (
        r"(?i)\bp[y]pi\.org|p[y]thonhosted|n[p]mjs\.(org|com)|--(extra-)?i[n]dex-url[ =]+\S*:/"
        r"|--f[i]nd-links|/s[i]mple/?(['\"\s]|$)"
    ),
    "a folder of one machine": (
        r"(?<![\w.])/w[o]rk/|(?<![\w.])/r[o]ot\b|(?<![\w.])/h[o]me/\w|(?<![\w.])/U[s]ers/\w"
        r"|/o[p]t/(pypi|wheels)|b[a]sh_jobs"
    ),
}
BINARY = frozenset({".gz", ".ico", ".jpg", ".parquet", ".png", ".webp", ".woff2", ".xlsx"})


@pytest.mark.parametrize("what", [*DEBTS, *TRACES])
def test_nothing_tracked_holds(what: str):
    pattern = re.compile((DEBTS | TRACES)[what], re.MULTILINE)
    found = []
    for path in tracked_files():
        if path.suffix in BINARY:
            continue
        text = path.read_text("utf-8")
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{relative(path)}:{line}: {match[0].strip()!r}")
    assert not found, f"{what}: {found}"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a note of a debt", "# TO" + "DO later"),
        ("a working period", "done in the last " + "session"),
        ("an issue by number", "Fixes " + "#12"),
        ("a writing machine", "written with Clau" + "de"),
        ("an address of a package index", "https://py" + "pi.org/project/x"),
        ("a folder of one machine", "open('/ro" + "ot/x')"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, said: str):
    assert re.search((DEBTS | TRACES)[what], said)


@pytest.mark.parametrize(
    "said", ["a checkout session is held", "the session of a clerk", "/v1/workers/1", "color: #123"]
)
def test_the_patterns_leave_the_language_of_the_product_alone(said: str):
    assert not any(re.search(pattern, said) for pattern in (DEBTS | TRACES).values())
