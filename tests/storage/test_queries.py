"""A queries file says why each statement exists, or is refused with its line."""

import pytest

from coterie.storage import QueryFileRefused, load_queries, parse_queries

GOOD = """\
-- What lies in this file.

-- name: first_one
-- Because somebody asks.
--   And more of why.
select 1
-- a comment inside
  where %(x)s = 1;

-- name: second
-- Because of the first.
select ';' as x
"""


def test_a_statement_is_its_text_without_the_comments_above():
    found = parse_queries("p", GOOD, where="p/queries.sql")
    assert found.first_one == "select 1\n-- a comment inside\n  where %(x)s = 1"
    assert found.second == "select ';' as x"
    assert [(q.name, q.why, q.line) for q in found] == [
        ("first_one", "Because somebody asks. And more of why.", 3),
        ("second", "Because of the first.", 10),
    ]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("-- name: a\nselect 1", "does not say why", 1),
        ("-- name: a\n--\nselect 1", "does not say why", 1),
        ("-- name: a\n-- Why.\n", "no statement", 1),
        ("-- name: a\n-- Why.\n;\n", "no statement", 1),
        ("-- name: a\n-- Why.\nselect 1;\n-- name: a\n-- Why.\nselect 2", "twice", 4),
        ("-- name: Aa\n-- Why.\nselect 1", "snake_case", 1),
        ("-- name:\n-- Why.\nselect 1", "snake_case", 1),
        ("select 1;\n-- name: a\n-- Why.\nselect 1", "before the first", None),
        ("select 1", "before the first", None),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str, line: int | None):
    with pytest.raises(QueryFileRefused) as refused:
        parse_queries("p", text, where="p/queries.sql")
    assert said in refused.value.message
    assert refused.value.where == ("p/queries.sql" if line is None else f"p/queries.sql:{line}")


def test_an_unknown_name_says_which_are_near():
    found = parse_queries("coterie.p", GOOD, where="p/queries.sql")
    with pytest.raises(AttributeError, match=r"no query 'frist_one'.*'first_one'"):
        _ = found.frist_one


def test_a_package_without_the_file_is_refused():
    with pytest.raises(QueryFileRefused, match="cannot be read"):
        load_queries("coterie.kernel")
