"""A run's report, made again from its folder."""

from __future__ import annotations

from pathlib import Path

from ftkit.errors import DataError, RunError
from ftkit.reports.execute import NOTEBOOK, REPORT
from ftkit.runs import Run, open_run


def report(run: Run | str | Path, out: str | Path | None = None, *, runs: str | Path | None = None) -> Path:
    """One HTML file of a run, which opens with no kernel and no network.

    Parameters
    ----------
    run : Run, str or Path
        A run, its name or its folder.
    out : str or Path, optional
        Where to write; ``report.html`` in the run folder without it.
    runs : str or Path, optional
        The folder of runs, where ``run`` is a name.

    Returns
    -------
    Path
        The file: its notebook frozen, or, for a run without one, what its folder tells.

    Raises
    ------
    RunError
        There is no such run, or the file cannot be written.

    Examples
    --------
    >>> report("no-such-run")
    Traceback (most recent call last):
        ...
    ftkit.errors.RunError: run 'no-such-run' is not in ...
    """
    from ftkit.reports.compose import compose
    from ftkit.reports.freeze import freeze

    run = run if isinstance(run, Run) else open_run(run, runs)
    path = Path(out).expanduser().absolute() if out else run.folder / REPORT
    notebook = run.folder / NOTEBOOK
    # A notebook whose kernel or shell died claims that every cell completed, and one that was there before a resume
    # tells the old story; the events know better.
    told = [e for e in run.events() if e["event"] in ("started", "notebook") and e.get("state") != "running"]
    whole = notebook.exists() and bool(told) and told[-1].get("state") in ("done", "failed")
    try:
        return freeze(notebook if whole else compose(run), path, run=run)
    except (OSError, DataError) as error:
        raise RunError(f"{path}: the report cannot be written: {error}") from None
