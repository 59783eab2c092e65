"""Every row of the threat model names a test that is there, and a setting that is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| .*`tests/", line)]


def functions_of(path):
    """Names of the functions of a file of tests."""
    return {node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_a_row_names_a_test_that_is_there(row):
    what, holds, test, remains = (cell.strip() for cell in row.strip("|").split(" | "))
    assert what and holds and remains
    file, _, name = test.strip("`").partition("::")
    assert name in functions_of(ROOT / file)


def test_there_are_rows_of_every_kind_and_no_row_lacks_its_test():
    sections = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    assert len(sections) == 6 and len(ROWS) > 35
    for section in sections:
        rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ") and "---" not in line][1:]
        assert rows and all("`tests/" in row for row in rows), section[:60]


def test_its_settings_are_those_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in set(re.findall(r"BELCANTO_[A-Z_]+", PAGE)) if name not in readme] == []
