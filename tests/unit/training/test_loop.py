"""The loop: learns, repeats itself bit for bit, goes on from a checkpoint as if never interrupted, obeys requests."""

import numpy as np
import pytest
import torch
from torch import nn

from ftkit.errors import FtkitError
from ftkit.models import build_model
from ftkit.training import Settings, TableRows, choose_device, make_loss, predict, train
from ftkit.training.event import Changed, Checkpoint, Continued, Epoch, Finished, NotFinite, Paused, Step, Stopped

PLACE, LOSS = choose_device("cpu"), make_loss()
SETTINGS = Settings(epochs=4, batch_size=16, learning_rate=0.01, seed=3, log_every=2)


def make_rows(n=100, nan=False):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(n, 5)).astype(np.float32)
    labels = (features[:, 0] + features[:, 1] > 0).astype(np.int64)
    if nan:
        features[0] = np.nan
    return TableRows(features, labels, np.arange(n, dtype=np.int64) * 7919, PLACE.device)


def new_model(dropout=0.2):
    return build_model("mlp", outputs=2, features=5, dropout=dropout, seed=1).model


def run(model, rows, settings=SETTINGS, **keys):
    return list(train(model, rows, LOSS, settings, PLACE, **keys))


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_it_learns_and_ends():
    model, rows = new_model(), make_rows()
    events = run(model, rows)
    steps = [event for event in events if isinstance(event, Step)]
    assert isinstance(events[-1], Finished)
    assert steps[-1].loss < steps[0].loss / 2
    assert (predict(model, rows, PLACE, "class").argmax(1) == rows.labels).mean() > 0.9


def test_the_same_settings_give_the_same_weights():
    one, other = new_model(), new_model()
    run(one, make_rows())
    run(other, make_rows())
    assert same(weights(one), weights(other))


def test_another_seed_gives_other_weights():
    one, other = new_model(), new_model()
    run(one, make_rows())
    run(other, make_rows(), Settings(**{**vars(SETTINGS), "seed": 4}))
    assert not same(weights(one), weights(other))


def test_every_epoch_ends_with_an_evaluation_and_a_checkpoint():
    kinds = [type(event) for event in run(new_model(), make_rows())]
    assert kinds.count(Epoch) == 4
    assert kinds.count(Checkpoint) == 4


@pytest.mark.parametrize("every", [0, 5])
def test_going_on_from_any_checkpoint_is_exact(every):
    settings = Settings(**{**vars(SETTINGS), "checkpoint_every": every})
    whole, saved = new_model(), {}
    for event in train(whole, make_rows(), LOSS, settings, PLACE):
        if isinstance(event, Checkpoint):
            saved[event.step] = {name: value.clone() for name, value in event.state.items()}
    for step in list(saved)[:-1]:
        again = new_model()
        run(again, make_rows(), settings, state=saved[step])
        assert same(weights(whole), weights(again)), step


def test_stop_saves_and_ends():
    requests = iter([[], [], [{"request": "stop"}]])
    events = run(new_model(), make_rows(), control=lambda step: next(requests, []))
    assert isinstance(events[-1], Stopped)
    assert isinstance(events[-2], Checkpoint)
    assert events[-1].step == 2


def test_pause_waits_for_continue():
    requests = iter([[{"request": "pause"}], [], [{"request": "continue"}]])
    events = run(new_model(), make_rows(), control=lambda step: next(requests, []))
    assert [type(event) for event in events[:2]] == [Paused, Continued]
    assert isinstance(events[-1], Finished)


def test_stop_ends_a_pause():
    requests = iter([[{"request": "pause"}], [{"request": "stop"}]])
    assert isinstance(run(new_model(), make_rows(), control=lambda step: next(requests, []))[-1], Stopped)


def test_the_rate_can_be_changed():
    requests = iter([[{"request": "learning_rate", "value": 0.001}]])
    events = run(new_model(), make_rows(), control=lambda step: next(requests, []))
    assert isinstance(events[0], Changed)
    assert max(event.learning_rate for event in events if isinstance(event, Step)) <= 0.001


