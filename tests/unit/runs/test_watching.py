"""Somebody's own Trainer, watched: our loop's weights to the bit, its events, its controls."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

pytest.importorskip("accelerate", reason="transformers' Trainer needs accelerate")

from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments

import ftkit as ft
from ftkit.errors import DataError, RunError
from ftkit.runs.control import ask
from ftkit.training import Settings, TokenRows, choose_device, make_loss, train
from ftkit.training.plan import plan

N, LENGTH = 48, 8
RNG = np.random.default_rng(0)
TOKENS, LABELS = RNG.integers(1, 50, (N, LENGTH)), RNG.integers(0, 3, N)
KEYS = np.arange(N, dtype=np.int64) * 7919
SIZES = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def bert():
    torch.manual_seed(0)
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return BertForSequenceClassification(BertConfig(**SIZES, **still, num_labels=3))


class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return N

    def __getitem__(self, i):
        ids = torch.from_numpy(TOKENS[i])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": int(LABELS[i])}


class Planned:
    """The batches of our plan, epoch after epoch."""

    def __init__(self, size, state):
        self.size, self.state = size, state

    def __len__(self):
        return N // self.size

    def __iter__(self):
        epoch = self.state().global_step // len(self)
        yield from (list(batch) for batch in plan(KEYS, self.size, epoch, 3))


class PlannedTrainer(Trainer):
    def get_train_dataloader(self):
        sampler = Planned(self.args.per_device_train_batch_size, lambda: self.state)
        return DataLoader(Rows(), batch_sampler=sampler)


def make_trainer(folder, kind=Trainer, model=None, **keys):
    options = {
        "num_train_epochs": 2, "per_device_train_batch_size": 8, "learning_rate": 1e-2, "weight_decay": 0.05,
        "lr_scheduler_type": "constant", "logging_steps": 1, "report_to": [], "save_strategy": "no", "use_cpu": True,
        "optim": "adamw_torch_fused", "disable_tqdm": True, "seed": 3,
    }  # fmt: skip
    arguments = TrainingArguments(output_dir=str(folder / "out"), **(options | keys))
    return kind(model=model or bert(), args=arguments, train_dataset=Rows(), eval_dataset=Rows())


SETTINGS = {
    "plain": ({}, {}),
    "no clipping": ({"max_grad_norm": 0.0}, {"clip_norm": 0.0}),
    "no decay": ({"weight_decay": 0.0}, {"weight_decay": 0.0}),
    "linear": ({"lr_scheduler_type": "linear"}, {"schedule": "linear"}),
    "sgd": ({"optim": "sgd"}, {"optimizer": "sgd", "momentum": 0.0}),
    "bf16": ({"bf16": True}, {}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_loop_and_a_watched_trainer_give_the_same_weights(tmp_path, name):
    theirs, ours = SETTINGS[name]
    trainer = make_trainer(tmp_path, PlannedTrainer, **theirs)
    ft.watch(trainer, runs=tmp_path)
    trainer.train()
    model = bert()
    rows = TokenRows(TOKENS.ravel(), np.full(N, LENGTH), LABELS, KEYS, torch.device("cpu"))
    base = {"epochs": 2, "batch_size": 8, "learning_rate": 1e-2, "weight_decay": 0.05, "schedule": "constant"}
    settings = Settings(**(base | {"warmup": 0.0, "seed": 3, "bucketing": False} | ours))
    place = choose_device("cpu", "bf16" if "bf16" in theirs else "fp32")
    list(train(model, rows, make_loss(), settings, place))
    for (key, one), other in zip(model.state_dict().items(), trainer.model.state_dict().values(), strict=True):
        assert torch.equal(one, other), key


def test_watching_changes_no_weight(tmp_path):
    plain, watched = make_trainer(tmp_path / "a"), make_trainer(tmp_path / "b")
    ft.watch(watched, runs=tmp_path)
    for trainer in (plain, watched):
        trainer.train()
    for one, other in zip(plain.model.parameters(), watched.model.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("count", [1, 2, 8])
def test_accumulated_gradients_are_those_of_the_whole_batch(tmp_path, count):
    keys = {"num_train_epochs": 1, "optim": "sgd", "max_grad_norm": 0.0, "weight_decay": 0.0, "max_steps": 2}
    updates = []
    for k in (1, count):
        trainer = make_trainer(
            tmp_path / str(k),
            PlannedTrainer,
            per_device_train_batch_size=16 // k,
            gradient_accumulation_steps=k,
            **keys,
        )
        trainer.get_train_dataloader = lambda k=k: DataLoader(
            Rows(), batch_sampler=[list(part) for part in np.arange(N).reshape(-1, 16 // k)]
        )
        run = ft.watch(trainer, runs=tmp_path)
        trainer.train()
        updates.append([p.detach().clone() for p in trainer.model.parameters()])
    for one, other in zip(*updates, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)
    assert any("model_accepts_loss_kwargs was set to False" in e.get("message", "") for e in run.events())


def test_the_trap_is_there(tmp_path):
    """Without the bridge the update of two micro-batches is twice as large: should this fail, the bridge can forget it."""
    sizes = []
    for k in (1, 2):
        trainer = make_trainer(
            tmp_path / str(k), per_device_train_batch_size=16 // k, gradient_accumulation_steps=k, optim="sgd",
            max_grad_norm=0.0, weight_decay=0.0, max_steps=1, num_train_epochs=1,
        )  # fmt: skip
        trainer.get_train_dataloader = lambda k=k: DataLoader(
            Rows(), batch_sampler=[list(part) for part in np.arange(N).reshape(-1, 16 // k)]
        )
        before = trainer.model.classifier.weight.detach().clone()
        trainer.train()
        sizes.append((trainer.model.classifier.weight - before).norm().item())
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.01)


class Asks(TrainerCallback):
    """Somebody who asks at given steps."""

    def __init__(self, folder, asked):
        self.folder, self.asked = folder, asked

    def on_step_end(self, args, state, control, **kwargs):
        for request in self.asked.get(state.global_step, ()):
            ask(self.folder, *request)


def watched(tmp_path, asked, **keys):
    trainer = make_trainer(tmp_path, **keys)
    run = ft.watch(trainer, runs=tmp_path, name="r")
    trainer.add_callback(Asks(run.folder, asked))
    trainer.train()
    return run, [e for e in run.events() if e["event"] not in ("heartbeat", "plan", "stage", "started")]


def test_its_run_is_as_any_other(tmp_path):
    run, events = watched(tmp_path, {}, eval_strategy="epoch", save_strategy="epoch")
    assert run.state == "done"
    assert run.status.steps == run.status.step == 12
    assert [e["step"] for e in events if e["event"] == "step"] == list(range(1, 13))
    assert [e["step"] for e in events if e["event"] == "evaluation"] == [6, 12]
    assert [e["step"] for e in events if e["event"] == "checkpoint"] == [6, 12]
    assert "Loss" in ft.show_training(run).html()
    with pytest.raises(RunError, match="is over"):
        run.pause()


def test_requests_are_obeyed_at_the_next_step(tmp_path):
    asked = {
        3: [("pause",), ("learning_rate", 1e-3), ("continue",)],
        5: [("evaluate",), ("checkpoint",)],
        8: [("stop",)],
    }
    run, events = watched(tmp_path, asked)
    told = [(e["event"], e["step"]) for e in events if e["event"] in ("changed", "evaluation", "checkpoint")]
    assert told == [("changed", 3), ("evaluation", 6), ("checkpoint", 6), ("checkpoint", 9)]
    assert [e["state"] for e in events if e["event"] == "state"] == [
        "queued",
        "running",
        "paused",
        "running",
        "stopped",
    ]
    rates = {e["step"]: e["learning_rate"] for e in events if e["event"] == "step"}
    assert rates[3] == pytest.approx(1e-2)
    assert rates[4] == pytest.approx(1e-3)
    assert max(rates) == 9
    assert run.state == "stopped"


def test_a_changed_rate_is_the_rate_of_the_steps(tmp_path):
    """Nearly no rate from step 6 on: the weights stay."""
    kept = {}

    class Keeps(TrainerCallback):
        def on_step_end(self, args, state, control, model=None, **kwargs):
            kept[state.global_step] = model.classifier.weight.detach().clone()

    trainer = make_trainer(tmp_path, weight_decay=0.0)
    run = ft.watch(trainer, runs=tmp_path)
    trainer.add_callback(Asks(run.folder, {6: [("learning_rate", 1e-12)]}))
    trainer.add_callback(Keeps())
    trainer.train()
    assert not torch.allclose(kept[5], kept[6], atol=1e-6)
    torch.testing.assert_close(kept[12], kept[6], atol=1e-8, rtol=0)


def test_a_fault_is_the_run_s(tmp_path):
    trainer = make_trainer(tmp_path)
    run = ft.watch(trainer, runs=tmp_path)
    trainer.get_train_dataloader = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        trainer.train()
    assert run.state == "failed"
    assert "ZeroDivisionError" in run.status.sentence


def test_what_is_no_trainer_is_said(tmp_path):
    with pytest.raises(DataError, match=r"a transformers\.Trainer is asked, not 'int'"):
        ft.watch(3, runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
