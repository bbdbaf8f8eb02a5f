"""The augment panel, told as gestures: on a bare page with the real Python object, and in one JupyterLab story."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hostile import HOSTILE

import ftkit as ft
from ftkit.augment import step_name
from ftkit.recipe.strict_yaml import load_yaml_file


@pytest.fixture
def opened(bare, tmp_path):
    def go(rows, *steps, **context):
        path = tmp_path / "recipe.yaml"
        if steps:
            path.write_text(f"# 我的配方\nversion: 1\ndata: digits\naugment: {json.dumps(list(steps))}\nseed: 7\n")
        seen = bare(ft.AugmentPanel(rows, path), **context)
        seen.page.wait_for_selector("[data-test=augment-panel]")
        seen.path = path
        return seen

    return go


def written(seen, *wanted):
    """Wait until the recipe's steps are these, by name and one parameter."""
    seen.page.wait_for_timeout(100)
    for _ in range(100):
        found = load_yaml_file(seen.path).get("augment", []) if seen.path.exists() else []
        if [next(iter(step)) for step in found] == list(wanted):
            return [next(iter(step.values())) for step in found]
        seen.page.wait_for_timeout(100)
    raise AssertionError(f"{found} is not {wanted}")


def pictures(seen):
    return seen.page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('[data-test=preview] img')].map(async (image) => {
          const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
          return [...bytes].reduce((sum, byte, at) => (sum + byte * (at % 251)) % 1000003, 0); }))"""
    )


def look(seen, count=20):
    seen.page.wait_for_function(f"() => document.querySelectorAll('[data-test=preview] img').length >= {count}")
    seen.page.wait_for_timeout(300)
    return pictures(seen)


def step(seen, name):
    return seen.page.locator(f"[data-test=step][data-name={name}]")


def test_a_step_is_added_moved_by_its_slider_and_taken_back(opened):
    seen = opened(ft.read("digits"))
    assert not seen.path.exists()
    seen.find("new-step").select_option("rotate")
    seen.find("add").click()
    assert written(seen, "rotate") == [{"degrees": 15.0, "p": 1.0}]
    before = look(seen)
    slider = step(seen, "rotate").locator("[data-test=field-degrees]")
    slider.evaluate("(box) => { box.value = 60; box.dispatchEvent(new Event('input')); }")
    seen.page.wait_for_timeout(600)
    assert look(seen)[1:4] != before[1:4]  # seen at once, while nothing is written
    assert written(seen, "rotate")[0]["degrees"] == 15.0
    slider.evaluate("(box) => box.dispatchEvent(new Event('change'))")
    seen.page.wait_for_function("() => !document.querySelector('[data-test=undo]').disabled")
    seen.page.wait_for_timeout(200)
    assert written(seen, "rotate")[0]["degrees"] == 60.0
    assert "ft.augment.Rotate(degrees=60.0, p=1.0)" in seen.panel.code()
    seen.find("undo").click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=field-degrees]').value === '15'")
    seen.find("redo").click()
    seen.page.wait_for_function("() => document.querySelector('[data-test=field-degrees]').value === '60'")
    assert written(seen, "rotate")[0]["degrees"] == 60.0
    assert seen.complaints == []


def test_steps_are_switched_moved_and_removed_and_the_rest_of_the_file_stays(opened):
    seen = opened(ft.read("digits"), {"rotate": {"degrees": 5}}, "noise", "flip")
    step(seen, "noise").locator("[data-test=on]").uncheck()
    written(seen, "rotate", "flip")
    step(seen, "noise").locator("[data-test=on]").check()
    written(seen, "rotate", "noise", "flip")
    step(seen, "flip").locator("[data-test=step-up]").click()
    written(seen, "rotate", "flip", "noise")
    step(seen, "rotate").locator("[data-test=step-remove]").click()
    written(seen, "flip", "noise")
    step(seen, "flip").locator("[data-test=field-direction]").select_option("vertical")
    seen.page.wait_for_timeout(300)
    assert written(seen, "flip", "noise")[0]["direction"] == "vertical"
    text = seen.path.read_text()
    assert text.startswith("# 我的配方\nversion: 1\ndata: digits\naugment:")
    assert text.endswith("seed: 7\n")


def test_another_draw_and_other_rows_change_what_is_seen(opened):
    seen = opened(ft.read("digits"), {"rotate": {"degrees": 40}})
    first = look(seen)
    seen.find("draw").click()
    seen.page.wait_for_timeout(800)
    second = look(seen)
    assert first[0] == second[0]
    assert first[1:5] != second[1:5]
    assert "seed 4" in seen.find("preview").inner_text()
    seen.find("otherRows").click()
    seen.page.wait_for_timeout(800)
    assert look(seen)[0] != second[0]


def test_how_far_rows_move_is_measured(opened):
    seen = opened(ft.read("iris"), {"jitter": {"std": 0.3}})
    seen.page.wait_for_selector("[data-test=far] svg", timeout=60_000)
    assert "lie farther from the data" in seen.find("far").inner_text()


def test_steps_are_suggested_with_their_verdicts_and_used(opened):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    view = ft.read({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": np.where(x[:, 0] > 0, "up", "down")}, target="y")
    seen = opened(view)
    seen.find("suggest").click()
    seen.page.wait_for_selector("[data-test=trial]", timeout=60_000)
    said = seen.find("suggest-said").inner_text()
    assert seen.find("trial").count() >= 2
    seen.find("trial").first.locator("[data-test=add-trial]").click()
    written(seen, seen.find("trial").first.locator("b").inner_text().rsplit(" ", 1)[0].replace(" ", "_"))
    if "are suggested" in said:
        seen.find("useSuggested").click()
        written(seen, *[step_name(one) for one in seen.panel._trials.result])
    assert "agreement" in seen.panel.twin().text()


def test_trials_say_how_far_they_are_and_end_when_asked(opened):
    import threading

    from ftkit.panels import augment

    go, tells = threading.Event(), []

    def slow(view, tell):
        for at in range(1000):
            tell(at, 1000)
            tells.append(at)
            go.wait(0.05)

    before, augment.suggest_augmentation = augment.suggest_augmentation, slow
    try:
        seen = opened(ft.read("iris"))
        seen.find("suggest").click()
        seen.page.wait_for_function(
            "() => /Tried [1-9]\\d* of 1000/.test(document.querySelector('[data-test=suggest-said]').textContent)"
        )
        seen.find("new-step").select_option("jitter")
        seen.find("add").click()
        written(seen, "jitter")  # the panel answers all the while
        seen.find("stop").click()
        seen.page.wait_for_function(
            "() => document.querySelector('[data-test=suggest-said]').textContent === 'Stopped.'"
        )
        assert len(tells) < 1000
        assert not seen.find("suggest").is_disabled()
    finally:
        augment.suggest_augmentation = before


def test_texts_show_what_was_taken_out_and_put_in(opened):
    view = ft.read({"text": [f"这家店的菜真好吃 {i} please come again" for i in range(20)], "label": ["a", "b"] * 10}, target="label", task="text-classification")  # fmt: skip
    seen = opened(view, {"random_deletion": {"rate": 0.5}})
    seen.page.wait_for_selector("[data-test=preview] del")
    assert "[-" not in seen.page.locator("[data-test=preview] tbody").first.inner_text()


def test_a_number_out_of_range_is_told_and_not_written(opened):
    seen = opened(ft.read("digits"), {"rotate": {"degrees": 5}})
    box = step(seen, "rotate").locator("[data-test=field-degrees-value]")
    for wrong in ("999", "-3", ""):
        box.fill(wrong)
        box.press("Enter")
        assert box.get_attribute("aria-invalid") == "true"
    assert written(seen, "rotate")[0]["degrees"] == 5
    box.fill("33.5")
    box.press("Enter")
    seen.page.wait_for_timeout(500)
    assert written(seen, "rotate")[0]["degrees"] == 33.5


def test_an_error_is_shown_and_nothing_is_written(opened):
    seen = opened(ft.read("digits"))
    seen.path.mkdir()
    seen.find("add").click()
    seen.page.wait_for_selector("[data-test=said][data-fault]")
    assert "recipe.yaml" in seen.find("said").inner_text()


def test_the_keyboard_is_enough(opened):
    seen = opened(ft.read("digits"))
    keys = seen.page.keyboard
    for _ in range(5):
        keys.press("Tab")
        if seen.page.evaluate("document.activeElement.dataset.test") == "new-step":
            break
    keys.type("noise")
    keys.press("Tab")
    keys.press("Enter")
    written(seen, "noise")
    assert seen.page.evaluate("document.activeElement.dataset.test") == "on"
    keys.press("Space")
    written(seen)
    keys.press("Space")
    written(seen, "noise")
    step(seen, "noise").locator("[data-test=field-std]").focus()
    keys.press("End")
    seen.page.wait_for_timeout(500)
    assert written(seen, "noise")[0]["std"] == 1.0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000])
def test_it_is_accessible_and_fits(opened, scheme, width):
    seen = opened(ft.read("digits"), "rotate", "flip", {"resample": {}}, color_scheme=scheme, width=width)
    look(seen)
    seen.page.wait_for_selector("[data-test=far] svg", timeout=60_000)
    assert [v for v in seen.violations() if v[0] != "page-has-heading-one"] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width + 40


def test_hostile_texts_are_seen_and_do_nothing(opened):
    texts = [text[:200] for text in HOSTILE]
    view = ft.read({"text": texts, "id": texts, "label": ["a", HOSTILE[1]] * 9}, target="label", id="id", task="text-classification")  # fmt: skip
    seen = opened(view, {"random_swap": {"rate": 0.01}})
    shown = ""
    for _ in range(12):
        seen.find("otherRows").click()
        seen.page.wait_for_timeout(250)
        shown += seen.find("preview").inner_text()
    for text in (HOSTILE[0], HOSTILE[5], HOSTILE[9], "a\\u202eb", "__proto__"):
        assert text in shown
    assert seen.page.evaluate("window.hurt") is None
    assert seen.page.locator("main script, main img, main style, main svg[onload]").count() == 0
    assert seen.complaints == []


def test_two_panels_of_one_recipe_stay_in_step(opened, bare, tmp_path):
    view = ft.read("digits")
    seen = opened(view, "noise")
    other = ft.AugmentPanel(view, tmp_path / "recipe.yaml")
    other._answer({"ask": "write", "args": {"steps": [{"name": "flip", "parameters": {}}]}})
    assert seen.panel.written == 1
    seen.page.evaluate("() => { window.model.set('written', 1); }")
    seen.page.wait_for_selector("[data-test=step][data-name=flip]")


def test_the_language_is_that_of_the_page(opened):
    seen = opened(ft.read("digits"), language="zh-CN")
    assert seen.find("suggest").inner_text() == "建议步骤"


@pytest.mark.e2e
def test_a_story_in_jupyterlab(lab, page):
    """A step is added in a notebook, its slider moved, the recipe written and trained by; the notebook stays small."""
    cells = [
        "import ftkit as ft\npanel = ft.AugmentPanel(ft.read('digits'), 'augment.yaml')\npanel",
        "print(panel.code())",
    ]
    lab.write("augment.ipynb", *cells)
    lab.open(page, "augment.ipynb")
    lab.run(page)
    page.wait_for_selector("[data-test=augment-panel]", timeout=90_000)
    page.locator("[data-test=new-step]").select_option("rotate")
    page.locator("[data-test=add]").click()
    page.wait_for_selector("[data-test=preview] img", timeout=60_000)
    page.locator("[data-test=field-degrees-value]").fill("7")
    page.locator("[data-test=field-degrees-value]").press("Enter")
    page.wait_for_function("() => document.querySelector('[data-test=field-degrees]').value === '7'")
    page.wait_for_timeout(1500)
    lab.save(page)
    page.wait_for_timeout(1000)
    recipe = ft.recipe.read_recipe(lab.root / "augment.yaml")
    assert recipe.augment == [{"rotate": {"degrees": 7.0, "p": 1.0}}]
    assert recipe.data.path == "digits"
    assert page.complaints == []
    assert page.get_by_text("Error displaying widget").count() == 0
    book = json.loads((lab.root / "augment.ipynb").read_text())
    assert "widgets" not in book["metadata"]
    assert (lab.root / "augment.ipynb").stat().st_size < 100_000
