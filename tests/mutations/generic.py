"""Small mistakes made by rule: every comparison, sign and sum of a few plain modules is turned once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.mutations.runner import ROOT, Patch

#: Plain modules that compute, and the quick tests that watch over them.
MODULES: dict[str, tuple[str, ...]] = {
    "core/timebase.py": ("tests/core/test_timebase.py",),
    "motion/intensity.py": ("tests/motion/test_intensity.py",),
    "media/headroom.py": ("tests/media/test_loudness.py",),
    "app/services/options.py": ("tests/app/test_options.py", "tests/app/test_services_films.py"),
}
#: What takes an operator's place.
TURNED: dict[type[ast.AST], str] = {
    ast.Lt: ">=", ast.LtE: "<", ast.Gt: "<=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is",
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "%", ast.Mod: "//", ast.And: "or", ast.Or: "and",
}  # fmt: skip
#: How each is written.
WORDS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.And: "and", ast.Or: "or",
}  # fmt: skip


def generic_patches(root: Path = ROOT, modules: dict[str, tuple[str, ...]] | None = None) -> list[Patch]:
    """One patch for every operator; the text is the whole file, so that it stands there once."""
    patches = []
    for file, tests in (modules or MODULES).items():
        text = (root / file).read_text(encoding="utf-8")
        patches += [Patch(f"line {line}: {what}", file, text, new, tests) for line, what, new in turned(text)]
    return patches


def turned(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, what changed, the whole text with it) for each operator; types, which nothing computes, stay."""
    tree = ast.parse(text)
    types = {id(node) for hint in annotations(tree) for node in ast.walk(hint)}
    for node in ast.walk(tree):
        if id(node) in types:
            continue
        for left, operator, right in operations(node):
            if (new := TURNED.get(type(operator))) is None:
                continue
            start, end = (
                offset(text, left.end_lineno or 0, left.end_col_offset or 0),
                offset(text, right.lineno, right.col_offset),
            )
            between = text[start:end]
            old = WORDS[type(operator)]
            yield left.lineno, f"{old} to {new}", text[:start] + between.replace(old, new, 1) + text[end:]


def annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """The types that stand in the text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns


def operations(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST, ast.expr]]:
    """(left, operator, right) of a comparison, a sum or a choice of words."""
    if isinstance(node, ast.Compare):
        yield from zip([node.left, *node.comparators[:-1]], node.ops, node.comparators, strict=True)
    elif isinstance(node, ast.BinOp):
        yield node.left, node.op, node.right
    elif isinstance(node, ast.BoolOp):
        yield from ((left, node.op, right) for left, right in zip(node.values[:-1], node.values[1:], strict=True))


def offset(text: str, line: int, column: int) -> int:
    """Place in the text of an `ast` position, whose column counts bytes of UTF-8."""
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())
