"""What only a GPU can show: the host waits for nothing, recorded steps are the steps, memory that runs out is survived."""

import numpy as np
import pytest
import torch

from ftkit.augment import compose, fused
from ftkit.models import build_model, similar_on_gpu
from ftkit.training import ImageRows, Settings, TableRows, TokenRows, choose_device, compiling, make_loss, steps, train
from ftkit.training.event import Changed, Checkpoint, Note, NotFinite, Step
from ftkit.training.plan import plan

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

GPU = torch.device("cuda")
STEPS = [
    "rotate", "scale", "flip", "crop", "translate", "shear", "perspective", "color", "grayscale", "posterize", "solarize",
    "auto_contrast", "equalize", "blur", "sharpness", "noise", "salt_and_pepper", "speckle", "jpeg", "cut_out",
]  # fmt: skip


def table(n=1000, device=GPU):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(n, 20)).astype(np.float32)
    return TableRows(features, (features[:, :3].sum(1) > 0).astype(np.int64), np.arange(n), device)


def images(augmentations, n=400, side=32, device=GPU):
    rng = np.random.default_rng(1)
    pixels, labels = rng.integers(0, 255, (n, side, side, 3), dtype=np.uint8), rng.integers(0, 2, n)
    pixels[labels == 1] //= 2
    augment, plain = compose(augmentations, size=(side, side)), compose([], size=(side, side))
    made = [lambda p, k, e, f=f: f(p, k, e, mean=(0.5,) * 3, std=(0.25,) * 3) for f in (augment, plain)]
    return ImageRows(pixels, np.arange(n), labels, np.arange(n), *made, device)


def model_for(rows, **keys):
    if isinstance(rows, ImageRows):
        model = build_model("resnet", outputs=2, image=(32, 32, 3), seed=1, **keys).model
        return model.to(rows.device, memory_format=torch.channels_last)
    return build_model("mlp", outputs=2, features=20, seed=1, **keys).model.to(rows.device)


def play(rows, model=None, *, loss=None, precision="fp32", state=None, keep=None, **keys):
    """The events of a training, and its model; ``keep`` is a step whose checkpoint is kept on the host."""
    model = model or model_for(rows)
    settings = Settings(**({"epochs": 2, "batch_size": 50, "learning_rate": 0.01, "warmup": 0.0} | keys))
    place, events = choose_device(str(rows.device), precision), []
    for event in train(model, rows, loss or make_loss(), settings, place, state=state):
        if isinstance(event, Checkpoint):
            if event.step == keep:
                events.append({name: value.cpu().clone() for name, value in event.state.items()})
            continue
        events.append(event)
    return events, model


class Loud:
    """Rows that make every wait of the host an error, from so many batches on and but for the last one of an epoch."""

    def __init__(self, rows, size, after):
        self.rows, self.size, self.left = rows, size, after

    def __len__(self):
        return len(self.rows)

    def __getattr__(self, name):
        return getattr(self.rows, name)

    def batch(self, positions, epoch):
        self.left -= 1
        last = plan(self.rows.keys, self.size, epoch, 0)[-1]
        torch.cuda.set_sync_debug_mode("default" if self.left > 0 or positions[0] in last else "error")
        return self.rows.batch(positions, epoch)


WITHOUT_WAITING = {
    "table": ({}, lambda: table(), None),
    "table with sgd": ({"optimizer": "sgd"}, lambda: table(), None),
    "average and penalties": ({"ema": 0.9, "l1": 1e-4, "l2": 1e-4}, lambda: table(), None),
    "class weights": ({}, lambda: table(), {"class_weights": np.array([1.0, 2.0])}),
    "focal": ({}, lambda: table(), {"name": "focal"}),
    "images": ({}, lambda: images([]), None),
    **{f"images, {name}": ({}, lambda name=name: images([name]), None) for name in STEPS},
    "fp16": ({"precision": "fp16"}, lambda: images(["flip"]), None),
    "micro-batches": ({"micro_batch_size": 25}, lambda: table(), None),
}


@pytest.mark.parametrize("case", WITHOUT_WAITING)
def test_the_host_waits_for_nothing_between_two_step_events(case):
    keys, make, loss = WITHOUT_WAITING[case]
    rows = Loud(make(), 25, after=24)  # libraries have been loaded, and steps recorded, by then
    model, precision = model_for(rows.rows), keys.get("precision", "fp32")
    keys = {name: value for name, value in keys.items() if name != "precision"}
    settings = Settings(**({"epochs": 4, "batch_size": 25, "log_every": 1000, "compile": False, "warmup": 0.0} | keys))
    taken = 0
    try:
        for event in train(model, rows, make_loss(**(loss or {})), settings, choose_device("cuda", precision)):
            torch.cuda.set_sync_debug_mode("default")
            taken += isinstance(event, Step)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert taken == 4


