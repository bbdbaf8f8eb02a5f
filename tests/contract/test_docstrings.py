"""Every public docstring says what comes out, its parameters, its errors, and shows one example that runs."""

import ast
import inspect
from pathlib import Path

import pytest

import ftkit

PACKAGE = Path(ftkit.__file__).parent
PUBLIC = {name: getattr(ftkit, name) for name in ftkit.__all__ if inspect.isroutine(getattr(ftkit, name))}
CLASSES = {name: getattr(ftkit, name) for name in ftkit.__all__ if inspect.isclass(getattr(ftkit, name))}
METHODS = {
    f"{owner}.{name}": member
    for owner, kind in CLASSES.items()
    for name, member in vars(kind).items()
    if inspect.isfunction(member) and not name.startswith("_") and owner not in ("Recipe",)
}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_has_every_section(name):
    text = inspect.getdoc(PUBLIC[name])
    # What only shows a run or a view says so in itself where there is nothing to show.
    raises = () if name.startswith("show") else ("Raises",)
    for section in ("Parameters", "Returns", "Examples", *raises):
        assert f"{section}\n---" in text, section


@pytest.mark.parametrize("name", PUBLIC)
def test_every_parameter_is_described(name):
    text = inspect.getdoc(PUBLIC[name]).split("Returns\n---")[0]
    described = {
        word.strip(" *") for line in text.splitlines() if " : " in line for word in line.split(" : ")[0].split(",")
    }
    missing = set(inspect.signature(PUBLIC[name]).parameters) - described
    assert not missing


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_describes_its_parameters(name):
    wanted = set(inspect.signature(METHODS[name]).parameters) - {"self"}
    text = inspect.getdoc(METHODS[name]) or ""
    assert text, "no docstring"
    assert not wanted or "Parameters\n---" in text


def test_every_module_says_what_it_is():
    for path in PACKAGE.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_file_names_a_registry():
    root = PACKAGE.parent
    hosts = ("pypi" + ".org", "registry.npmjs" + ".org", "files.python" + "hosted")
    for path in [*root.glob("*.*"), *root.glob("docs/**/*.md"), *PACKAGE.rglob("*.py"), root / "Makefile"]:
        if path.is_file() and path.suffix not in (".png", ".gz"):
            text = path.read_text(encoding="utf-8")
            assert not any(host in text for host in hosts), path
