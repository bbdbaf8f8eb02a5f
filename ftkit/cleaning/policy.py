"""Which findings become which edits without anybody being asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ftkit.cleaning.duplicates import RULES, spare
from ftkit.cleaning.missing import fill_missing
from ftkit.cleaning.outliers import winsorise
from ftkit.cleaning.proposals import _now, edits_for
from ftkit.cleaning.settled import settled
from ftkit.data import Edit, Edits
from ftkit.data.image_edit import painted_over
from ftkit.errors import DataError, nearest
from ftkit.preprocess.impute import STRATEGIES
from ftkit.quality import Finding, Inspection, heading_of

CHOICES: dict[str, tuple[str, ...]] = {
    "duplicates": (*RULES, "keep"),
    "near_duplicates": ("keep", *RULES),
    "unreadable": ("drop", "keep"),
    "unlabelled": ("drop", "keep"),
    "labels": ("keep", "relabel", "drop"),
    "outliers": ("keep", "winsorise", "drop"),
    "missing": ("keep", "drop", *STRATEGIES),
    "private": ("keep", "redact"),
    "text": ("keep", "strip"),
    "marks": ("keep", "remove", "inpaint"),
    "borders": ("keep", "crop"),
    "leakage": ("keep", "drop"),
}
PRIVATE = ("TXT208", "TXT209")
# Choices that are no more than a suggestion taken.
TAKEN = {("marks", "remove"): "mask", ("marks", "inpaint"): "mask", ("borders", "crop"): "crop"}


@dataclass(frozen=True)
class Policy:
    """What is to become of each kind of finding.

    The policy ``auto``, which is ``Policy()``, does what nobody regrets: it drops exact copies (the first stays), rows
    that cannot be read and rows without a label. It never changes a label or a value by itself.

    Parameters
    ----------
    name : str, default "auto"
        Who the edits are said to be ``by``.
    duplicates, near_duplicates : {"first", "longest", "newest", "keep"}
        Which row of equal ones (by default the first), or of nearly equal ones (by default all), stays.
    unreadable, unlabelled : {"drop", "keep"}, default "drop"
        Rows that cannot be read; rows without a label.
    labels : {"keep", "relabel", "drop"}, default "keep"
        Rows whose label is likely wrong.
    outliers : {"keep", "winsorise", "drop"}, default "keep"
        ``winsorise`` brings numbers beyond the 0.5% at either end back to it.
    missing : {"keep", "drop", "median", "constant", "group", "knn", "iterative"}, default "keep"
        Missing cells of features; see ``fill_missing``.
    value : str or number, optional
        For ``missing: constant``.
    group : str, optional
        A column, for ``missing: group``.
    private, text, borders : "keep" or {"redact", "strip", "crop"}
        Whether personal data is blacked out, text stripped of what does not belong to it, borders cut off.
    marks : {"keep", "remove", "inpaint"}, default "keep"
        Where marks are better not left: ``remove`` takes them off, and paints over what they hide; ``inpaint`` paints
        over all of them.
    leakage : {"keep", "drop"}, default "keep"
        Train rows that are in test too.
    least : float, default 0.5
        Findings about a row with a lower score are left alone, 0 to 1.

    Raises
    ------
    DataError
        A choice is not known; all faults are listed.

    Examples
    --------
    >>> Policy(missing="median").to_dict()
    {'missing': 'median'}
    """

    name: str = "auto"
    duplicates: str = "first"
    near_duplicates: str = "keep"
    unreadable: str = "drop"
    unlabelled: str = "drop"
    labels: str = "keep"
    outliers: str = "keep"
    missing: str = "keep"
    value: Any = None
    group: str | None = None
    private: str = "keep"
    text: str = "keep"
    marks: str = "keep"
    borders: str = "keep"
    leakage: str = "keep"
    least: float = 0.5

    def __post_init__(self) -> None:
        faults = [
            f"{key}: {getattr(self, key)!r} is not known; {nearest(getattr(self, key), known)}"
            for key, known in CHOICES.items()
            if getattr(self, key) not in known
        ]
        if isinstance(self.least, bool) or not isinstance(self.least, (int, float)) or not 0 <= self.least <= 1:
            faults.append(f"least: {self.least!r} is no number from 0 to 1")
        if self.missing == "constant" and self.value is None:
            faults.append("value: is needed for missing: constant")
        if self.missing == "group" and self.group is None:
            faults.append("group: is needed for missing: group")
        if faults:
            raise DataError(f"policy '{self.name}': {'; '.join(faults)}.")

    def to_dict(self) -> dict[str, Any]:
        """What differs from ``auto``, as plain values: what a YAML file holds."""
        usual = {field.name: field.default for field in fields(self)}
        return {key: value for key, value in asdict(self).items() if value != usual[key]}

    @classmethod
    def from_dict(cls, values: dict[str, Any], name: str = "policy") -> Policy:
        """The policy that a YAML file holds.

        Parameters
        ----------
        values : dict
            Keys of a Policy.
        name : str, default "policy"
            What it is called where it does not say.

        Returns
        -------
        Policy

        Raises
        ------
        DataError
            A key or a choice is not known.
        """
        known = [field.name for field in fields(cls)]
        if not isinstance(values, dict):
            raise DataError(f"policy '{name}' is keys and values, such as 'missing: median'.")
        for key in values:
            if key not in known:
                raise DataError(f"policy '{name}' has no key '{key}'; {nearest(key, known)}.")
        return cls(**{"name": name, **values})


def apply_policy(inspection: Inspection, policy: Policy | None = None) -> Edits:
    """The edits a policy makes of an inspection; nothing is applied.

    Parameters
    ----------
    inspection : Inspection
        What ``ftkit.inspect`` gave.
    policy : Policy, optional
        ``auto`` by default.

    Returns
    -------
    Edits

    Raises
    ------
    DataError
        A column that the policy names is not there.

    Examples
    --------
    >>> import ftkit as ft
    >>> apply_policy(ft.inspect("iris"))
    Edits: 1 drop
    """
    policy, at = policy or Policy(), _now()
    edits: list[Edit] = []
    for finding in inspection.findings:
        if op := _op(policy, finding):
            chosen = edits_for(finding, op, least=policy.least, by=policy.name, at=at)
            if op == "mask" and policy.marks == "inpaint":
                chosen = (replace(edit, value=painted_over(edit.value)) for edit in chosen)
            rule = {"DUP101": policy.duplicates}.get(finding.code, policy.near_duplicates)
            duplicate = op == "drop" and heading_of(finding.code, finding.check) == "duplicates"
            edits += spare(inspection.view, list(chosen), finding, rule) if duplicate else chosen
    done = settled(inspection.view, edits)
    return done + _by_columns(inspection, policy, {edit.row for edit in done if edit.op == "drop"}, at)


def _op(policy: Policy, finding: Finding) -> str | None:
    """What the policy does to the rows of a finding."""
    heading, suggested = heading_of(finding.code, finding.check), (finding.suggest or {}).get("op")
    if finding.code == "DUP101":
        return None if policy.duplicates == "keep" else "drop"
    if finding.code == "IMG101":
        return "drop" if policy.unreadable == "drop" else None
    if finding.code == "LAB101":
        return "drop" if policy.unlabelled == "drop" else None
    if suggested == "drop":
        taken = {
            "duplicates": policy.near_duplicates != "keep",
            "leakage": policy.leakage == "drop",
            "label quality": policy.labels == "drop",
        }
        if taken.get(heading):
            return "drop"
    if heading == "label quality" and suggested == "relabel" and policy.labels == "drop":
        return "drop"
    if heading == "outliers" and policy.outliers == "drop":
        return "drop"
    return _taken(policy, finding, heading, suggested)


def _taken(policy: Policy, finding: Finding, heading: str, suggested: str | None) -> str | None:
    """The suggestion of a finding, where the policy takes it as it is."""
    if suggested == "relabel":
        return "relabel" if heading == "label quality" and policy.labels == "relabel" else None
    if suggested in ("redact", "replace") and finding.code.startswith("TXT"):
        wanted = policy.private == "redact" if finding.code in PRIVATE else policy.text == "strip"
        return suggested if wanted else None
    return next((op for (key, choice), op in TAKEN.items() if getattr(policy, key) == choice and suggested == op), None)


def _by_columns(inspection: Inspection, policy: Policy, dropped: set[str], at: str) -> Edits:
    """The edits that are worked out from columns rather than from findings."""
    view, edits = inspection.view, Edits()
    if policy.missing != "keep":
        given = {"value": policy.value, "group": policy.group}
        edits += fill_missing(view, policy.missing, by=policy.name, at=at, **given)
    if policy.outliers == "winsorise":
        edits += winsorise(view, by=policy.name, at=at)
    return Edits([edit for edit in edits if edit.row not in dropped])
