import subprocess
import sys
from dataclasses import dataclass

import pytest

from ftkit.augment import STEPS, Color, Crop, Flip, Noise, Rotate, Scale, describe, dump, parse, steps_for
from ftkit.augment.fields import Step, flag, whole
from ftkit.errors import RecipeError


def test_the_recipe_form_is_read():
    steps = parse([{"rotate": {"degrees": 15}}, {"flip": {"direction": "horizontal"}}, "noise", Crop(0.25)])
    assert steps == (Rotate(15), Flip("horizontal"), Noise(0.02), Crop(0.25))


def test_every_step_survives_dump_and_parse():
    steps = tuple(kind() for kind in STEPS.values())
    assert parse(dump(steps)) == steps


def test_all_faults_are_listed_with_their_paths():
    with pytest.raises(RecipeError) as caught:
        parse([{"rotate": {"degrees": "15"}}, "rotat", {"flip": {"direction": "horizontl", "q": 1}}, 3], where="r.yaml")
    faults = caught.value.faults
    assert len(faults) == 5
    assert faults[0].startswith("augment[0].rotate.degrees: '15' is not a number from 0 to 180")
    assert faults[1].startswith("augment[1]: there is no step 'rotat'; nearest is 'rotate'")
    assert "nearest is 'horizontal'" in faults[2]
    assert "augment[2].flip.q: there is no such parameter" in faults[3]
    assert str(caught.value).startswith("r.yaml: 5 faults")


@pytest.mark.parametrize("value", [True, None, "1", float("nan"), float("inf"), -0.1, 1.1, [0.5]])
def test_a_number_out_of_place_is_refused(value):
    with pytest.raises(RecipeError, match=r"augment\[0\]\.flip\.p"):
        parse([{"flip": {"p": value}}])


@pytest.mark.parametrize("steps", ["noise", {"noise": {}}, 3, None, [{"noise": 3}], [{"noise": {}, "flip": {}}], [{}]])
def test_another_shape_is_refused(steps):
    with pytest.raises(RecipeError, match="augment"):
        parse(steps)


def test_a_step_made_in_code_is_checked_too():
    with pytest.raises(RecipeError, match=r"Rotate\.degrees: 200 is outside 0 to 180 degrees"):
        Rotate(200)
    with pytest.raises(RecipeError, match=r"low \(2\) is above high \(1.1\)"):
        Scale(low=2)
    with pytest.raises(RecipeError) as caught:
        Color(brightness=-1, hue=3)
    assert len(caught.value.faults) == 2


def test_parameters_left_empty_are_the_defaults():
    assert parse([{"noise": None}, {"noise": {}}]) == (Noise(), Noise())


def test_each_step_says_what_it_keeps():
    words = describe(kind() for kind in STEPS.values())
    assert all(w["keeps"].endswith(".") and w["does"].endswith(".") for w in words)


def test_a_recipe_is_checked_without_torch():
    code = "import sys; from ftkit.augment import parse; parse(['noise']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_step_for_other_rows_is_refused_with_those_there_are():
    with pytest.raises(RecipeError, match=r"augment\[1\]: 'rotate' changes image rows, these are series rows"):
        parse([{"noise": {"std": 2}}, "rotate"], kind="series")
    assert parse(["rotate"], kind="image") == (Rotate(),)
    assert "rotate" in steps_for("image")


@dataclass(frozen=True)
class Repeat(Step):
    """Say it again."""

    times: int = whole(2, 1, 9, "times")
    aloud: bool = flag(False)
    kinds = ("text", "chat")


def test_whole_numbers_and_flags_are_checked():
    assert Repeat(3.0, True) == Repeat(3, True)
    assert isinstance(Repeat(3.0).times, int)
    for given, said in (({"times": 2.5}, "whole"), ({"times": 10}, "outside 1 to 9 times"), ({"aloud": 1}, "true or")):
        with pytest.raises(RecipeError, match=said):
            Repeat(**given)
