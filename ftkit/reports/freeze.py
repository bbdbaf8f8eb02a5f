"""An executed notebook, frozen: one file that opens with no kernel and no network."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.errors import DataError
from ftkit.reports.cells import body, first_failure
from ftkit.reports.live import Live
from ftkit.reports.page import Header, page
from ftkit.reports.prose import Outline

if TYPE_CHECKING:
    from ftkit.runs import Run


def freeze(
    notebook: str | Path | dict[str, Any], out: str | Path, title: str | None = None, run: Run | None = None
) -> Path:
    """One HTML file of an executed notebook, written whole or not at all.

    Parameters
    ----------
    notebook : path or NotebookNode
        An executed notebook of nbformat 4.
    out : path
        The file to write; its folder is made where it is missing, a file there is replaced.
    title : str, optional
        The page's title; the notebook's first heading, the run's name or the file's name unless given.
    run : Run, optional
        The run it is about: its name, state, recipe and versions stand in the header.

    Returns
    -------
    Path
        The file. It fetches nothing, runs no script but its own, and shows every figure with scripts off.

    Raises
    ------
    DataError
        The notebook is not there, is no notebook, or the file cannot be written.

    Examples
    --------
    >>> import nbformat.v4 as nb, tempfile, pathlib
    >>> cells = [nb.new_markdown_cell("# Leaves"), nb.new_markdown_cell("Twelve kinds of rust.")]
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> freeze(nb.new_notebook(cells=cells), folder / "leaves.html").name
    'leaves.html'
    """
    node = read(notebook) if isinstance(notebook, str | Path) else notebook
    outline, charts = Outline(), Live()
    found, cells = body(node, outline, charts)
    fallback = run.name if run is not None else Path(notebook if isinstance(notebook, str | Path) else out).stem
    header = _header(node, title or found or fallback, run)
    return write(Path(out), page(header, outline.contents(), cells, charts))


def read(path: str | Path) -> dict[str, Any]:
    """The notebook in a file.

    Raises
    ------
    DataError
        There is none.
    """
    import nbformat

    try:
        return nbformat.read(Path(path), as_version=4)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}). Give the path of an executed notebook.") from None
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path}: is no notebook ({reason[:200]}). Give the path of an executed .ipynb file.") from None


def _header(node: dict[str, Any], title: str, run: Run | None) -> Header:
    meta = node.get("metadata", {})
    failed = first_failure(node)
    alarm = f"Cell {failed[0]} failed, and what follows it was not run. {failed[1]}" if failed else ""
    about: dict[str, Any] = {"date": _date(meta), "alarm": alarm, "language": str(meta.get("lang", "en"))}
    if run is None:
        return Header(title, **about)
    return Header(title, run.name, run.state, summary=summary(run.recipe), facts=_versions(run.environment), **about)


def _date(meta: dict[str, Any]) -> str:
    """When the notebook ended, or now."""
    ended = str((meta.get("papermill") or {}).get("end_time") or "")
    try:
        moment = datetime.fromisoformat(ended).astimezone()
    except ValueError:
        moment = datetime.now().astimezone()
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def summary(recipe: dict[str, Any]) -> str:
    """A recipe in one line."""
    data, model, training = (recipe.get(k) or {} for k in ("data", "model", "training"))
    words = [
        recipe.get("task"),
        _name(data, "path"),
        _name(model, "name"),
        f"{training['epochs']} epochs" if training.get("epochs") else None,
        f"batch {training['batch_size']}" if isinstance(training.get("batch_size"), int) else None,
        f"learning rate {training['learning_rate']:g}" if isinstance(training.get("learning_rate"), float) else None,
        f"seed {recipe['seed']}" if recipe.get("seed") is not None else None,
    ]
    return " · ".join(str(w) for w in words if w)


def _name(section: Any, key: str) -> Any:
    return section.get(key) if isinstance(section, dict) else section


def _versions(environment: dict[str, Any] | None) -> list[str]:
    environment = environment or {}
    versions = {"python": environment.get("python")} | (environment.get("versions") or {})
    return [f"{name} {versions[name]}" for name in ("python", "torch", "transformers") if versions.get(name)]


def write(out: Path, text: str) -> Path:
    """Write the file whole: beside it first, then in its place."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(out)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error.strerror}). Choose another place for the report.") from None
    return out
