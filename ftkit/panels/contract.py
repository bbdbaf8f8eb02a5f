"""``widgets/src/contract.ts``: the traits, questions and replies of the panels, as TypeScript.

``python -m ftkit.panels.contract`` prints it; a test holds that the file says the same.
"""

from __future__ import annotations

import sys
import typing
from types import NoneType, UnionType
from typing import Any

import traitlets

from ftkit.data.profile import Profile
from ftkit.panels.augment import AugmentPanel, Kit
from ftkit.panels.calibrated import Bin, Calibration
from ftkit.panels.inspect import InspectPanel
from ftkit.panels.job import Progress
from ftkit.panels.judged import Matrix, Residuals
from ftkit.panels.metrics import Judgement, MetricsPanel, SliceFacts
from ftkit.panels.outliers import OutliersPanel
from ftkit.panels.panel import MIME, Panel
from ftkit.panels.rivals import Contest, Pair
from ftkit.panels.rows import About, ClassFacts, ColumnFacts, FindingFacts, Query
from ftkit.panels.rules import Curve, Rule
from ftkit.panels.runs import RunsPanel
from ftkit.panels.steps import Chosen, FieldFacts, StepFacts, TrialFacts
from ftkit.panels.train import TrainPanel
from ftkit.quality.groups import Group
from ftkit.quality.tokens import Piece
from ftkit.runs.control import REQUESTS
from ftkit.runs.feed import COLUMNS, Header, Told
from ftkit.runs.summary import Score, Summary

PANELS: list[type[Panel]] = [TrainPanel, RunsPanel, InspectPanel, OutliersPanel, MetricsPanel, AugmentPanel]
KINDS = (
    Told, Header, Score, Summary, Query, ColumnFacts, ClassFacts, FindingFacts, About, Progress,
    Profile, Piece, Group, Judgement, Matrix, Curve, Rule, Bin, Calibration, Residuals, SliceFacts, Pair, Contest,
    FieldFacts, StepFacts, Kit, Chosen, TrialFacts,
)  # fmt: skip
HEAD = "// Made by `python -m ftkit.panels.contract`; a test holds that it says what the Python traits say.\n"
PLAIN = {str: "string", bool: "boolean", int: "number", float: "number", NoneType: "null", Any: "unknown"}


def contract() -> str:
    """The TypeScript of everything that passes between panels and their views.

    Returns
    -------
    str
    """
    parts = [HEAD, f'export const MIME = "{MIME}";\n', _union("Column", COLUMNS), _union("Request", REQUESTS)]
    parts += [_interface(kind.__name__, typing.get_type_hints(kind)) for kind in KINDS]
    for panel in PANELS:
        name = panel.view.capitalize()
        base = panel.__mro__[1]
        more = f" extends {base.view.capitalize()}State" if base in PANELS else ""
        parts.append(f"export interface {name}State{more} {{\n{_traits(panel)}}}\n")
        parts.append(_union(f"{name}Ask", panel.asked))
    return "\n".join(parts)


def _traits(panel: type[Panel]) -> str:
    own = panel.class_own_traits(sync=True)
    return "".join(f"  {n}: {_trait(t)};{_said(t)}\n" for n, t in own.items() if not n.startswith("_"))


def _said(trait: traitlets.TraitType) -> str:
    return f" // {trait.help}" if trait.help else ""


def _trait(trait: traitlets.TraitType) -> str:
    if isinstance(trait, traitlets.List):
        return f"{_trait(trait._trait)}[]"
    if isinstance(trait, traitlets.Enum):
        return _either(trait.values)
    kinds = {traitlets.Unicode: "string", traitlets.Bool: "boolean", traitlets.Int: "number", traitlets.Float: "number"}
    return next(text for kind, text in kinds.items() if isinstance(trait, kind)) + _or_null(trait)


def _or_null(trait: traitlets.TraitType) -> str:
    return " | null" if trait.allow_none else ""


def _interface(name: str, hints: dict[str, Any]) -> str:
    return f"export interface {name} {{\n" + "".join(f"  {n}: {_type(h)};\n" for n, h in hints.items()) + "}\n"


def _type(hint: Any) -> str:
    if isinstance(hint, UnionType):
        return " | ".join(map(_type, typing.get_args(hint)))
    if typing.is_typeddict(hint):
        return hint.__name__
    if typing.get_origin(hint) is dict:
        return f"Record<{', '.join(map(_type, typing.get_args(hint)))}>"
    if typing.get_origin(hint) is list:
        return f"{_type(typing.get_args(hint)[0])}[]"
    return PLAIN[hint]


def _union(name: str, values: typing.Iterable[str]) -> str:
    return f"export type {name} = {_either(values)};\n"


def _either(values: typing.Iterable[str]) -> str:
    return " | ".join(f'"{value}"' for value in values)


if __name__ == "__main__":
    sys.stdout.write(contract())
