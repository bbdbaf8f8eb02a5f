"""A run, described: validated whole, written as YAML, the same from a person, a panel or a template."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from ftkit.augment import dump, parse
from ftkit.data import DatasetView
from ftkit.errors import DataError, RecipeError, nearest
from ftkit.evaluate import METRICS, MetricSpec, find_metric
from ftkit.models import check_model
from ftkit.recipe.faults import sentences
from ftkit.recipe.sections import (
    DataSection,
    ModelSection,
    PreprocessSection,
    SplitSection,
    TrainingSection,
    Whole,
)
from ftkit.recipe.strict_yaml import dump_yaml, load_yaml_file
from ftkit.task import TASKS, Task, get_task

# Augmentations that make new rows, or mix them.
MIXING = ("mix_up", "cut_mix", "smote")


class Recipe(BaseModel):
    """The whole description of a run.

    Parameters
    ----------
    task : str, optional
        The hub's task tag; inferred from the rows without it.
    data : str, path, dict or DatasetView
        What ``ft.read`` takes: a path, a hub id, an embedded name; a dict of its arguments; or a view.
    edits : str or path, optional
        An ``edits.jsonl`` to apply to the rows. A view with edits carries its own.
    split, preprocess, training : dict, optional
        Keys of ``recipe.yaml``; what is left out has its default.
    augment : list, optional
        Augmentations: objects of ``ft.augment``, names, or ``{name: {parameter: value}}``.
    model : str or dict, optional
        A model's name, or ``{"name": …, "weights": …, "freeze": …}``.
    metrics : list of str, optional
        Names of metrics; the task's own without it.
    seed : int, default 0
        All randomness is a function of it.

    Raises
    ------
    RecipeError
        Faults, all of them at once, each with its path and the nearest valid name.

    Examples
    --------
    >>> recipe = Recipe(data="digits", model="resnet", training={"epochs": 3})
    >>> recipe.training.epochs, recipe.split.test
    (3, 0.2)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: Literal[1] = 1
    task: str | None = None
    data: DataSection = DataSection()
    edits: Annotated[str, Field(min_length=1)] | None = None
    split: SplitSection = SplitSection()
    preprocess: PreprocessSection = PreprocessSection()
    augment: list[Any] = []
    model: ModelSection = ModelSection()
    training: TrainingSection = TrainingSection()
    metrics: list[str] | None = None
    seed: Annotated[Whole, Field(ge=0, lt=2**31)] = 0

    _view: DatasetView | None = PrivateAttr(None)

    def __init__(self, /, **keys: Any) -> None:
        where = keys.pop("_where", "recipe")
        view = keys.get("data") if isinstance(keys.get("data"), DatasetView) else None
        tidy = _tidy(keys)
        faults: list[str] = []
        try:
            super().__init__(**tidy)
        except ValidationError as error:
            faults = sentences(error, Recipe)
        faults += _cross_faults(tidy, view)
        if faults:
            raise RecipeError(faults, where)
        self._view = view

    @property
    def view(self) -> DatasetView | None:
        """The rows, where the recipe was made from a view rather than from a path."""
        return self._view

    def to_dict(self, *, whole: bool = True) -> dict[str, Any]:
        """Plain keys and values.

        Parameters
        ----------
        whole : bool, default True
            With every default written out; without, only what differs from it.

        Returns
        -------
        dict
        """
        return {"version": self.version} | self.model_dump(mode="json", exclude_defaults=not whole)

    def to_yaml(self, *, whole: bool = True) -> str:
        """The text of a ``recipe.yaml``; see ``to_dict``."""
        return dump_yaml(self.to_dict(whole=whole))

    def replace(self, **keys: Any) -> Recipe:
        """A recipe with other values in some keys; a section's dict is merged into the section."""
        old = self.to_dict(whole=False)
        new = {
            k: {**old[k], **v} if isinstance(v, dict) and isinstance(old.get(k), dict) else v for k, v in keys.items()
        }
        data = {"data": self._view} if self._view is not None else {}
        return Recipe(**{**old, **data, **new})


