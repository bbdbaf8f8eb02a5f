"""The sections of a recipe: each key with its type, range, default and one sentence of help."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ftkit.errors import nearest
from ftkit.preprocess.table_form import OVERRIDES


def _whole(value: Any) -> Any:
    """3.0 is 3 where a whole number is asked."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: Any) -> Any:
    """True is not 1."""
    if isinstance(value, bool):
        raise ValueError("a number is asked, not true or false")
    return value


Whole = Annotated[int, BeforeValidator(_whole), BeforeValidator(_number)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]


def _steps(columns: dict[str, Any]) -> dict[str, Any]:
    """A known step for each column, or its categories in order."""
    for name, step in columns.items():
        if isinstance(step, list) and len(step) > 1 and all(isinstance(word, str) for word in step):
            continue
        if step not in OVERRIDES:
            raise ValueError(f"{name}: {step!r} is no step; {nearest(step, OVERRIDES)}, or the categories in order")
    return columns


class Section(BaseModel):
    """Unknown keys are faults; text is never read as a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataSection(Section):
    """Which rows."""

    path: str | list[str] | None = Field(
        None, description="folder, file, list of files, hub id or embedded name", min_length=1
    )
    target: str | None = Field(None, description="column to predict (a folder of class folders needs none)")
    test: str | list[str] | None = Field(None, description="a test set that came with the data: folder or files")
    labels: str | None = Field(None, description="the table of labels of a folder of images: a CSV, TSV or JSONL")
    text: str | None = Field(None, description="column with the text")
    group: str | None = Field(None, description="column whose equal cells belong together, such as a patient")
    time: str | None = Field(None, description="column with the time")
    split: str | None = Field(None, description="column that says train, validation or test")
    id: str | None = Field(None, description="column with a name for each row")
    header: bool | None = Field(
        None, description="whether a CSV's first line holds column names; found out if not said"
    )
    separator: str | None = Field(None, description="what stands between a CSV's fields; found out if not said")
    missing: list[str] | None = Field(None, description="words that stand for a missing cell")
    classes: list[str] | None = Field(None, description="the classes, in the order wanted")
    errors: Literal["raise", "report"] | None = Field(
        None, description="what happens at a row that cannot be read: reading stops (raise), or it is left out and told"
    )


class SplitSection(Section):
    """Which rows to learn from and which to judge by."""

    method: Literal[
        "holdout", "kfold", "stratified", "group", "stratified-group", "leave-one-group-out",
        "expanding", "rolling", "purged", "nested",
    ] = Field("holdout", description="how rows are set aside: once, in folds, or in folds over time")  # fmt: skip
    folds: Annotated[Whole, Field(ge=2, le=1000)] = Field(5, description="folds; not of holdout")
    repeats: Whole = Field(1, ge=1, le=100, description="times that all folds are made anew; 1 over time")
    fold: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="the one fold this run trains; without it, ftkit train trains them all"
    )
    outer: Literal[
        "auto", "kfold", "stratified", "group", "stratified-group", "leave-one-group-out",
        "expanding", "rolling", "purged",
    ] = Field("auto", description="folds that nested ones judge by; auto: by time, group or class")  # fmt: skip
    inner: Annotated[Whole, Field(ge=2, le=100)] = Field(
        3, description="folds of a nested fold's train rows, which values of the grid are chosen by"
    )
    inner_fold: Annotated[Whole, Field(ge=1)] | None = Field(None, description="the one inner fold this run trains")
    grid: dict[str, list[Any]] = Field(
        {}, description="what nested folds choose among, such as {learning_rate: [0.001, 0.01], epochs: [10, 30]}"
    )
    test_rows: Annotated[Whole, Field(ge=1)] | None = Field(None, description="rows a fold over time holds out")
    train_rows: Annotated[Whole, Field(ge=1)] | None = Field(None, description="length of a rolling window")
    gap: Whole = Field(0, ge=0, description="rows left out between train and the rows held out, over time")
    purge: Whole = Field(0, ge=0, description="rows left out because their labels look into those held out")
    embargo: Whole = Field(0, ge=0, description="rows after those held out that are not trained on later")
    allow_leak: bool = Field(False, description="go on although train knows of the test rows; the report says so")
    validation: Number = Field(0.1, ge=0, lt=1, description="share of the rows to watch the training with")
    test: Number = Field(
        0.2, ge=0, lt=1, description="share of the rows to judge by, if no test set came with the data"
    )
    stratify: bool = Field(True, description="keep the shares of the classes")
    group: str | None = Field(None, description="column whose equal cells stay on one side")


class PreprocessSection(Section):
    """How rows become numbers."""

    image_size: Literal["auto"] | Annotated[Whole, Field(ge=8, le=2048)] = Field(
        "auto", description="pixels a side that the model sees"
    )
    channels: Literal["auto", 1, 3] = Field("auto", description="1 grey, 3 colour; auto looks at the images")
    resize: Literal["auto", "stretch", "crop", "pad"] = Field(
        "auto", description="how images come to one size; auto: crop where the weights were trained so, else stretch"
    )
    numbers: Literal["zscore", "minmax", "robust", "log", "power", "none"] = Field(
        "zscore", description="how numbers are scaled"
    )
    categories: Literal["onehot", "ordinal", "target", "hash"] = Field(
        "onehot", description="how categories become numbers"
    )
    dates: Literal["cycles", "parts", "none"] = Field(
        "cycles", description="what is made of dates beside the time that went by: circles, parts, nothing"
    )
    missing: Literal["median", "constant", "knn", "iterative"] = Field(
        "median", description="what missing numbers are filled with; a flag says that they were"
    )
    missing_value: Number = Field(0.0, description="what missing: constant fills in")
    most_categories: Whole = Field(256, ge=2, le=16_384, description="one-hot keeps so many, the most frequent")
    hash_places: Whole = Field(32, ge=2, le=16_384, description="columns of numbers for a hashed column")
    horizon: Literal["auto"] | Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        "auto", description="steps ahead that are forecast; auto: one season, or 12"
    )
    context: Literal["auto"] | Annotated[Whole, Field(ge=2, le=100_000)] = Field(
        "auto",
        description="steps of the past a forecast is made from; auto: 3 horizons or seasons, if there are so many",
    )
    season: Literal["auto"] | Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        "auto", description="steps a season, which the seasonal naive goes by; auto: by the times, such as 24 hours"
    )
    window_scale: Literal["auto", "zscore", "last", "none"] = Field(
        "auto",
        description="what a window is measured by: its context's mean and deviation (zscore), its last value and "
        "deviation (last), or the train rows' (none); auto: zscore, or as the weights were trained",
    )
    columns: Annotated[dict[str, Any], AfterValidator(_steps)] = Field(
        {}, description="other steps for some columns, such as {income: log, zip: hash, size: [S, M, L], note: ignore}"
    )


class LoraSection(Section):
    """Adapters that learn beside frozen weights."""

    r: Whole = Field(8, ge=1, le=1024, description="rank")
    alpha: Number = Field(16.0, gt=0, description="what an adapter adds is scaled by alpha / r")
    dropout: Number = Field(0.0, ge=0, lt=1, description="share of an adapter's inputs switched off while training")
    dora: bool = Field(False, description="learn the length of each weight column apart from its direction")
    target_modules: list[str] | None = Field(None, description="layers by name; all linear ones if not said")


class ModelSection(Section):
    """Which model, from which weights."""

    name: str = Field(
        "auto",
        description="resnet, resnet-50, densenet-121, vit, mlp, dlinear, …; auto: the default, or as the weights are",
        min_length=1,
    )
    weights: str | None = Field(
        None, description="pre-trained weights: a folder, a hub id or a file; from scratch without", min_length=1
    )
    freeze: str | None = Field(
        None,
        description="backbone: train the head only; a layer's name, such as stages.1: keep it and all below it",
        min_length=1,
    )
    lora: LoraSection | None = Field(None, description="train low-rank adapters beside frozen weights: {r: 8}")


class RememberSection(Section):
    """How a run that goes on with new rows or classes keeps what it knew, and what it keeps for the next."""

    method: Literal["replay", "ewc", "lwf", "none"] = Field(
        "replay",
        description="replay: see some old rows again; ewc: pull weights back as they mattered; lwf: hold answers to "
        "those of the model before; none: only tell what was forgotten",
    )
    rows: Whole = Field(200, ge=1, le=10_000_000, description="train rows kept for replay, in all")
    choose: Literal["reservoir", "herding"] = Field(
        "reservoir", description="which: a fair draw of all so far, or those whose mean is nearest to their class's"
    )
    weight: Literal["auto"] | Annotated[Number, Field(ge=0)] = Field(
        "auto", description="of what is added to the loss; auto: 1000 for ewc, 1 for lwf"
    )
    temperature: Number = Field(
        2.0, gt=0, le=100, description="of lwf's answers: higher ones make more of small shares"
    )
    held: Whole = Field(1000, ge=2, le=1_000_000, description="test rows kept of each increment to tell forgetting by")


class TrainingSection(Section):
    """How to train."""

    epochs: Whole = Field(10, ge=1, le=100_000, description="times every train row is seen")
    batch_size: Literal["auto"] | Annotated[Whole, Field(ge=2, le=65_536)] = Field(
        "auto", description="rows a step; auto takes 16 to 256 by the number of rows"
    )
    learning_rate: Literal["auto"] | Annotated[Number, Field(gt=0, le=10)] = Field(
        "auto", description="highest rate; auto: 2e-3 from scratch, 3e-4 from weights"
    )
    head_rate: Number = Field(1.0, gt=0, le=1000, description="the head's learning rate, as a multiple of the others'")
    layer_decay: Number = Field(
        1.0, gt=0, le=1, description="each layer below the head learns so much slower than the one above it"
    )
    unfreeze_every: Whole = Field(
        0, ge=0, description="epochs until one more layer from the top learns, the head first; 0: all from the start"
    )
    schedule: Literal["cosine", "linear", "constant", "one_cycle", "inverse_sqrt", "plateau"] = Field(
        "cosine", description="how the rate falls; plateau lowers it where evaluations stop getting better"
    )
    warmup: Literal["auto"] | Annotated[Number, Field(ge=0, lt=1)] = Field(
        "auto", description="share of the steps over which the rate rises; auto: 0.3 for one_cycle, else 0.05"
    )
    plateau_patience: Whole = Field(2, ge=1, description="evaluations without a better score before plateau acts")
    plateau_factor: Number = Field(0.3, gt=0, lt=1, description="what plateau multiplies the rate with")
    optimizer: Literal["adamw", "adam", "sgd", "adafactor", "adamw8bit"] = Field(
        "adamw", description="what takes the steps; adamw8bit needs bitsandbytes"
    )
    momentum: Number = Field(0.9, ge=0, lt=1, description="momentum of sgd")
    nesterov: bool = Field(True, description="sgd looks ahead along its momentum")
    loss: Literal["auto", "cross_entropy", "focal", "mse", "mae", "huber", "quantile"] = Field(
        "auto", description="what is made small; auto: cross_entropy for classes, mse for numbers, mae for series"
    )
    class_weights: Literal["balanced"] | dict[str, Annotated[Number, Field(ge=0)]] | None = Field(
        None, description="what each class counts: balanced, or {class: weight} with 1 for the rest"
    )
    label_smoothing: Number = Field(0.0, ge=0, lt=1, description="share of each label spread over all classes")
    focal_gamma: Number = Field(2.0, ge=0, le=10, description="how much less focal counts what is answered well")
    huber_delta: Number = Field(1.0, gt=0, description="error in deviations from which on huber grows linearly")
    quantile: Number = Field(0.5, gt=0, lt=1, description="the quantile that the loss quantile predicts")
    weight_decay: Number = Field(0.01, ge=0, le=10, description="pull of the weights towards 0")
    l1: Number = Field(0.0, ge=0, le=10, description="penalty on the weights' absolute values")
    l2: Number = Field(0.0, ge=0, le=10, description="penalty on the weights' squares")
    dropout: Literal["auto"] | Annotated[Number, Field(ge=0, lt=1)] = Field(
        "auto", description="share of a layer switched off while training; auto: 0.2 for tables, 0 for images"
    )
    clip_norm: Number = Field(1.0, ge=0, description="longest gradient; 0 does not clip")
    tta: Whole = Field(
        0, ge=0, le=1000, description="times each row is augmented to judge by the mean answer; 0: judge it as it is"
    )
    ema: Number = Field(0.0, ge=0, lt=1, description="decay of a moving average of the weights, which is kept instead")
    early_stopping: Whole = Field(
        0,
        ge=0,
        description="evaluations without a better score before the training ends with the best weights; 0: never",
    )
    monitor: str = Field(
        "loss", description="the score: loss, or a metric's name, of the validation rows", min_length=1
    )
    remember: RememberSection | None = Field(
        None, description="learn on from model.weights without forgetting: {method: replay, rows: 200}"
    )
    not_finite: Literal["skip", "rollback", "stop"] = Field(
        "skip", description="where a gradient is not finite: skip the step, go back with half the rate, or stop"
    )
    micro_batch_size: Literal["auto"] | Annotated[Whole, Field(ge=1, le=65_536)] = Field(
        "auto", description="rows a forward pass; a step sums them. auto: the whole batch, halved if memory runs out"
    )
    bucketing: bool = Field(True, description="batches of texts of like length")
    compile: Literal["auto", True, False] = Field(
        "auto", description="torch.compile; auto: on a GPU, where its steps are timed and it pays back within the run"
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field("auto", description="of the matrix products")
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    parallel: Literal["auto", "ddp", "fsdp"] = Field(
        "auto", description="how several processes share the work: each with the whole model, or with a part of it"
    )
    processes: Literal["auto"] | Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        "auto", description="processes that are to train together; auto: as many as torchrun started"
    )
    threads: Literal["auto"] | Annotated[Whole, Field(ge=1, le=1024)] = Field(
        "auto", description="CPU threads; auto leaves one core free"
    )
    data_workers: Literal["auto"] | Annotated[Whole, Field(ge=0, le=256)] = Field(
        "auto",
        description="processes that read images while the training goes on; 0: all are held in memory; auto: 0 where "
        "they fit half of what is free",
    )
    mirror: list[Literal["tensorboard", "mlflow", "wandb", "trackio"]] = Field(
        [], description="tools that are told the run's numbers too, such as [tensorboard, mlflow]"
    )
    log_every: Whole = Field(10, ge=1, description="steps between two points of the loss curve")
    checkpoint_every: Whole = Field(0, ge=0, description="steps between two checkpoints; 0: each epoch")
    keep: Whole = Field(2, ge=1, le=1000, description="checkpoints that are kept: the newest so many, and the best")
