"""``inspect``: every check that applies, and what they found."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data import DatasetView, read
from ftkit.errors import DataError
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import CheckResult, Finding
from ftkit.quality.kept import without_kept
from ftkit.quality.labels import check_predicted
from ftkit.quality.severity import ORDER, worst
from ftkit.quality.vectors import check_vectors
from ftkit.shown import Shown

if TYPE_CHECKING:
    from ftkit.data import Edit, Edits
    from ftkit.quality.readiness import Verdict
    from ftkit.quality.worth import Worth


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
    evidence : Evidence
        What the checks shared, kept for ``value`` and ``queue``.
    worth : dict of str to Worth
        What the suggested edits of findings are worth, as far as ``value`` has measured it.
    """

    view: DatasetView
    checks: list[CheckResult]
    findings: list[Finding]
    evidence: Evidence = field(default=None, compare=False)  # type: ignore[assignment]
    worth: dict[str, Worth] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.evidence is None:
            object.__setattr__(self, "evidence", Evidence(self.view))

    def __repr__(self) -> str:
        counts = Counter(finding.severity for finding in self.findings)
        said = ", ".join(f"{counts[s]} {s}" for s in ("error", "warning", "info") if counts[s]) or "nothing found"
        head = f"Inspection of {self.view.name!r}: {said}"
        return "\n".join([head, *(f"  {f.severity:<7} {f.code}  {f.message}{self._told(f)}" for f in self.ranked())])

    def _told(self, finding: Finding) -> str:
        worth = self.worth_of(finding)
        return f" Worth {worth.told}." if worth else ""

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

    def value(self, edits: Any = None, *, repeats: int = 5, level: float = 0.95) -> list[Worth]:
        """What each group of edits is worth on rows held out; the readiness report then tells and sorts by it.

        A cheap probe is trained with and without each group and judged on the same rows; see
        ``ftkit.quality.worth``. It takes seconds on thousands of rows, not minutes.

        Parameters
        ----------
        edits : path, Edits, or sequence of Edit or dict, optional
            What to measure, grouped by check and op. By default what the findings suggest, each check by itself.
        repeats : int, default 5
            How often the five folds are dealt.
        level : float, default 0.95
            Of the intervals.

        Returns
        -------
        list of Worth
            The most valuable first; a group that could not be measured says why.

        Raises
        ------
        DataError
            There is no target, or fewer than 20 labelled rows; an edit names no row or class.

        Examples
        --------
        >>> import ftkit as ft
        >>> found = ft.inspect("iris")
        >>> [(worth.group, worth.n, worth.helps) for worth in found.value(repeats=1)]
        [('DUP101 drop', 1, False)]
        """
        from ftkit.data.edits import edits_of
        from ftkit.quality.worth import worth

        if self.view.target is None or self.view.task is None:
            raise DataError(f"{self.view.name}: worth is measured on labels. {self.view.task_reason}.")
        chosen = self._suggested() if edits is None else edits_of(edits)
        done = worth(
            self,
            chosen,
            group=lambda edit: f"{edit.because} {edit.op}".strip(),
            apply=lambda view, some: view.apply(some),
            repeats=repeats,
            level=level,
            seed=self.evidence.seed,
        )
        self.worth.update((one.group, one) for one in done)
        return done

    def queue(self, n: int = 100) -> list[str]:
        """The ids of the ``n`` rows worth a person's look next, the most valuable first; see ``ftkit.quality.queue``.

        Parameters
        ----------
        n : int, default 100

        Returns
        -------
        list of str

        Raises
        ------
        DataError
            ``n`` is below 1, there is no target, or the labelled rows are too few for a model.

        Examples
        --------
        >>> import ftkit as ft
        >>> len(ft.inspect("iris").queue(5))
        5
        """
        from ftkit.quality.queue import queue

        try:
            return queue(self, n)
        except SkipCheckError as error:
            raise DataError(f"{self.view.name}: no rows can be put first: {error}.") from None

    def worth_of(self, finding: Finding) -> Worth | None:
        """What the suggested edits of a finding are worth, where ``value`` has measured it; those of a check together.

        Parameters
        ----------
        finding : Finding

        Returns
        -------
        Worth or None
        """
        found = self.worth.get(f"{finding.code} {(finding.suggest or {}).get('op')}")
        return found if found is not None and found.measured else None

    def ranked(self) -> list[Finding]:
        """The findings in the order in which they are worth a look.

        Errors first, since figures are false as long as they last; then those whose edits were measured to help, the
        most valuable first; then by severity, and of one severity those measured to harm last.

        Returns
        -------
        list of Finding
        """
        return sorted(self.findings, key=self._rank)

    def _rank(self, finding: Finding) -> tuple[int, int, float]:
        worth = self.worth_of(finding)
        if finding.severity == "error":
            return 0, 0, 0.0
        if worth and worth.helps:
            return 1, 0, -worth.change
        return 2, ORDER[finding.severity], max(0.0, -worth.change) if worth and worth.high < 0 else 0.0

    def _suggested(self) -> list[Edit]:
        """What the findings suggest, each check by itself: a row that one of them drops is still another's to mend."""
        asked = {(f.suggest["op"], f.code): None for f in self.findings if f.rows and (f.suggest or {}).get("op")}
        return [edit for op, code in asked for edit in self.propose(**{op: [code]}) if op != "keep"]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON.

        Returns
        -------
        dict
            ``dataset``, ``readiness``, ``checks`` and ``findings``; ``worth`` where it has been measured.
        """
        told = {
            "dataset": self.dataset(),
            "readiness": [verdict.to_dict() for verdict in self.readiness()],
            "checks": [asdict(result) for result in self.checks],
            "findings": [self._finding_dict(finding) for finding in self.ranked()],
        }
        return {**told, "worth": [one.to_dict() for one in self.worth.values()]} if self.worth else told

    def _finding_dict(self, finding: Finding) -> dict[str, Any]:
        worth = self.worth_of(finding)
        return {**finding.to_dict(), "worth": worth.to_dict()} if worth else finding.to_dict()


def inspect(
    view: Any,
    *,
    model: str | None = None,
    vectors: np.ndarray | None = None,
    probabilities: np.ndarray | None = None,
    against: Any = None,
    seed: int = 0,
) -> Inspection:
    """Every check that applies to the rows, with what it found.

    Parameters
    ----------
    view : DatasetView, or anything that ``ftkit.read`` reads
        The rows.
    model : str, optional
        Path or hub id of a pre-trained model to embed rows with; without it, built-in descriptors are used. Vectors are
        kept in ``$FTKIT_CACHE`` (``~/.cache/ftkit`` by default): what was embedded once is not embedded again.
    vectors : ndarray of float, shape (N, d), optional
        Embeddings of the rows, images or texts, that you have already; they are looked at instead.
    probabilities : ndarray of float, shape (N, K), optional
        What a model of yours says of each row that it has not been trained on, in the order of ``view.classes``; labels
        are doubted by these, and no probe is fitted for it.
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
        The rows, or those of ``against``, cannot be read; ``vectors`` are not one finite vector for each row, or
        ``probabilities`` not one of each class.

    Examples
    --------
    >>> import ftkit as ft
    >>> found = ft.inspect("iris")
    >>> [finding.code for finding in found.findings if finding.severity == "warning"]
    ['DUP101']
    """
    view = view if isinstance(view, DatasetView) else read(view)
    against = against if against is None or isinstance(against, DatasetView) else read(against)
    predicted = None if probabilities is None else check_predicted(probabilities, view)
    evidence = Evidence(view, model, against, seed, check_vectors(vectors, view), predicted)
    results, findings = [], []
    for check in CHECKS.values():
        result, found = _run(check, evidence)
        results.append(result)
        findings.extend(found)
    return Inspection(view, results, worst(without_kept(findings, view.edits)), evidence)


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
