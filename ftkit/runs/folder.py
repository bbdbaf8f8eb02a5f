"""Where runs are, and what they are called."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from ftkit.errors import RunError, nearest

RECIPE = "recipe.yaml"
# Where whoever executes a notebook tells it which folder was made for its run.
MADE = "FTKIT_RUN_FOLDER"
EDITS = "edits.jsonl"


def runs_folder(runs: str | Path | None = None) -> Path:
    """The folder of runs: the one given, else ``$FTKIT_RUNS``, else ``./runs``."""
    return Path(runs or os.environ.get("FTKIT_RUNS") or "runs").expanduser().absolute()


def new_folder(runs: str | Path | None = None, name: str | None = None, stem: str = "run") -> Path:
    """A new, empty folder for a run.

    Parameters
    ----------
    runs : str or Path, optional
        The folder of runs; see ``runs_folder``.
    name : str, optional
        The run's name. Without it the first free of ``stem-1``, ``stem-2``, ….
    stem : str, default "run"
        What it is about, such as ``digits-resnet``.

    Returns
    -------
    Path
        A folder that was made now; or, in a notebook that ``ftkit run`` executes, the one made for it.

    Raises
    ------
    RunError
        There is a run of that name; the name is no file name; the folder cannot be written.
    """
    root = runs_folder(runs)
    if name is not None and (name != _clean(name) or name in (".", "..")):
        raise RunError(f"name '{name}' cannot be a folder's name; use '{_clean(name)}'.")
    if name is not None and os.environ.get(MADE) == str(root / name) and not (root / name / RECIPE).exists():
        return root / name
    try:
        root.mkdir(parents=True, exist_ok=True)
        if name is None:
            return _first_free(root, _clean(stem))
        if (root / name).exists():
            raise RunError(f"{root / name}: is there already. Choose another name, or resume that run.")
        (root / name).mkdir()
        return root / name
    except OSError as error:
        raise RunError(
            f"{root}: no run folder can be made there: {error.strerror}. Choose another with --runs."
        ) from None


def find_run(name: str | Path, runs: str | Path | None = None) -> Path:
    """The folder of a run, by its name or its path.

    Raises
    ------
    RunError
        There is none; the nearest name is said.
    """
    root = runs_folder(runs)
    for folder in (root / str(name), Path(name).expanduser().absolute()):
        if (folder / RECIPE).exists() or (folder / "events.jsonl").exists():
            return folder
    known = [folder.name for folder in list_runs(runs)]
    raise RunError(f"run '{name}' is not in {root}; {nearest(name, known, 'there are')}.")


def list_runs(runs: str | Path | None = None) -> list[Path]:
    """The run folders, the oldest first.

    Parameters
    ----------
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.

    Returns
    -------
    list of Path
        Empty where there is no such folder.
    """
    root = runs_folder(runs)
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if (path / "events.jsonl").exists()]
    return sorted(found, key=_began)


def _began(folder: Path) -> str:
    """The time of a run's first event: files change when a run goes on."""
    with (folder / "events.jsonl").open("rb") as file:
        line = file.readline()
    try:
        return str(json.loads(line).get("time", ""))
    except (ValueError, AttributeError):
        return ""


def _first_free(root: Path, stem: str) -> Path:
    number = 1
    while True:
        try:
            folder = root / f"{stem}-{number}"
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def _clean(name: str) -> str:
    """A name without what file systems and shells read as something else; letters of any script stay."""
    return re.sub(r"[^\w.+=-]+", "-", name).strip("-.") or "run"
