"""The sentences that code can say, read from its source: the templates of its strings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REGEX = re.compile(r"\(\?|\\\\|\\[spdnwb]|\^|\[\^")
PLACE = re.compile(r"\{[^{}]*\}")


def templates(path: Path, skip: tuple[str, ...] = (), making: str = "") -> set[str]:
    """The texts of a file of at least two words, values in the form ``{0}``; names in ``skip`` are assigned others.

    What is raised (but why a check was skipped), documented or matched by a pattern is not said. With ``making``, only functions that call it count.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if making:
        tree = ast.Module([node for node in ast.walk(tree) if _makes(node, making)], [])
    silent = _silent(tree, skip)
    found = {numbered(_text(node)) for node in ast.walk(tree) if id(node) not in silent and _is_text(node)}
    return {text for text in found if _is_said(text)}


def numbered(text: str) -> str:
    """The template with its places numbered from 0, in their order."""
    numbers = iter(range(99))
    return PLACE.sub(lambda _: f"{{{next(numbers)}}}", text)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _is_said(text: str) -> bool:
    words = PLACE.sub("", text)
    return bool(re.search(r"[a-z]{2}", words)) and " " in words.strip(" ,;") and not REGEX.search(text)


def _makes(node: ast.AST, making: str) -> bool:
    calls = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return isinstance(node, ast.FunctionDef) and any(isinstance(f, ast.Name) and f.id == making for f in calls)


def _silent(tree: ast.Module, skip: tuple[str, ...]) -> set[int]:
    return {id(inner) for node in ast.walk(tree) for root in _not_said(node, skip) for inner in ast.walk(root)}


def _not_said(node: ast.AST, skip: tuple[str, ...]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Raise) and "SkipCheckError" not in ast.unparse(node):  # which is told as a reason
        yield node
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in skip:
        yield node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node  # a docstring
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.Constant):
                yield part
            elif part.format_spec:
                yield part.format_spec