def read_recipe(path: str | Path) -> Recipe:
    """The recipe in a YAML file.

    Parameters
    ----------
    path : str or Path
        A ``recipe.yaml``.

    Returns
    -------
    Recipe

    Raises
    ------
    RecipeError
        The file cannot be read, is not YAML, or has faults: all of them are listed.
    """
    keys = load_yaml_file(path)
    if not isinstance(keys, dict):
        raise RecipeError(["a recipe is keys and values, such as 'data: {path: photos/}'."], str(path))
    return Recipe(**{str(key): value for key, value in keys.items()}, _where=str(path))


def _tidy(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The short forms people write, as the long ones that are validated."""
    tidy = {key: value for key, value in keys.items() if value is not None}
    data = tidy.get("data")
    if isinstance(data, DatasetView):
        origin = data.origin or {}
        tidy["data"] = {key: value for key, value in origin.items() if key not in ("task", "edits")}
        tidy.setdefault("task", data.task)
        if "edits" in origin:
            tidy.setdefault("edits", origin["edits"])
    elif isinstance(data, (str, Path)):
        tidy["data"] = {"path": str(data)}
    elif isinstance(data, dict):
        tidy["data"] = {k: str(v) if isinstance(v, Path) else v for k, v in data.items() if v is not None}
    if isinstance(tidy.get("edits"), Path):
        tidy["edits"] = str(tidy["edits"])
    if isinstance(tidy.get("model"), str):
        tidy["model"] = {"name": tidy["model"]}
    for section in ("split", "preprocess", "training", "model"):
        if isinstance(tidy.get(section), dict):
            tidy[section] = {k: v for k, v in tidy[section].items() if v is not None}
    if isinstance(tidy.get("metrics"), tuple):
        tidy["metrics"] = list(tidy["metrics"])
    if "augment" in tidy:
        steps = tidy["augment"]
        tidy["augment"] = list(steps) if isinstance(steps, (list, tuple)) else [steps]
    with suppress(RecipeError):  # its faults are told with the others
        tidy["augment"] = dump(parse(tidy.get("augment", [])))
    return tidy


def _faults_between(keys: dict[str, Any]) -> list[str]:
    """Faults of two keys together."""
    from ftkit.recipe.grid import grid_faults

    split, model = keys.get("split"), keys.get("model")
    shares = (
        [split.get(name, default) for name, default in (("validation", 0.1), ("test", 0.2))]
        if isinstance(split, dict)
        else [0]
    )
    faults = grid_faults(split) if isinstance(split, dict) else []
    if all(isinstance(share, (int, float)) for share in shares) and sum(shares) >= 1 > max(shares):
        faults.append(f"split: validation and test take {sum(shares):g} of the rows together; asked is less than 1.")
    kept = [key for key in ("freeze", "lora") if _asks(model, key) and not model.get("weights")]
    faults += [f"model.{key}: keeps pre-trained weights as they are, but there are no model.weights." for key in kept]
    if _asks(model, "freeze") and _asks(model, "lora"):
        faults.append("model.lora: freezes the backbone itself; leave model.freeze out.")
    training = keys.get("training")
    if isinstance(training, dict) and training.get("unfreeze_every"):
        if not (isinstance(model, dict) and model.get("weights")):
            faults.append("training.unfreeze_every: keeps pre-trained layers at first, but there are no model.weights.")
        twice = [key for key in ("freeze", "lora") if _asks(model, key)]
        faults += [f"training.unfreeze_every: freezes and thaws by itself; leave model.{key} out." for key in twice]
    if isinstance(training, dict) and training.get("tta") and not keys.get("augment"):
        faults.append("training.tta: averages over augmentations of a row, but there is no augment. Give some steps.")
    return faults


def _metrics(names: list[str]) -> tuple[dict[str, MetricSpec], list[str]]:
    """The metrics of these names, and a fault for each that there is not."""
    specs, faults = {}, []
    for name in names:
        try:
            specs[name] = find_metric(name)
        except DataError as error:
            faults.append(f"metrics: {str(error).removeprefix('metric ')}")
    return specs, faults


def _asks(section: Any, key: str) -> bool:
    return isinstance(section, dict) and section.get(key) is not None


def _watchable(spec: MetricSpec, task: Task | None) -> bool:
    return not spec.per_class and (not task or spec.fits(task))


def _training_faults(keys: dict[str, Any], task: Task | None) -> list[str]:
    """Faults of the training's keys together, and with the task."""
    training = keys.get("training")
    if not isinstance(training, dict):
        return []
    faults = []
    loss, score = training.get("loss", "auto"), training.get("monitor", "loss")
    if isinstance(score, str) and score != "loss":
        known = [m for m, spec in METRICS.items() if _watchable(spec, task)]
        specs, _ = _metrics([score])
        if not (specs and _watchable(specs[score], task)):
            faults.append(f"training.monitor: '{score}' is no score to watch; {nearest(score, ['loss', *known])}.")
    if task and isinstance(loss, str) and loss != "auto":
        fits = ("cross_entropy", "focal") if task.predicts == "class" else ("mse", "mae", "huber", "quantile")
        if loss not in fits and loss in get_args(TrainingSection.model_fields["loss"].annotation):
            faults.append(f"training.loss: '{loss}' is not one of {task.name}; {nearest(loss, fits)}.")
    if task and task.predicts != "class" and training.get("class_weights"):
        faults.append(f"training.class_weights: {task.name} has no classes. Leave it out.")
    if _asks(training, "remember"):
        if _asks(keys.get("model"), "lora") and "ewc" in str(training["remember"]):
            faults.append("training.remember: ewc pulls weights back that model.lora keeps as they are; leave one out.")
        mixed = [name for step in keys.get("augment", []) if isinstance(step, dict) for name in step if name in MIXING]
        faults += [f"training.remember: rows that are mixed cannot be kept; leave augment: {m} out." for m in mixed]
    batch, micro = training.get("batch_size"), training.get("micro_batch_size")
    if isinstance(batch, int) and isinstance(micro, int) and micro > batch:
        faults.append(f"training.micro_batch_size: {micro} is more than batch_size, {batch}. Give at most that.")
    return faults


def _cross_faults(keys: dict[str, Any], view: DatasetView | None) -> list[str]:
    """Faults that pydantic does not see: names of tasks, models, metrics, augmentations."""
    faults: list[str] = []
    if view is None and not (isinstance(keys.get("data"), dict) and keys["data"].get("path")):
        faults.append("data.path: is required: a folder, a file, a hub id or an embedded name such as 'digits'.")
    name = keys.get("task")
    known = TASKS.get(name) if isinstance(name, str) else None
    try:
        parse(keys.get("augment", []), kind=known and known.kind)
    except RecipeError as error:
        faults += error.faults
    faults += _faults_between(keys)
    faults += _training_faults(keys, known)
    metrics = [m for m in keys.get("metrics") or [] if isinstance(m, str)]
    specs, unknown = _metrics(metrics)
    faults += unknown
    if not isinstance(name, str):
        return faults
    if name not in TASKS:
        return [*faults, f"task: '{name}' is not known; {nearest(name, TASKS)}."]
    task = get_task(name)
    if not task.trainable:
        can = ", ".join(t.name for t in TASKS.values() if t.trainable)
        return [*faults, f"task: {name} cannot be trained by this version; it can train {can}."]
    if task.kind == "series" and _asks(keys.get("training"), "tta") and keys["training"]["tta"]:
        faults.append("training.tta: a forecast is not averaged over changed pasts. Leave it out.")
    if task.predicts == "number" and any("smote" in step for step in keys.get("augment", [])):
        faults.append(f"augment: 'smote' makes rows of rare classes; {name} predicts a number. Leave it out.")
    unfit = [m for m, spec in specs.items() if not spec.fits(task)]
    fitting = [m for m, spec in METRICS.items() if spec.fits(task)]
    faults += [f"metrics: '{m}' does not judge {name}; {nearest(m, fitting)}." for m in unfit]
    model = keys.get("model")
    if isinstance(model, dict) and isinstance(model.get("name", "auto"), str):
        try:
            check_model(model.get("name", "auto"), task, why=view.task_reason if view is not None else "")
        except DataError as error:
            faults.append(f"model.name: {error}")
    return faults
