from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.models import keep_vectors
from ftkit.quality.evidence import Evidence
from ftkit.quality.projection import project
from ftkit.quality.vectors import Vectors, kind_of

STORIES = [f"a story about a {animal} that {verb} far away" for animal in ("cat", "dog", "fox") for verb in "abcdefgh"]


def vectors(source, model: str | None = None, **options) -> Vectors:
    return Evidence(ft.read(source, **options), model).vectors


def lengths(found: Vectors) -> np.ndarray:
    return np.linalg.norm(found.values, axis=1)


def test_texts_that_say_the_same_are_alike():
    texts = [*STORIES, STORIES[3].upper() + "!", "这家店的味道不错，下次还来", "这家店味道不错，下次还会来"]
    x = vectors({"text": texts, "y": ["a", "b"] * 13 + ["a"]}).values
    assert x.dtype == np.float32
    assert x[3] @ x[24] > 0.99
    assert x[25] @ x[26] > 0.7 > x[25] @ x[0] + 0.5


def test_unit_length_and_zeros_for_what_says_nothing():
    found = vectors({"text": [*STORIES, "", "!!"], "y": ["a", "b"] * 13})
    np.testing.assert_allclose(lengths(found)[:24], 1, atol=1e-5)
    assert lengths(found)[24:].tolist() == [0, 0]
    assert "no pre-trained model" in found.source


def test_images(photos):
    (photos / "dog" / "00.png").write_bytes(b"")
    found = vectors(photos)
    assert sorted(lengths(found).round(4).tolist()) == [0.0] + [1.0] * 23


def test_tables_keep_distances():
    x = [*range(50), 10_000]
    found = vectors({"x": x, "z": x[::-1], "c": ["a", "b", "c"] * 17, "y": ["u", "v", "w"] * 17}, target="y").values
    assert found[10] @ found[13] > found[10] @ found[40]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_order_does_not_matter():
    view = ft.read("digits")[:300]
    turned = np.random.default_rng(0).permutation(300)
    one, two = (Evidence(v).vectors.values for v in (view, view.select(turned)))
    np.testing.assert_allclose((one @ one.T)[np.ix_(turned, turned)], two @ two.T, atol=1e-3)


def test_kinds():
    assert kind_of(ft.read("iris")) == "table"
    assert kind_of(ft.read("digits")) == "image"
    assert kind_of(ft.read({"t": STORIES, "y": ["a", "b"] * 12})) == "text"


def test_an_unknown_model_is_named():
    with pytest.raises(ft.DataError, match="model '/no/such' cannot be loaded"):
        vectors({"text": STORIES, "y": ["a", "b"] * 12}, "/no/such")


