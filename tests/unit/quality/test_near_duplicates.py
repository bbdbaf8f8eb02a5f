from __future__ import annotations

import csv
import gzip
import shutil

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.inspection import _run
from ftkit.quality.minhash import Pairs, jaccard, similar_texts
from ftkit.quality.near_duplicates import keep_one
from ftkit.quality.near_images import similar_images
from ftkit.quality.shingles import shingle

LONG = "The cat sat on the mat, and the dog, who was not asked, looked on from the other side of the door"
CHINESE = "这家店的牛肉面味道非常好，送餐的小哥也很热情，下次还会再来点一份，推荐给大家"


def found(view, code: str):
    result, findings = _run(CHECKS[code], Evidence(view))
    assert result.outcome in ("finding", "passed"), result.reason
    return findings


def sentences(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    words = ["".join(map(chr, rng.integers(97, 123, rng.integers(3, 9)))) for _ in range(2000)]
    return [" ".join(rng.choice(words, 18)) for _ in range(n)]


@pytest.mark.parametrize(
    "other",
    [
        LONG.upper(),
        LONG.replace(",", " ;") + "!!",
        LONG.replace("asked", "invited"),
        LONG.replace(" ", "  "),
        f" {LONG}",
    ],
)
def test_small_changes_are_found(other):
    pairs = similar_texts([*sentences(30), LONG, other])
    assert list(zip(pairs.first, pairs.second, strict=True)) == [(30, 31)]


@pytest.mark.parametrize(
    "other", [CHINESE.replace("，", " "), CHINESE.replace("热情", "客气"), CHINESE.replace("好", "棒")]
)
def test_chinese(other):
    pairs = similar_texts([CHINESE, "外卖送得太慢了，等了两个小时才到，饭都凉了，再也不会点了", other])
    assert list(zip(pairs.first, pairs.second, strict=True)) == [(0, 2)]


@pytest.mark.parametrize(
    ("one", "other"), [("配送员很棒！", "配送员很好"), ("What is a cat?", "What is a rat?"), ("", "!"), ("a", "b")]
)
def test_short_texts_are_not_similar_by_chance(one, other):
    assert not len(similar_texts([one, other]))


def test_every_pair_is_as_similar_as_it_says():
    texts = sentences(200)
    texts += [" ".join(text.split()[:-3]) for text in texts[:50]]
    pairs = similar_texts(texts)
    by_hand = []
    for i, j in zip(pairs.first, pairs.second, strict=True):
        one, two = (set(shingle([texts[row]]).hashes.tolist()) for row in (i, j))
        by_hand.append(len(one & two) / len(one | two))
    assert len(pairs) >= 48
    np.testing.assert_allclose(pairs.score, by_hand)
    assert jaccard(["abcdefgh"], np.array([[0, 0]])).tolist() == [1.0]


def test_blocks_do_not_matter(monkeypatch):
    texts = [*sentences(40), LONG, LONG + ".", "x" * 5000, ""]
    one = similar_texts(texts)
    monkeypatch.setattr("ftkit.quality.shingles.BLOCK", 100)
    two = similar_texts(texts)
    assert one.first.tolist() == two.first.tolist() == [40]


def test_many_equal_texts_are_one_star():
    pairs = similar_texts([LONG] * 300 + [LONG + " now"])
    assert set(pairs.first.tolist()) == {0}
    assert len(pairs) == 300


def test_no_chains():
    rows = np.arange(9)
    clusters = keep_one(Pairs(rows, rows + 1, np.ones(9)), np.array([f"r{i}" for i in range(10)]))
    assert (np.abs(clusters.copies - clusters.kept) == 1).all()
    assert not set(clusters.kept) & set(clusters.copies)


def test_all_but_one_is_listed_and_exact_copies_are_not():
    texts = [*sentences(40), LONG, LONG.upper(), LONG + "!", LONG]
    view = ft.read({"text": texts, "y": ["a", "b"] * 22})
    finding = found(view, "DUP201")[0]
    assert "2 texts are nearly the same as another (1 set)" in finding.message
    assert finding.suggest == {"op": "drop", "because": "DUP201"}
    assert len(finding.rows) == len(finding.scores) == 2


def test_other_columns_must_agree():
    rows = {"text": [*sentences(20), LONG, LONG + "!"], "page": [*range(21), 99], "y": ["a", "b"] * 11}
    assert not found(ft.read(rows, target="y", text="text"), "DUP201")
    rows["page"] = [*range(20), 7, 7]
    assert len(found(ft.read(rows, target="y", text="text"), "DUP201")) == 1


def test_clean_texts_pass():
    assert not found(ft.read({"text": sentences(400), "y": ["a", "b"] * 200}), "DUP201")


def test_order_of_texts_does_not_matter():
    texts = [*sentences(60), *(f"{text} again" for text in sentences(20))]
    view = ft.read({"id": [f"t{i}" for i in range(80)], "text": texts, "y": ["a", "b"] * 40}, id="id")
    turned = view.select(np.random.default_rng(0).permutation(80))
    assert sorted(found(view, "DUP201")[0].rows) == sorted(found(turned, "DUP201")[0].rows)


@pytest.fixture
def pictures(tmp_path):
    """Forty pictures: blobs and bars in colours."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    for kind in "ab":
        (folder / kind).mkdir(parents=True)
    for i in range(40):
        small = rng.integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(small).resize((96, 96), Image.Resampling.BICUBIC).save(folder / "ab"[i % 2] / f"{i:02d}.png")
    return folder


CHANGES = {
    "encoded": lambda image: image,
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "smaller": lambda image: image.resize((50, 50)),
    "shifted": lambda image: image.transform(image.size, Image.Transform.AFFINE, (1, 0, 4, 0, 1, 3)),
    "darker": lambda image: image.point(lambda value: value * 0.6),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_pictures_are_found(pictures, change):
    with Image.open(pictures / "a" / "04.png") as image:
        CHANGES[change](image.convert("RGB")).save(pictures / "a" / "99.jpg", quality=60)
    finding = found(ft.read(pictures), "DUP202")[0]
    assert set(finding.rows) <= {"a/04.png", "a/99.jpg"}
    assert len(finding.rows) == 1


def test_clean_pictures_pass(pictures):
    (pictures / "a" / "empty.png").write_bytes(b"")
    (pictures / "b" / "empty.png").write_bytes(b"")
    assert not found(ft.read(pictures), "DUP202")


def test_exact_copies_of_pictures_are_left_to_the_other_check(pictures):
    shutil.copy(pictures / "a" / "04.png", pictures / "a" / "copy.png")
    assert not found(ft.read(pictures), "DUP202")


def test_collections_that_look_alike_are_not_duplicates():
    assert not len(similar_images(ft.read("digits").pixels((32, 32))[0]))


def test_known_sets(shared, tmp_path):
    sms = ft.read(shared / "text-sms-spam" / "sms.tsv.gz", target="column_1", text="column_2")
    assert len(found(sms, "DUP101")[0].rows) == 403
    waimai = ft.read(shared / "text-zh-waimai" / "waimai_10k.csv.gz")
    assert "(7 sets)" in found(waimai, "DUP102")[0].message
    parts = {}
    for part in ("train", "test"):
        packed = (shared / "text-trec" / f"TREC.{part}.gz").read_bytes()
        lines = gzip.decompress(packed).decode("latin-1").splitlines()
        parts[part] = {"text": [line.split(" ", 1)[1] for line in lines], "y": [line.split(":")[0] for line in lines]}
    trec = ft.read(parts["train"], target="y", text="text", test=parts["test"])
    assert found(trec, "SPL101")[0].message.startswith("10 of 500")


def test_pictures_of_cifar(shared):
    """A tenth of the test images and 91 listed near-duplicates of them, in test and train."""
    folder = shared / "images-cifar10"
    listed, offset = [], 0
    for name, most in (("duplicates_test_test.csv", 30), ("duplicates_test_train.csv", 61)):
        with (folder / name).open(newline="") as file:
            near = [
                (int(r["TestID"]), int(r["TrainID"]) + offset) for r in csv.DictReader(file) if r["Judgment"] in "01"
            ]
        listed, offset = listed + near[:most], 10_000
    rows = np.unique(np.concatenate([np.ravel(listed), np.arange(1000)]))
    parts = (("test", rows[rows < 10_000]), ("train", rows[rows >= 10_000] - 10_000))
    pixels = np.concatenate([ft.read(folder / f"{n}.parquet").pixels((32, 32), positions=at)[0] for n, at in parts])
    pairs = similar_images(pixels)
    hits = {(int(rows[i]), int(rows[j])) for i, j in zip(pairs.first, pairs.second, strict=True)}
    assert np.mean([(min(pair), max(pair)) in hits for pair in listed]) >= 0.75
    assert len(hits) < 130


@pytest.mark.parametrize("space", [" ", ""])
def test_a_tenth_of_the_words_changed(space):
    """Words of letters, or of Chinese characters without spaces: 3,000 texts, one in twenty with a copy."""
    rng = np.random.default_rng(0)
    low, high, length = (97, 123, (3, 10)) if space else (0x4E00, 0x5FFF, (1, 4))
    book = np.array(["".join(map(chr, rng.integers(low, high, rng.integers(*length)))) for _ in range(5000)])
    texts = [rng.choice(book, rng.integers(20, 40)) for _ in range(3000)]
    copies = rng.choice(3000, 150, replace=False)
    for row in copies:
        words = texts[row].copy()
        words[rng.choice(len(words), len(words) // 10, replace=False)] = rng.choice(book, len(words) // 10)
        texts.append(words)
    pairs = similar_texts([space.join(words) for words in texts])
    hits = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    truth = {(int(row), 3000 + i) for i, row in enumerate(copies)}
    assert len(hits & truth) >= 0.95 * len(truth)
    assert hits <= truth
