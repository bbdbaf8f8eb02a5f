"""A training cut off anywhere goes on from its checkpoint as if never interrupted: weights and events, bit for bit."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

import ftkit as ft
from ftkit.augment import compose, make_mixer
from ftkit.models import build_model
from ftkit.models.lora import add_lora
from ftkit.preprocess import ImageInput, TextInput
from ftkit.runs.readers import ImageReader, TextReader
from ftkit.training import ImageRows, Settings, TableRows, TokenRows, choose_device, make_loss, train
from ftkit.training.data_workers import DataWorkers, Fetched
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
    "lora": {"rows": "texts", "lora": True},
    "images by data workers": {"rows": "fetched images"},
    "mixed images by data workers": {"rows": "fetched and mixed", "micro_batch_size": 3},
    "texts by data workers, in buckets": {"rows": "fetched texts"},
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


def random_pixels():
    return np.random.default_rng(1).integers(0, 255, (83, 8, 8, 1), dtype=np.uint8)


def image_rows(pixels):
    augment = compose(["crop", "noise"], size=(8, 8), seed=2)
    labels, keys = np.random.default_rng(4).integers(0, 2, 83), np.arange(83, dtype=np.int64) * 131
    made = [lambda p, k, e, f=f: f(p, k, e, mean=(0.5,), std=(0.3,)) for f in (augment, compose([], size=(8, 8)))]
    return ImageRows(pixels, np.arange(83), labels, keys, *made, CPU)


def text_rows(fetched):
    tokens = fetched("texts")
    held = tokens.rows(np.arange(83))
    lengths, keys = np.array([len(row) for row in held]), np.arange(83, dtype=np.int64) * 131
    tokens = tokens if fetched.stream else np.concatenate(held)
    return TokenRows(tokens, lengths, np.random.default_rng(1).integers(0, 2, 83), keys, CPU)


def small_bert(lora):
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(vocab_size=300, max_position_embeddings=64, **sizes))
    if lora:
        pytest.importorskip("peft")
        add_lora(model, r=4, dropout=0.1)
    return model


class Source:
    """Rows that one data worker reads: pictures of digits, or texts of a file of JSON lines."""

    def __init__(self, folder):
        words = np.array(["红", "蓝", "leaf", "rust", "a", "so", "天气", "x" * 7])
        rng = np.random.default_rng(5)
        path = folder / "texts.jsonl"
        path.write_text("".join(
            json.dumps({"text": " ".join(rng.choice(words, rng.integers(1, 20))), "label": str(i % 2)}, ensure_ascii=False) + "\n"
            for i in range(83)
        ), encoding="utf-8")  # fmt: skip
        readers = {
            "images": ImageReader(ft.read("digits"), ImageInput(8, 8, 1)),
            "texts": TextReader(ft.read(str(path)), "text", TextInput(byte_tokens(), 40)),
        }
        ids = [str(i) for i in range(2000)]
        self.workers = {kind: DataWorkers(read, 1, lambda *_, **__: None, ids) for kind, read in readers.items()}
        self.stream = True

    def __call__(self, kind):
        return Fetched(self.workers[kind], (83, 8, 8, 1))


def byte_tokens():
    """A tokenizer that knows bytes only."""
    alphabet = {symbol: i for i, symbol in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    made = Source(tmp_path_factory.mktemp("rows"))
    yield made
    for workers in made.workers.values():
        workers.close()


class Training:
    """A setting, made anew as often as asked."""

    def __init__(self, keys, source=None):
        keys = dict(keys)
        self.kind, self.requests = keys.pop("rows", "plain"), keys.pop("requests", {})
        self.lora = keys.pop("lora", False)
        self.place = choose_device("cpu", keys.pop("precision", "fp32"))
        self.settings = Settings(**(BASE | keys))
        self.rows = self.make_rows(source)

    def make_rows(self, source):
        if "text" in self.kind:
            source.stream = "fetched" in self.kind
            return text_rows(source)
        if not ("image" in self.kind or "mixed" in self.kind):
            return table_rows(self.kind)
        rows = image_rows(source("images") if "fetched" in self.kind else random_pixels())
        steps = [{"cut_mix": {"p": 0.5}}, {"mix_up": {"alpha": 1}}]
        return MixedRows(rows, make_mixer(steps, seed=3, classes=2)) if "mixed" in self.kind else rows

    def make_model(self):
        if "text" in self.kind:
            return small_bert(self.lora)
        if "image" in self.kind or "mixed" in self.kind:
            return build_model("resnet", outputs=2, image=(8, 8, 1), dropout=0.2, seed=1).model
        return build_model("mlp", outputs=2, features=5, dropout=0.2, seed=1).model

    def play(self, state=None, already=()):
        """The events one by one; ``self.model`` is what is trained, ``already`` the steps of requests obeyed before."""
        self.model = self.make_model()
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
def test_cut_anywhere(name, source):
    if name == "adamw8bit":
        pytest.importorskip("bitsandbytes")
    training = Training(SETTINGS[name], source)
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


@pytest.mark.parametrize("kind", ["texts", "images"])
def test_what_workers_read_trains_as_what_is_held(kind, source):
    found = []
    for rows in (f"fetched {kind}", kind):
        training = Training({"rows": rows}, source)
        if rows == "images":
            training.rows = image_rows(source("images")[np.arange(83)])
        found.append(([told(event) for event in training.play()], bits(training.model)))
    assert found[0] == found[1]


def test_the_settings_do_what_they_are_for(source):
    """Each setting is met at all: it changes the weights of the plain one."""
    plain = Training({})
    list(plain.play())
    for name, keys in SETTINGS.items():
        if name in ("plain", "a checkpoint each epoch", "evaluate and checkpoint now", "augmentation"):
            continue
        if name == "adamw8bit":
            pytest.importorskip("bitsandbytes")
        other = Training(keys, source)
        list(other.play())
        assert bits(other.model) != bits(plain.model), name


@pytest.mark.parametrize("name", ["early stopping", "plateau", "rows of nan", "fp16"])
def test_the_events_that_are_meant_come(name):
    kinds = [type(event).__name__ for event in Training(SETTINGS[name]).play()]
    wanted = {"early stopping": "Settled", "plateau": "Changed", "rows of nan": "NotFinite", "fp16": "Finished"}[name]
    assert wanted in kinds
    assert asdict(Training(SETTINGS[name]).settings)["epochs"] >= 3