@pytest.mark.parametrize("kind", ["table", "images"])
def test_recorded_steps_are_the_steps(kind, monkeypatch):
    """A step played from a recording does what the step does: loss by loss, within rounding, with dropout."""
    make = (lambda: images(["flip", "rotate"])) if kind == "images" else table
    played = []
    real = steps.Graphs.take

    def count(self, *batch):
        told = real(self, *batch)
        played.append(told is not None)
        return told

    monkeypatch.setattr(steps.Graphs, "take", count)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        rows = make()
        recorded, one = play(rows, model_for(rows, dropout=0.3), epochs=3, log_every=1, compile=False)
        assert sum(played) > len(played) / 2
        monkeypatch.setattr(steps.Graphs, "take", lambda self, *batch: None)
        plain, other = play(rows, model_for(rows, dropout=0.3), epochs=3, log_every=1, compile=False)
    finally:
        torch.use_deterministic_algorithms(False)
    losses = [[e.loss for e in events if isinstance(e, Step)] for events in (recorded, plain)]
    assert np.allclose(*losses, rtol=1e-4, atol=1e-5), np.abs(np.subtract(*losses)).max()
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


CHAINS = {
    "places and colours": ["flip", "rotate", "crop", "color"],
    "enlarged": ["scale"],
    "colours alone": ["color"],
    "with a box": ["flip", "cut_out"],
    "noise": ["rotate", "noise"],
    "a projective map": ["perspective"],
    "nothing": [],
}


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_those_of_the_cpu(chain, channels):
    rng = np.random.default_rng(0)
    pixels = torch.from_numpy(rng.integers(0, 255, (7, 24, 20, channels), dtype=np.uint8))
    change = compose(CHAINS[chain], size=(30, 27) if chain == "enlarged" else (24, 20), seed=3)
    here, there = (change(p, np.arange(7), 1, mean=0.4, std=0.3) for p in (pixels, pixels.to(GPU)))
    assert torch.allclose(here, there.cpu(), atol=2e-4)
    one = change(pixels[3:4].to(GPU), np.arange(7)[3:4], 1, mean=0.4, std=0.3)
    assert torch.equal(there[3:4], one)


def test_the_one_kernel_is_used():
    assert fused.usable(torch.zeros(1, device=GPU).device)


def test_a_bad_batch_is_skipped_by_a_recorded_step():
    rows = table()
    rows._features[7] = float("nan")
    events, model = play(rows, epochs=4, compile=False)
    faults = [e for e in events if isinstance(e, NotFinite)]
    assert len(faults) == 4
    assert all(7 in fault.positions for fault in faults)
    assert all(torch.isfinite(p).all() for p in model.parameters())
    assert all(torch.isfinite(b).all() for b in model.buffers())


def test_going_on_from_a_checkpoint_is_going_on():
    rows = table()
    whole, one = play(rows, epochs=3, checkpoint_every=25, keep=25, log_every=5, compile=False)
    state = next(e for e in whole if isinstance(e, dict))
    again, other = play(rows, epochs=3, checkpoint_every=25, state=state, log_every=5, compile=False)
    then = [e.loss for e in again if isinstance(e, Step)]
    assert np.allclose([e.loss for e in whole if isinstance(e, Step)][-len(then) :], then, rtol=1e-5)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_it_learns_what_the_cpu_learns():
    losses = [
        [e.loss for e in play(table(device=device), epochs=3, log_every=1, compile=False)[0] if isinstance(e, Step)]
        for device in (GPU, torch.device("cpu"))
    ]
    assert np.allclose(*losses, rtol=2e-3, atol=2e-3)


def test_out_of_memory_halves_the_micro_batch_and_goes_on():
    rows = images(["flip"], n=512, side=128)
    torch.cuda.empty_cache()
    whole = torch.cuda.mem_get_info()[1]
    before = torch.cuda.memory_reserved()
    torch.cuda.set_per_process_memory_fraction((before + (1 << 30)) / whole)
    try:
        model = build_model("resnet-18", outputs=2, image=(128, 128, 3), seed=1).model.to(GPU)
        events, _ = play(rows, model, batch_size=512, epochs=2, compile=False, log_every=1)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    halved = [e for e in events if isinstance(e, Changed) and e.name == "micro_batch_size"]
    assert halved
    assert halved[0].value < 512
    assert sum(isinstance(e, Step) for e in events) == 2


def test_texts_train_on_the_device():
    from transformers import BertConfig, BertForSequenceClassification

    rng = np.random.default_rng(0)
    lengths = rng.integers(4, 40, 200)
    rows = TokenRows(rng.integers(1, 90, lengths.sum()), lengths, rng.integers(0, 2, 200), np.arange(200), GPU)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    model = BertForSequenceClassification(BertConfig(vocab_size=100, **sizes)).to(GPU)
    events, _ = play(rows, model, precision="bf16", epochs=6, learning_rate=1e-3, compile=False, batch_size=20)
    losses = [e.loss for e in events if isinstance(e, Step)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("gain", [0.1, 0.0])
def test_compiling_is_tried_and_judged(gain, monkeypatch):
    monkeypatch.setattr(compiling, "SECONDS", 0.0 if gain else 1e9)
    events, _ = play(table(2000), epochs=12, batch_size=100)
    said = [e.message for e in events if isinstance(e, Note)]
    assert bool(said) == bool(gain), said
    assert not said or "ompile" in said[0]
    assert not said or "failed" not in said[0], said


def test_the_most_similar_rows_are_found_exactly():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30_000, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, values = similar_on_gpu(vectors, 10)
    found = vectors[:300] @ vectors.T
    found[np.arange(300), np.arange(300)] = -2
    true = np.argsort(-found, axis=1)[:, :10]
    assert (true == rows[:300]).mean() > 0.999
    assert np.allclose(np.take_along_axis(found, true, axis=1), values[:300], atol=1e-5)