def test_a_changed_rate_outlives_a_resume():
    requests = iter([[{"request": "learning_rate", "value": 0.001}]])
    settings = Settings(**{**vars(SETTINGS), "checkpoint_every": 5})
    whole, again = new_model(), new_model()
    saved = None
    for event in train(whole, make_rows(), LOSS, settings, PLACE, control=lambda step: next(requests, [])):
        if isinstance(event, Checkpoint) and saved is None:
            saved = {name: value.clone() for name, value in event.state.items()}
    run(again, make_rows(), settings, state=saved)
    assert same(weights(whole), weights(again))


def test_one_row_of_nan_does_not_spoil_the_weights():
    model = new_model()
    settings = Settings(epochs=1, batch_size=16, log_every=100)
    nan = make_rows(nan=True)
    before = [p.clone() for p in model.parameters()]
    (step,) = [event for event in run(model, nan, settings) if isinstance(event, Step)]
    assert step.skipped == 1
    assert all(torch.isfinite(p).all() for p in model.parameters())
    assert any(not torch.equal(p, q) for p, q in zip(before, model.parameters(), strict=True))
    assert all(torch.isfinite(buffer).all() for buffer in model.buffers())


def test_only_nan_is_an_error_that_says_what_to_do():
    rows = make_rows()
    rows._features[:] = float("nan")
    with pytest.raises(FtkitError, match=r"loss has not been finite for \d+ steps.*learning_rate"):
        run(new_model(), rows, Settings(epochs=10, batch_size=16, log_every=1))


def test_a_checkpoint_of_another_model_is_refused():
    state = next(e for e in run(new_model(), make_rows()) if isinstance(e, Checkpoint)).state
    other = build_model("mlp", outputs=3, features=5).model
    with pytest.raises(FtkitError, match="another model"):
        run(other, make_rows(), state=state)


def test_weights_equal_a_hand_written_loop():
    """The loop adds nothing to plain torch: same order, same rates, same updates."""
    from ftkit.training.optimizer import make_optimizer
    from ftkit.training.plan import plan
    from ftkit.training.schedule import learning_rate

    rows, ours, plain = make_rows(), new_model(dropout=0.0), new_model(dropout=0.0)
    run(ours, rows)
    optimizer, step = make_optimizer(plain, SETTINGS), 0
    for epoch in range(SETTINGS.epochs):
        for positions in plan(rows.keys, SETTINGS.batch_size, epoch, SETTINGS.seed):
            plain.train()
            inputs, labels = rows.batch(positions, epoch)
            nn.functional.cross_entropy(plain(inputs).logits, labels).backward()
            nn.utils.clip_grad_norm_(plain.parameters(), SETTINGS.clip_norm)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, 28, SETTINGS)
            optimizer.step()
            optimizer.zero_grad()
            step += 1
    assert same(weights(ours), weights(plain))


def test_l1_shrinks_the_weights():
    plain, lasso = new_model(), new_model()
    run(plain, make_rows())
    run(lasso, make_rows(), Settings(**{**vars(SETTINGS), "l1": 0.01}))
    assert sum(p.abs().sum() for p in lasso.parameters()) < sum(p.abs().sum() for p in plain.parameters())


def test_layers_learn_from_the_top_with_the_epochs():
    model, still = new_model(), []
    before = {name: p.clone() for name, p in model.named_parameters()}
    settings = Settings(epochs=3, batch_size=16, learning_rate=0.01, unfreeze_every=1)
    for event in train(model, make_rows(), LOSS, settings, PLACE):
        if isinstance(event, Epoch):
            kept = [name for name, p in model.named_parameters() if torch.equal(p, before[name])]
            still.append(sorted({name.rsplit(".", 1)[0] for name in kept}))
    assert still == [
        ["mlp.0", "mlp.1", "mlp.4", "mlp.5", "wide"],
        ["mlp.0", "mlp.1", "mlp.4"],
        ["mlp.0", "mlp.1"],
    ]


def test_a_parameter_that_is_not_used_does_not_shift_the_blame():
    class Spare(nn.Module):
        def __init__(self):
            super().__init__()
            self.spare, self.used = nn.Linear(5, 5), nn.Linear(5, 2)

        def forward(self, inputs):
            self.logits = self.used(inputs)
            return self

    faults = [event for event in run(Spare(), make_rows(nan=True)) if isinstance(event, NotFinite)]
    assert faults
    assert {fault.layer.split(".")[0] for fault in faults} == {"used"}
