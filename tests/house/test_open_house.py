"""Entry without a password is opened by the demo's builder and by nobody else."""

import ast

from tests.house.support import PACKAGE, imports, python_files, relative, statements, syntax


def test_only_the_demo_opens_the_house():
    callers = {
        relative(path)
        for path in python_files("src")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Name | ast.Attribute)
        and (node.id if isinstance(node, ast.Name) else node.attr) == "open_house"
        and "staff" not in path.relative_to(PACKAGE).parts[:1]
    }
    assert callers == {"src/coterie/demo/house.py"}
    importers = {
        relative(found.path)
        for path in python_files("src")
        for found in imports(path)
        if "open_house" in found.names
    }
    assert importers == {"src/coterie/demo/house.py", "src/coterie/staff/__init__.py"}


def test_one_statement_alone_writes_it():
    writing = [
        statement.name
        for statement in statements(PACKAGE / "staff" / "queries.sql")
        if "into staff.open_house" in statement.text
    ]
    assert writing == ["open_house"]
