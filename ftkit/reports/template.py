"""Parameterised notebooks: what they are called, what they take, and whether what they are given fits.

Everything is known from the file alone, before a kernel starts.
"""

from __future__ import annotations

import ast
import json
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ftkit
from ftkit.errors import RecipeError, nearest
from ftkit.recipe.parameters import PARAMETERS, Parameter, describe_parameter

# Parameters that name the run; set by whoever executes the template, never by its user.
RESERVED = ("runs", "name")


@dataclass(frozen=True)
class Template:
    """A parameterised notebook.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    path : Path
    title : str
        Its first heading.
    summary : str
        The sentence below it.
    defaults : dict
        Its parameters, in order, with their defaults.
    kernel : str
        The kernel it runs in.
    """

    name: str
    path: Path
    title: str
    summary: str
    defaults: dict[str, Any]
    kernel: str = "python3"

    def parameters(self) -> list[Parameter]:
        """What a user can set: name, type, default, range and help of each."""
        return [_describe(name, default) for name, default in self.defaults.items() if name not in RESERVED]


def templates_folder() -> Path:
    """Where the templates are: inside the installed package, or at the top of the repository."""
    package = Path(ftkit.__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def list_templates() -> list[Template]:
    """The templates that come with ftkit, by name.

    Returns
    -------
    list of Template

    Examples
    --------
    >>> [template.name for template in list_templates()]
    ['finetune-image', 'finetune-series', 'finetune-tabular']
    """
    return [read_template(path) for path in sorted(templates_folder().glob("*.ipynb"))]


def read_template(name: str | Path) -> Template:
    """A template, by its name or by the path of a notebook.

    Parameters
    ----------
    name : str or Path
        A name that ``ftkit templates`` lists, or a path that ends in ``.ipynb``.

    Returns
    -------
    Template

    Raises
    ------
    RecipeError
        There is none of that name (the nearest is said); the file is not a notebook of format 4; it has no cell tagged
        ``parameters``, or two; a default is not a plain value.
    """
    path = Path(name) if str(name).endswith(".ipynb") else templates_folder() / f"{name}.ipynb"
    if not path.exists() and not str(name).endswith(".ipynb"):
        known = [p.stem for p in templates_folder().glob("*.ipynb")]
        raise RecipeError([f"'{name}' is not there; {nearest(name, known)}, or the path of a notebook."], "template")
    notebook = _notebook(path)
    cells = notebook.get("cells", [])
    kernel = notebook.get("metadata", {}).get("kernelspec", {}).get("name", "python3")
    texts = ["".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "markdown"]
    lines = [line.strip() for text in texts[:1] for line in text.splitlines() if line.strip()]
    title = lines[0].lstrip("# ") if lines else path.stem
    return Template(path.stem, path, title, " ".join(lines[1:]), _defaults(cells, path), kernel)


def bind(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """The template's parameters with the values given, all of them checked.

    Parameters
    ----------
    template : Template
    given : mapping
        Names to values.

    Returns
    -------
    dict
        Every parameter of the template but those that name the run.

    Raises
    ------
    RecipeError
        Unknown names, with the nearest; ``faults`` has one sentence each. Types and ranges of what goes into the
        recipe are checked by ``recipe_from``.
    """
    known = {name: value for name, value in template.defaults.items() if name not in RESERVED}
    faults = []
    for name, value in given.items():
        if name in RESERVED:
            faults.append(f"{name}: names the run; use --{name}.")
        elif not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
            faults.append(f"{name!r}: cannot be a parameter's name; {nearest(name, known)}.")
        elif name not in known:
            faults.append(f"{name}: is not a parameter of {template.name}; {nearest(name, known)}.")
        elif name not in PARAMETERS and not _same_type(value, known[name]):
            faults.append(f"{name}: {value!r}; asked is {type(known[name]).__name__}, as {known[name]!r}.")
    if faults:
        raise RecipeError(faults, f"template {template.name}")
    return {**known, **given}


def _notebook(path: Path) -> dict[str, Any]:
    where = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except IsADirectoryError:
        raise RecipeError(["is a folder; asked is a notebook."], where) from None
    except OSError as error:
        raise RecipeError([f"cannot be read: {error.strerror}."], where) from None
    except UnicodeDecodeError:
        raise RecipeError(["is not text; asked is a notebook."], where) from None
    try:
        notebook = json.loads(text)
    except ValueError as error:
        said = "is empty" if not text.strip() else f"is not a whole notebook: {error}"
        raise RecipeError([f"{said}."], where) from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        found = notebook.get("nbformat", "none") if isinstance(notebook, dict) else "none"
        raise RecipeError([f"is a notebook of format {found}; asked is format 4. Save it anew with JupyterLab."], where)
    return notebook


def _defaults(cells: list[dict[str, Any]], path: Path) -> dict[str, Any]:
    """The assignments of the cell tagged ``parameters``."""
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise RecipeError([f"has {len(tagged)} cells tagged 'parameters'; asked is one."], str(path))
    defaults, faults = {}, []
    try:
        body = ast.parse("".join(tagged[0]["source"])).body
    except SyntaxError as error:
        raise RecipeError([f"its parameters, line {error.lineno}: {error.msg}."], str(path)) from None
    for statement in body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        if isinstance(target, ast.Name) and getattr(statement, "value", None) is not None:
            name = target.id
            try:
                defaults[name] = ast.literal_eval(statement.value)
            except ValueError:
                faults.append(f"{name}: its default is not a plain value: {ast.unparse(statement.value)}.")
    if faults:
        raise RecipeError(faults, str(path))
    return defaults


def _describe(name: str, default: Any) -> Parameter:
    if name in PARAMETERS:
        return describe_parameter(name, default)
    return Parameter(name, type(default).__name__ if default is not None else "any", default, "", "")


def _same_type(value: Any, default: Any) -> bool:
    if default is None or value is None:
        return True
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return True
    return isinstance(value, type(default)) and isinstance(value, bool) == isinstance(default, bool)
