"""Where the server looks for runs, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from ftkit.errors import RunError
from ftkit.runs.folder import RECIPE, runs_folder


class Roots:
    """The folders below which runs may be: the one the server shows, and ``$FTKIT_RUNS``.

    Parameters
    ----------
    root : str or Path
        The folder the server shows.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser().resolve()
        self._all = [self.root, runs_folder().resolve()]

    def folder(self, name: str) -> Path:
        """A folder below the roots.

        Parameters
        ----------
        name : str
            A path relative to the server's folder, or an absolute one.

        Returns
        -------
        Path
            Resolved: no part of it is a link that leads out.

        Raises
        ------
        RunError
            There is no such folder below the roots; nothing is said about what is outside.
        """
        asked = Path(name)
        try:
            found = None if not name or "\0" in name or ".." in asked.parts else (self.root / asked).resolve()
            inside = found is not None and any(found.is_relative_to(root) for root in self._all)
            if inside and found.is_dir():
                return found
        except (OSError, RuntimeError, ValueError):
            pass
        raise RunError(f"folder '{name}' is not below {self.root}.")

    def run(self, name: str) -> Path:
        """A run folder below the roots.

        Raises
        ------
        RunError
            There is no such run below the roots.
        """
        folder = self.folder(name)
        kept = [folder / file for file in (RECIPE, "events.jsonl", "control.jsonl", "worker.log")]
        if not any(path.exists() for path in kept[:2]) or any(path.is_symlink() for path in kept):
            raise RunError(f"folder '{name}' is no run.")
        return folder
