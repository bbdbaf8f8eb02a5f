"""YAML as people mean it: ``1e-4`` is a number, ``no`` is a word, and a key stands once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from ftkit.errors import RecipeError

FLOAT = re.compile(
    r"^[-+]?(\d[\d_]*\.\d*|\.\d+)([eE][-+]?\d+)?$|^[-+]?\d[\d_]*[eE][-+]?\d+$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"
)
INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9_]*)$")
BOOLEAN = re.compile(r"^(true|True|TRUE|false|False|FALSE)$")


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core words for booleans and numbers; a key given twice is a fault."""

    # 007 and 12:30:00 stay text, no and on stay words.
    yaml_implicit_resolvers: ClassVar = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag.rsplit(":", 1)[-1] not in ("bool", "int", "float", "timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """The mapping, or a fault that names the key that stands twice."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                mark = key_node.start_mark
                raise RecipeError([f"line {mark.line + 1}: key '{key}' stands twice; keep one."], str(mark.name))
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", BOOLEAN, list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", INTEGER, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


def load_yaml(text: str, where: str = "recipe") -> Any:
    """The value a YAML text stands for.

    Parameters
    ----------
    text : str
        YAML; JSON is YAML too.
    where : str, default "recipe"
        The file it came from, for messages.

    Returns
    -------
    dict, list, str, int, float, bool or None

    Raises
    ------
    RecipeError
        It is not YAML (line and column are said), or a key stands twice.

    Examples
    --------
    >>> load_yaml("{rate: 1e-4, country: no, code: 007}")
    {'rate': 0.0001, 'country': 'no', 'code': '007'}
    """
    loader = _Loader(text)
    loader.name = where
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise RecipeError([f"{place}not valid YAML: {error.problem}."], where) from None
    except ValueError as error:
        raise RecipeError([f"a value cannot be read: {error}."], where) from None
    except yaml.YAMLError as error:
        raise RecipeError([f"not valid YAML: {' '.join(str(error).split())}."], where) from None
    finally:
        loader.dispose()


def load_yaml_file(path: str | Path) -> Any:
    """The value a YAML file stands for; a file that is not there or not text is a RecipeError."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError([f"byte {error.start}: not UTF-8 text; save the file as UTF-8."], str(path)) from None
    except OSError as error:
        raise RecipeError([f"cannot be read: {error.strerror}."], str(path)) from None
    return load_yaml(text, str(path))


def dump_yaml(value: Any) -> str:
    """A value as YAML that ``load_yaml`` reads back equal; Chinese stays Chinese."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)


class _Dumper(yaml.SafeDumper):
    """Quotes exactly the words the loader above would not read as text."""

    yaml_implicit_resolvers: ClassVar = {
        first: list(resolvers) for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }


for _tag, _pattern, _first in (
    ("bool", BOOLEAN, "tTfF"),
    ("int", INTEGER, "-+0123456789"),
    ("float", FLOAT, "-+.0123456789"),
):
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, list(_first))
