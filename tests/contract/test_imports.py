"""The direction of imports: a room imports only rooms on lines above its own (docs/ARCHITECTURE.md)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ftkit

PACKAGE = Path(ftkit.__file__).parent
LINES = [
    {"errors", "_lazy", "shown", "door", "language"},
    {"task"},
    {"data"},
    {"preprocess", "augment", "models", "evaluate"},
    {"quality", "training"},
    {"cleaning"},
    {"recipe"},
    {"runs"},
    {"displays"},
    {"reports"},
    {"panels", "server"},
    {"cli"},
    {"__main__"},
]
LINE = {room: number for number, rooms in enumerate(LINES) for room in rooms}
THIRD_PARTY = {
    "pyarrow": {"data"},
    "datasets": {"data"},
    "PIL": {"data"},
    "polars": {"data"},
    "torch": {"augment", "models", "training"},
    "transformers": {"models", "preprocess", "training/watch.py"},
    "sklearn": {"preprocess", "evaluate", "quality"},
    "pydantic": {"recipe"},
    "pydantic_core": {"recipe"},
    "plotly": {"displays"},
    "papermill": {"reports"},
    "nbformat": {"reports"},
    "nbclient": {"reports"},
    "nbconvert": {"reports"},
    "nh3": {"reports"},
    "ipywidgets": {"panels"},
    "anywidget": {"panels"},
    "jupyter_server": {"server"},
    "rich": {"cli"},
    "optuna": {"runs/study.py"},
    "tensorboard": {"runs/mirrors.py"},
    "mlflow": {"runs/mirrors.py"},
    "wandb": {"runs/mirrors.py"},
    "trackio": {"runs/mirrors.py"},
}
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "transformers", "plotly", "ipywidgets", "sklearn", "polars", "pyarrow", "datasets", "PIL", "numpy")


def room_of(path: Path) -> str:
    """The room a file belongs to: the folder or module right below ``ftkit``."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Every module a file imports, at its top or inside a function; not those for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_above_its_own(path):
    room = room_of(path)
    if room == "__init__":
        return
    others = {name.split(".")[1] for name in imported(path) if name.startswith("ftkit.")} & LINE.keys()
    wrong = {other for other in others if other != room and LINE[other] >= LINE[room]}
    assert not wrong, f"{room} (line {LINE[room]}) imports {wrong}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_third_party_packages_stay_in_their_rooms(path):
    packages = {name.split(".")[0] for name in imported(path)}
    places = {room_of(path), path.relative_to(PACKAGE).as_posix()}
    wrong = {name for name in packages & THIRD_PARTY.keys() if not places & THIRD_PARTY[name]}
    assert not wrong


def test_panels_displays_and_server_do_not_know_training_or_models():
    for path in FILES:
        if room_of(path) in ("panels", "displays", "server"):
            assert not any(name.startswith(("ftkit.training", "ftkit.models")) for name in imported(path)), path


def test_import_is_light():
    code = f"import sys, ftkit; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_recipe_is_checked_without_torch():
    code = "import sys; from ftkit.recipe import Recipe; Recipe(data='digits', augment=['noise']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_public_name_can_be_imported():
    for name in ftkit.__all__:
        assert getattr(ftkit, name) is not None, name


def test_no_public_name_hides_a_module():
    """``package.name`` would be the function or the module, by who was imported first."""
    for init in PACKAGE.rglob("__init__.py"):
        modules = {path.stem for path in init.parent.iterdir() if path.stem != "__init__"}
        names = ast.literal_eval(_names_of(init)) if _names_of(init) else {}
        assert not {name for name, module in names.items() if module and name in modules}, init


def _names_of(init: Path) -> str:
    """The mapping given to ``attach`` in a package's ``__init__``."""
    calls = [n for n in ast.walk(ast.parse(init.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    return next((ast.unparse(c.args[1]) for c in calls if ast.unparse(c.func) == "attach"), "")


@pytest.mark.parametrize(
    "recipe",
    ["data='airline'", "data='iris', training={'remember': {'method': 'replay'}}", "data='digits', augment=['noise']"],
)
def test_whether_rows_fit_a_recipe_is_asked_without_torch(recipe):
    code = f"import sys, ftkit as ft; from ftkit.runs.check import check_data; check_data(ft.Recipe({recipe})); "
    code += "print([m for m in ('torch', 'transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