def save_text_model(folder: Path) -> str:
    """A tiny BERT with random weights."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    words = sorted({word for story in STORIES for word in story.split()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    torch.manual_seed(0)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=40, **sizes)).save_pretrained(folder)
    return str(folder)


def test_a_text_model_pools_without_padding(tmp_path):
    from ftkit.models import embed_texts

    model = save_text_model(tmp_path)
    texts = ["a story", *STORIES, "", "a"]
    together = embed_texts(texts, model)
    alone = np.concatenate([embed_texts([text], model) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(embed_texts(texts, model, tokens=8), alone, atol=1e-5)
    found = vectors({"text": STORIES, "y": ["a", "b"] * 12}, model)
    assert found.values.shape == (24, 16)
    assert found.source == f"pre-trained model {model}"


def test_an_image_model(photos, tmp_path):
    from transformers import ResNetConfig, ResNetModel

    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic", image_size=32)
    ResNetModel(config).save_pretrained(tmp_path / "model")
    found = vectors(photos, str(tmp_path / "model"))
    assert found.values.shape == (24, 12)
    np.testing.assert_allclose(lengths(found), 1, atol=1e-5)


def test_map_keeps_groups_apart():
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((3, 20)).astype(np.float32)
    x = np.repeat(centres, 40, axis=0) + 0.3 * rng.standard_normal((120, 20), dtype=np.float32)
    places = project(x / np.linalg.norm(x, axis=1, keepdims=True))
    middles = places.reshape(3, 40, 2).mean(axis=1)
    nearest = np.linalg.norm(places[:, None] - middles, axis=2).argmin(axis=1)
    assert (places.dtype, places.shape) == (np.float32, (120, 2))
    assert (nearest == np.repeat([0, 1, 2], 40)).mean() > 0.97


def test_vectors_of_ones_own_are_looked_at():
    own = np.random.default_rng(0).standard_normal((24, 5))
    view = ft.read({"text": STORIES, "y": ["a", "b"] * 12})
    found = ft.inspect(view, vectors=own)
    assert not [check for check in found.checks if check.outcome == "failed"]
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    np.testing.assert_allclose(Evidence(view, embedded=own.astype(np.float32)).vectors.values, own, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "spoilt", "said"), [((23, 5), 0, "(23, 5)"), ((24,), 0, "(24,)"), ((24, 5), 7, "number 7")]
)
def test_vectors_that_do_not_fit_are_said(shape, spoilt, said):
    own = np.ones(shape)
    if spoilt:
        own[spoilt, 0] = np.nan
    with pytest.raises(DataError, match=re.escape(said)):
        ft.inspect({"text": STORIES, "y": ["a", "b"] * 12}, vectors=own)


@pytest.fixture
def counted(monkeypatch):
    """How many rows each call of the embedders was given."""
    import ftkit.models.embed as embed

    given: list[int] = []
    texts, images = embed.embed_texts, embed.embed_images
    monkeypatch.setattr(
        "ftkit.models.embed.embed_texts", lambda rows, *args: given.append(len(rows)) or texts(rows, *args)
    )
    monkeypatch.setattr(
        "ftkit.models.embed.embed_images", lambda read, rows, *args: given.append(rows) or images(read, rows, *args)
    )
    return given


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vectors"


def test_a_second_inspection_does_not_embed_again(tmp_path, counted, cache):
    (tmp_path / "model").mkdir()
    model = save_text_model(tmp_path / "model")
    rows = {"text": STORIES, "y": ["a", "b"] * 12}
    first = Evidence(ft.read(rows), model).vectors
    assert counted == [24]
    assert (Evidence(ft.read(rows), model).vectors.values == first.values).all()
    ft.inspect(rows, model=model)
    ft.inspect({**rows, "y": ["b", "a"] * 12}, model=model)  # other labels, the same texts
    assert counted == [24]
    more = {"text": [*STORIES[::-1], "a cat", "a cat"], "y": ["a", "b"] * 13}
    again = Evidence(ft.read(more), model).vectors.values
    assert counted == [24, 1]
    np.testing.assert_allclose(again[:24], first.values[::-1], atol=1e-6)
    assert {path.suffix for path in cache.iterdir()} == {".safetensors"}


def test_another_model_or_a_spoilt_file_embeds_again(tmp_path, counted, cache):
    (tmp_path / "model").mkdir()
    model = save_text_model(tmp_path / "model")
    view = ft.read({"text": STORIES, "y": ["a", "b"] * 12})
    first = Evidence(view, model).vectors.values
    os.utime(tmp_path / "model" / "model.safetensors", ns=(1, 1))
    assert (Evidence(view, model).vectors.values == first).all()
    assert counted == [24, 24]
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:20])
    assert (Evidence(view, model).vectors.values == first).all()
    assert counted == [24, 24, 24]


def test_images_are_embedded_once(photos, tmp_path, counted, cache):
    from transformers import ResNetConfig, ResNetModel

    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic", image_size=32)
    ResNetModel(config).save_pretrained(tmp_path / "model")
    first, second = (Evidence(ft.read(photos), str(tmp_path / "model")).vectors.values for _ in range(2))
    assert counted == [24]
    assert (first == second).all()


def test_the_cache_is_bounded(tmp_path, monkeypatch, cache):
    monkeypatch.setenv("FTKIT_CACHE_GB", "0.000003")
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    for i in range(5):
        keep_vectors(np.array([i], np.uint64), str(model), lambda at: np.ones((len(at), 250), np.float32))
        os.utime(max(cache.iterdir(), key=lambda path: path.stat().st_mtime_ns), (i, i))
    assert sum(path.stat().st_size for path in cache.iterdir()) <= 3000


def test_map_of_digits_shows_more_classes_than_its_components():
    view = ft.read("digits")[:900]
    evidence = Evidence(view)
    shown, plain = evidence.map, project(evidence.vectors.values, refine=False)
    assert (shown == Evidence(view).map).all()
    assert right_by_neighbours(shown, view.labels) > right_by_neighbours(plain, view.labels) + 0.15


def right_by_neighbours(places: np.ndarray, labels: np.ndarray) -> float:
    """The share of rows whose ten nearest on the map mostly have their label."""
    apart = ((places[:, None] - places) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    near = labels[np.argsort(apart, axis=1)[:, :10]]
    return float(np.mean([np.bincount(row).argmax() for row in near] == labels))
