import json

import numpy as np
import pytest

import ftkit as ft
from ftkit.data.columnar import to_parquet
from ftkit.quality.finding import Finding
from ftkit.runs.files import write_bytes

CLASSES = ("a", "b", "锈")


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """Rows with a bad slice and wrong labels, and a run that was judged on them."""
    draw, n = np.random.default_rng(0), 600
    truth = draw.integers(0, 3, n)
    noisy = draw.random(n) < 0.1
    labels = np.where(noisy, (truth + 1) % 3, truth)
    kind = draw.choice(["old", "new"], n)
    missed = (draw.random(n) < np.where(kind == "old", 0.35, 0.03)) & ~noisy
    predicted = np.where(missed, (truth + 2) % 3, truth)
    p = np.full((n, 3), 0.1)
    p[np.arange(n), predicted] = 0.8
    names = np.array(CLASSES, object)
    ids = np.array([f"r{i:03}" for i in range(n)])
    view = ft.read(
        {"id": ids.tolist(), "kind": kind.tolist(), "x": draw.normal(size=n).tolist(), "y": names[labels].tolist()},
        target="y",
        id="id",
    )
    folder = tmp_path_factory.mktemp("runs") / "run"
    folder.mkdir()
    columns = {"row_id": ids.astype(object), "split": np.full(n, "test", object), "label": names[labels]}
    columns |= {"prediction": names[predicted], **{f"p_{c}": p[:, k] for k, c in enumerate(CLASSES)}}
    write_bytes(folder / "predictions.parquet", to_parquet(columns))
    (folder / "recipe.yaml").write_text("version: 1\ntask: tabular-classification\n")
    inspection = ft.inspect(view)
    findings = [Finding("LAB201", "label errors", "warning", "", ids[noisy].tolist(), [1.0] * int(noisy.sum()))]
    object.__setattr__(inspection, "findings", findings)
    return ft.Run(folder), view, inspection, (labels, predicted, noisy, ids)


@pytest.fixture(scope="module")
def found(case):
    return ft.failures(case[0], case[1], case[2])


def test_a_cell_opens_its_rows(found, case):
    labels, predicted, _, ids = case[3]
    expected = set(ids[(labels == 1) & (predicted == 0)])
    assert set(found.rows("b", "a")) == expected
    with pytest.raises(ft.DataError, match="class 'A' is not known; one of 'a'"):
        found.rows("A", "b")
    assert sum(len(cell["rows"]) for cell in found.cells()) == 600
    assert set(found.rows("b", "a")) <= set(case[1].ids)


def test_the_bad_slice_is_found(found):
    assert [one.name for one in found.slices] == ["kind = old"]


def test_errors_are_linked_to_findings(found, case):
    labels, predicted, noisy, _ = case[3]
    share = (noisy & (labels != predicted)).sum() / (labels != predicted).sum()
    told = {link.finding: link for link in found.links}
    assert told["label findings"].of_errors == pytest.approx(share)
    assert told["label findings"].sentence().startswith(f"{share:.0%} of the errors are rows with label findings")


def test_top_losses_are_the_highest(found):
    top = found.top(5)
    assert top[0]["loss"] == pytest.approx(-np.log(0.1))
    assert top[0]["true"] != top[0]["predicted"]


def test_it_is_plain_for_panels_and_shows_itself(found):
    assert json.loads(json.dumps(found.to_dict()))["run"] == "run"
    shown = ft.show(found)
    assert "kind = old" in shown.text()
    assert "label findings" in shown.html()


def test_other_rows_are_refused(case):
    with pytest.raises(ft.DataError, match="are not among these rows"):
        ft.failures(case[0], ft.read("iris"))
