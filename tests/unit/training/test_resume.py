"""A training cut off anywhere goes on from its checkpoint as if never interrupted: weights and events, bit for bit."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from ftkit.augment import compose, make_mixer
from ftkit.models import build_model
from ftkit.training import ImageRows, Settings, TableRows, choose_device, make_loss, train
from ftkit.training.event import Checkpoint, Epoch
from ftkit.training.mixed import MixedRows
from ftkit.training.prediction import predict

CPU = torch.device("cpu")
BASE = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "seed": 3, "log_every": 4, "checkpoint_every": 5}

SETTINGS = {
    "plain": {},
    "a checkpoint each epoch": {"checkpoint_every": 0},
    "accumulation": {"micro_batch_size": 3},
    "l1": {"l1": 1e-3},
    "l2": {"l2": 1e-3},
    "layer decay": {"layer_decay": 0.7, "head_rate": 2.0},
    "ema": {"ema": 0.9},
    "gradual unfreezing": {"unfreeze_every": 1},
    "early stopping": {"early_stopping": 1, "learning_rate": 0.1, "epochs": 12},
    "early stopping of an average": {"early_stopping": 1, "learning_rate": 0.1, "ema": 0.5, "epochs": 12},
    "plateau": {"schedule": "plateau", "plateau_patience": 1, "learning_rate": 0.2, "epochs": 8},
    "one_cycle": {"schedule": "one_cycle", "warmup": 0.3},
    "inverse_sqrt": {"schedule": "inverse_sqrt"},
    "sgd": {"optimizer": "sgd"},
    "adam": {"optimizer": "adam"},
    "adafactor": {"optimizer": "adafactor"},
    "adamw8bit": {"optimizer": "adamw8bit"},
    "bf16": {"precision": "bf16"},
    "fp16": {"precision": "fp16"},
    "bucketing": {"rows": "long"},
    "rows of nan": {"rows": "nan"},
    "augmentation": {"rows": "images"},
    "mixing in micro-batches": {"rows": "mixed", "micro_batch_size": 3},
    "live rate": {"requests": {5: ("learning_rate", 0.003), 14: ("learning_rate", 0.02)}},
    "live batch size": {"requests": {5: ("batch_size", 16)}},
    "live epochs": {"requests": {7: ("epochs", 4)}},
    "evaluate and checkpoint now": {"requests": {7: ("evaluate", None), 11: ("checkpoint", None)}},
}


def table_rows(kind):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(83, 5)).astype(np.float32)
    labels = (features[:, 0] + features[:, 1] > 0).astype(np.int64)
    if kind == "nan":
        features[[2, 40]] = np.nan
    rows = TableRows(features, labels, np.arange(83, dtype=np.int64) * 7919, CPU)
    if kind == "long":
        rows.lengths = rng.integers(5, 200, 83)
    return rows


def image_rows():
    rng = np.random.default_rng(1)
    augment = compose(["crop", "noise"], size=(8, 8), seed=2)
    pixels = rng.integers(0, 255, (83, 8, 8, 1), dtype=np.uint8)
    labels, keys = rng.integers(0, 2, 83), np.arange(83, dtype=np.int64) * 131
    made = [lambda p, k, e, f=f: f(p, k, e, mean=(0.5,), std=(0.3,)) for f in (augment, compose([], size=(8, 8)))]
    return ImageRows(pixels, np.arange(83), labels, keys, *made, CPU)


class Training:
    """A setting, made anew as often as asked."""

    def __init__(self, keys):
        keys = dict(keys)
        self.kind, self.requests = keys.pop("rows", "plain"), keys.pop("requests", {})
        self.place = choose_device("cpu", keys.pop("precision", "fp32"))
        self.settings = Settings(**(BASE | keys))
        self.rows = image_rows() if self.kind in ("images", "mixed") else table_rows(self.kind)
        if self.kind == "mixed":
            steps = [{"cut_mix": {"p": 0.5}}, {"mix_up": {"alpha": 1}}]
            self.rows = MixedRows(self.rows, make_mixer(steps, seed=3, classes=2))

    def play(self, state=None, already=()):
        """The events one by one; ``self.model`` is what is trained, ``already`` the steps of requests obeyed before."""
        if self.kind in ("images", "mixed"):
            self.model = build_model("resnet", outputs=2, image=(8, 8, 1), dropout=0.2, seed=1).model
        else:
            self.model = build_model("mlp", outputs=2, features=5, dropout=0.2, seed=1).model
        self.score, self.obeyed, told = None, {}, 0

        def control(step):
            if step not in self.requests or step in already:
                return []
            self.obeyed[step] = told
            name, value = self.requests[step]
            return [{"request": name} if value is None else {"request": name, "value": value}]

        for event in train(
            self.model,
            self.rows,
            make_loss(),
            self.settings,
            self.place,
            control=control,
            score=lambda: self.score,
            state=state,
        ):
            if isinstance(event, Epoch):
                answers = predict(self.model, self.rows, self.place, "class")
                known = np.isfinite(answers[:, 0])
                self.score = float(-np.log(answers[known, self.rows.labels[known]]).mean())
            told += 1
            yield event


def told(event):
    """An event as it is written, without what a clock says."""
    keys = {k: v for k, v in vars(event).items() if k not in ("state", "rows_per_second")}
    return type(event).__name__, str(keys)


def copied(event):
    return {name: value.clone() for name, value in event.state.items()}


def bits(model):
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("name", SETTINGS)
def test_cut_anywhere(name):
    if name == "adamw8bit":
        pytest.importorskip("bitsandbytes")
    training = Training(SETTINGS[name])
    whole, saved = [], {}
    for event in training.play():
        whole.append(told(event))
        if isinstance(event, Checkpoint):
            saved[len(whole)] = copied(event)
    weights, obeyed = bits(training.model), dict(training.obeyed)
    assert len(saved) >= 3
    # Cut off anywhere between two checkpoints, it goes on from the first of them: so every cut is tried.
    for kept, state in saved.items():
        after = [told(event) for event in training.play(state, {s for s, place in obeyed.items() if place < kept})]
        assert whole[:kept] + after == whole, kept
        assert bits(training.model) == weights, kept


def test_a_training_cut_off_leaves_nothing_behind():
    """A generator that is closed in the middle, as by a kill, has changed nothing but its own model."""
    training = Training({"ema": 0.9})
    whole = [told(event) for event in training.play()]
    for cut in (1, 5, 12):
        loop = training.play()
        assert [told(next(loop)) for _ in range(cut)] == whole[:cut]
        loop.close()


def test_the_settings_do_what_they_are_for():
    """Each setting is met at all: it changes the weights of the plain one."""
    plain = Training({})
    list(plain.play())
    for name, keys in SETTINGS.items():
        if name in ("plain", "a checkpoint each epoch", "evaluate and checkpoint now", "augmentation"):
            continue
        if name == "adamw8bit":
            pytest.importorskip("bitsandbytes")
        other = Training(keys)
        list(other.play())
        assert bits(other.model) != bits(plain.model), name


@pytest.mark.parametrize("name", ["early stopping", "plateau", "rows of nan", "fp16"])
def test_the_events_that_are_meant_come(name):
    kinds = [type(event).__name__ for event in Training(SETTINGS[name]).play()]
    wanted = {"early stopping": "Settled", "plateau": "Changed", "rows of nan": "NotFinite", "fp16": "Finished"}[name]
    assert wanted in kinds
    assert asdict(Training(SETTINGS[name]).settings)["epochs"] >= 3
