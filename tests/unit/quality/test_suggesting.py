"""Which augmentations keep the label."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.augment import Color, Crop, Flip, Grayscale, KeyboardTypos, Noise, RandomInsertion, Rotate, Scale
from ftkit.errors import DataError, RecipeError
from ftkit.quality.suggesting import judged
from ftkit.quality.suggestion import Change, change


@pytest.fixture(scope="module")
def digits():
    return ft.read("digits")


@pytest.fixture(scope="module")
def tried(digits):
    return ft.augment.suggest(digits, [Flip(), Rotate(5), Rotate(180), Scale(), Grayscale()], most=900)


def test_digits_are_not_flipped_nor_turned_upside_down(tried):
    assert tried.trial(Rotate(180)).verdict == "alters"
    assert not tried.trial(Flip()).keeps
    assert Flip() not in tried
    assert Rotate(180) not in tried


def test_small_changes_keep_digits(tried):
    assert tried.trial(Rotate(5)).keeps
    assert tried.trial(Scale()).keeps


def test_what_changes_nothing_is_not_suggested(tried):
    found = tried.trial(Grayscale())
    assert (found.verdict, found.altered) == ("no change", 0.0)
    assert Grayscale() not in tried


def test_a_suggestion_is_what_a_recipe_takes(tried, digits):
    recipe = ft.Recipe(data=digits, augment=tried)
    assert [next(iter(step)) for step in recipe.augment] == [type(step).__name__.lower() for step in tried]


def test_the_same_question_has_the_same_answer(digits):
    again = [ft.augment.suggest(digits, [Noise(0.05)], most=300).trials[0] for _ in range(2)]
    assert again[0] == again[1]


def test_flowers_may_be_flipped_but_not_grey(shared, tmp_path):
    import tarfile

    with tarfile.open(shared / "images-flowers5" / "flowers5.tar") as tar:
        tar.extractall(tmp_path, filter="data")
    found = ft.augment.suggest(ft.read(tmp_path), [Flip(), Grayscale(), Color()])
    assert found.trial(Flip()).verdict == "keeps"
    assert found.trial(Grayscale()).verdict == "alters"


def test_labels_by_side_are_altered_by_a_flip():
    """Pictures whose class is the side that is bright: a planted case with a known answer."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 40, (300, 16, 16), dtype=np.uint8)
    side = rng.integers(0, 2, 300)
    for i, s in enumerate(side):
        pixels[i, 4:12, 8 * s + 2 : 8 * s + 6] += 150
    view = _images(pixels, side)
    found = ft.augment.suggest(view, [Flip(), Flip("vertical"), Noise(0.02)])
    assert [found.trial(step).keeps for step in (Flip(), Flip("vertical"), Noise(0.02))] == [False, True, True]


def test_what_keeps_the_label_but_looks_like_no_row_of_the_data_is_not_suggested(shared):
    """An upside-down shirt is a shirt: with these rows nothing says that it is not, but no row looks like it."""
    clothes = ft.read(shared / "images-fashion-mnist" / "train10k-images-idx3-ubyte.gz")
    rows = np.random.default_rng(3).choice(len(clothes), 1000, replace=False)
    found = ft.augment.suggest(clothes.select(rows), [Flip("vertical"), Crop(0.04)], seed=3)
    upside_down, moved = found.trial(Flip("vertical")), found.trial(Crop(0.04))
    assert (upside_down.keeps, upside_down.foreign) == (True, True)
    assert (moved.keeps, moved.foreign) == (True, False)
    assert moved.told_apart < upside_down.told_apart
    assert list(found) == [Crop(0.04)]


def test_few_rows_are_not_taken_for_certainty():
    nothing = change(np.ones(20), np.ones(20), classes=True)
    assert nothing.value == 0
    assert nothing.low < -0.03
    assert judged(nothing, nothing, 1.0, 0.03, 0.03)[0] == "unclear"


@pytest.mark.parametrize(
    ("agreement", "use", "altered", "verdict"),
    [
        (Change(0, -0.01, 0.01), Change(0.01, -0.01, 0.03), 1.0, "keeps"),
        (Change(0, -0.01, 0.01), Change(-0.01, -0.02, 0.01), 1.0, "keeps"),
        (Change(0, -0.01, 0.01), Change(-0.02, -0.03, -0.01), 1.0, "keeps"),
        (Change(0, -0.01, 0.01), Change(-0.05, -0.07, -0.03), 1.0, "harms"),
        (Change(-0.2, -0.25, -0.15), Change(0.01, 0, 0.02), 1.0, "alters"),
        (Change(-0.02, -0.05, 0.01), Change(0.01, 0, 0.02), 1.0, "unclear"),
        (Change(0, -0.01, 0.01), Change(0, -0.01, 0.01), 0.0, "no change"),
    ],
)
def test_verdicts(agreement, use, altered, verdict):
    assert judged(agreement, use, altered, 0.03, 0.03)[0] == verdict


def test_faults_are_told():
    with pytest.raises(DataError, match="no target"):
        ft.augment.suggest(ft.read({"a": [1.0, 2.0, 3.0]}))
    with pytest.raises(RecipeError, match="changes image rows"):
        ft.augment.suggest(ft.read("iris"), [Flip()])


def _images(pixels, labels):
    import io

    from PIL import Image

    def png(picture):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        return {"bytes": file.getvalue(), "path": None}

    import datasets

    rows = {"image": [png(p) for p in pixels], "label": ["left" if s == 0 else "right" for s in labels]}
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("string")})
    return ft.read(datasets.Dataset.from_dict(rows, features=features))


def test_texts_may_have_marks_put_in_but_not_every_letter_hit():
    rng = np.random.default_rng(0)
    words = {
        "sport": ["match", "goal", "team", "player", "coach", "league"],
        "money": ["bank", "shares", "profit", "market", "loan", "price"],
    }
    plain = ["the", "a", "for", "with", "after", "about", "week", "people", "said", "new"]
    names = ["sport", "money"] * 150
    texts = [" ".join(rng.permutation([*rng.choice(words[n], 2), *rng.choice(plain, 6)])) for n in names]
    view = ft.read({"text": texts, "topic": names}, target="topic", text="text")
    found = ft.augment.suggest(view, [RandomInsertion(0.1), KeyboardTypos(0.9, spare=False)])
    assert found.trial(RandomInsertion(0.1)).keeps
    assert found.trial(KeyboardTypos(0.9, spare=False)).verdict == "alters"
