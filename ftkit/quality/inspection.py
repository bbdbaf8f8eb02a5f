"""``inspect``: every check that applies, and what they found."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data import DatasetView, read
from ftkit.errors import DataError
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import CheckResult, Finding
from ftkit.quality.kept import without_kept
from ftkit.quality.severity import worst
from ftkit.shown import Shown

if TYPE_CHECKING:
    from ftkit.data import Edits
    from ftkit.quality.readiness import Verdict


@dataclass(frozen=True, repr=False)
class Inspection(Shown):
    """What ``inspect`` saw.

    Attributes
    ----------
    view : DatasetView
        The rows.
    checks : list of CheckResult
        How every check ended.
    findings : list of Finding
        What they found, the worst first.
    """

    view: DatasetView
    checks: list[CheckResult]
    findings: list[Finding]

    def __repr__(self) -> str:
        counts = Counter(finding.severity for finding in self.findings)
        said = ", ".join(f"{counts[s]} {s}" for s in ("error", "warning", "info") if counts[s]) or "nothing found"
        head = f"Inspection of {self.view.name!r}: {said}"
        return "\n".join([head, *(f"  {f.severity:<7} {f.code}  {f.message}" for f in self.findings)])

    def dataset(self) -> dict[str, Any]:
        """What the rows are: name, rows, task, columns, classes, splits, fingerprint."""
        view = self.view
        columns = [
            {"name": c.name, "kind": c.kind, "role": c.role, "missing": view.missing(c.name)}
            for c in view.columns.values()
        ]
        splits = view.given_split
        return {
            "name": view.name,
            "rows": len(view),
            "task": view.task,
            "task_reason": view.task_reason,
            "target": view.target,
            "columns": columns,
            "classes": _class_counts(view),
            "splits": None if splits is None else {name or "none": n for name, n in Counter(splits.tolist()).items()},
            "fingerprint": view.fingerprint,
        }

    def readiness(self) -> list[Verdict]:
        """Whether the rows are good enough: a verdict under each of ten headings; see ``ftkit.quality.readiness``."""
        from ftkit.quality.readiness import readiness

        return readiness(self)

    def propose(self, **kinds: Any) -> Edits:
        """The edits that settle some kinds of findings, such as ``drop=["duplicate"]``; see ``ftkit.propose``."""
        # Cleaning is a room below this one in the corridor: asked for through the public door, as displays are.
        import ftkit

        return ftkit.propose(self, **kinds)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON.

        Returns
        -------
        dict
            ``dataset``, ``readiness``, ``checks`` and ``findings``.
        """
        return {
            "dataset": self.dataset(),
            "readiness": [verdict.to_dict() for verdict in self.readiness()],
            "checks": [asdict(result) for result in self.checks],
            "findings": [finding.to_dict() for finding in self.findings],
        }


def inspect(view: Any, *, model: str | None = None, against: Any = None, seed: int = 0) -> Inspection:
    """Every check that applies to the rows, with what it found.

    Parameters
    ----------
    view : DatasetView, or anything that ``ftkit.read`` reads
        The rows.
    model : str, optional
        Path or hub id of a pre-trained model to embed rows with; without it, built-in descriptors are used.
    against : DatasetView, or anything that ``ftkit.read`` reads, optional
        An evaluation set the rows must not contain.
    seed : int, default 0
        Everything random in the checks is a function of it.

    Returns
    -------
    Inspection

    Raises
    ------
    DataError
        The rows, or those of ``against``, cannot be read.

    Examples
    --------
    >>> import ftkit as ft
    >>> found = ft.inspect("iris")
    >>> [finding.code for finding in found.findings if finding.severity == "warning"]
    ['DUP101']
    """
    view = view if isinstance(view, DatasetView) else read(view)
    against = against if against is None or isinstance(against, DatasetView) else read(against)
    evidence = Evidence(view, model, against, seed)
    results, findings = [], []
    for check in CHECKS.values():
        result, found = _run(check, evidence)
        results.append(result)
        findings.extend(found)
    return Inspection(view, results, worst(without_kept(findings, view.edits)))


def _run(check: Check, evidence: Evidence) -> tuple[CheckResult, list[Finding]]:
    """One check; whatever it raises stays with it."""
    start = time.perf_counter()
    found: list[Finding] = []
    try:
        reason = check.applies(evidence.view)
        if reason is not None:
            outcome = "not applicable"
        else:
            found, reason = check.run(evidence.view, check, evidence), ""
            outcome = "finding" if found else "passed"
    except SkipCheckError as error:
        outcome, reason = "skipped", str(error)
    except Exception as error:  # one broken check must not hide what the others see
        outcome, reason = "failed", str(error) if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
    return CheckResult(check.code, check.name, outcome, reason, round(time.perf_counter() - start, 4)), found


def _class_counts(view: DatasetView) -> dict[str, int] | None:
    """How many rows each class has; None where there are no classes or they cannot be read."""
    try:
        if view.target is None or view.task is None or not view.classes:
            return None
        labels = view.labels
    except DataError:
        return None
    counts = np.bincount(labels[labels >= 0], minlength=len(view.classes))
    return dict(zip(view.classes, counts.tolist(), strict=True))
