"""The language that is spoken: what ftkit says in English, said in Simplified Chinese where that is asked for.

Sentences are made in English, in the rooms that know what is to be said. ``zh.po`` (GNU gettext's form, which
translators' programs edit) holds each template with its translation; :func:`say` finds the template a sentence was made
from and puts its values into the other one. Nothing has to be passed around, and a sentence that is in no catalogue, or
was written by a newer version, is shown in English.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

LANGUAGES = ("en", "zh")
PLACE = re.compile(r"\{(\d+)\}")
FORMS = re.compile(r"\[([^\[\]|]*\|[^\[\]]*)\]")  # [is|are]
NAMING = ("The check '{0}' {1}: {2}.",)  # templates whose quotes hold a name of ftkit's, no data
MUCH = 10  # characters of a template from which on it is not taken for another
MOST = 4000  # characters of a sentence that is looked up
_spoken: ContextVar[str | None] = ContextVar("ftkit_language", default=None)


def language() -> str:
    """The language that is spoken now: ``en``, or ``zh`` where ``$FTKIT_LANGUAGE`` or :func:`speaking` say so."""
    said = _spoken.get() or os.environ.get("FTKIT_LANGUAGE", "en")
    return "zh" if said.lower().startswith("zh") else "en"


@contextmanager
def speaking(name: str | None) -> Iterator[None]:
    """Speak a language meanwhile, in this thread; that of the surroundings with None."""
    token = _spoken.set(name if name in LANGUAGES else None)
    try:
        yield
    finally:
        _spoken.reset(token)


def say(text: str) -> str:
    """A text of ftkit's in the language that is spoken.

    Parameters
    ----------
    text : str
        In English, its values put in. Data, which is in no catalogue, stays as it is.

    Returns
    -------
    str

    Examples
    --------
    >>> say("The check 'label errors' was skipped: there is no target.")
    "The check 'label errors' was skipped: there is no target."
    >>> with speaking("zh"):
    ...     say("The check 'label errors' was skipped: there is no target.")
    '检查“标签错误”被跳过：没有目标列。'
    """
    return text if language() == "en" else _chinese(text)


def named(kind: str, name: str) -> str:
    """A name that code and files use, with what it is called beside it in the language that is spoken.

    Examples
    --------
    >>> named("step", "rotate")
    'rotate'
    >>> with speaking("zh"):
    ...     named("step", "rotate")
    '旋转 (rotate)'
    """
    called = word(kind, name)
    return name if called == name else f"{called} ({name})"


def word(kind: str, name: str) -> str:
    """What something of a kind is called in the language that is spoken.

    Examples
    --------
    >>> with speaking("zh"):
    ...     word("heading", "outliers")
    '离群'
    """
    return name if language() == "en" else _catalogue().get(f"{kind}: {name}", name)


@lru_cache(maxsize=4096)
def _chinese(text: str) -> str:
    if not re.search("[A-Za-z]{2}", text) or len(text) > MOST:
        return text
    bare = text.strip()
    for way in (_exact, _long, _listed, _in_sentences, _short, _in_parts):
        if found := way(bare):
            return found
    return text


def _exact(text: str) -> str | None:
    """The translation of a text without values, its first letter a capital or not."""
    return _catalogue().get(text) or _catalogue().get(text[:1].lower() + text[1:])


def _long(text: str) -> str | None:
    """The translation of a text made from a template that says much."""
    return _filled(text, [entry for entry in _patterns() if entry.says >= MUCH])


def _short(text: str) -> str | None:
    """The translation of a text made from a template that says little, so that its values have to look like values."""
    return _filled(text, [entry for entry in _patterns() if entry.says < MUCH], _is_value)


def _is_value(text: str) -> bool:
    return "; " not in text and (bool(re.search("[\\d'\"]", text)) or _exact(text.strip()) is not None or not text)


def _filled(text: str, entries: Sequence[Entry], fits: Callable[[str], bool] = lambda _: True) -> str | None:
    for entry in entries:
        found = entry.pattern.fullmatch(text)
        if found and all(map(fits, found.groups())):
            values = [v if place in entry.data else _chinese(v) for place, v in enumerate(found.groups())]
            return PLACE.sub(lambda at, values=values: values[int(at[1])], entry.translation)
    return None


def _listed(text: str) -> str | None:
    """A list of names that are all known; a name may hold a comma itself."""
    for comma in reversed([found.start() for found in re.finditer(", ", text)]):
        first, rest = _exact(text[:comma]), text[comma + 2 :]
        if first and (more := _exact(rest) or _listed(rest)):
            return f"{first}、{more}"
    return None


def _in_sentences(text: str) -> str | None:
    """Sentences one after the other, where the first is known."""
    for end in re.finditer(r"[.!?)] +(?=\S)", text):
        first = text[: end.start() + 1]
        if found := _exact(first) or _long(first):
            return found + _chinese(text[end.end() :])
    return None


def _in_parts(text: str) -> str | None:
    """Parts between semicolons, of which the first may be data."""
    first, *rest = text.split("; ")
    told = [part if part == "…" else _exact(part) or _short(part) for part in rest]
    return "；".join([_exact(first) or _short(first) or first, *map(str, told)]) if told and all(told) else None


@dataclass(frozen=True)
class Entry:
    """A template with places: what it matches, which places hold data in quotes, how much it says, its translation."""

    pattern: re.Pattern[str]
    data: frozenset[int]
    says: int
    translation: str


@cache
def _catalogue() -> dict[str, str]:
    entries = read_catalogue(files("ftkit").joinpath("zh.po").read_text(encoding="utf-8"))
    return {template.strip(): translation for template, translation in entries.items()}


@cache
def _patterns() -> list[Entry]:
    """The templates that have places: those that begin with a word before others, and those that say most first."""
    templates = [key for key in _catalogue() if PLACE.search(key) or FORMS.search(key)]
    entries = {key: _entry(key, _catalogue()[key]) for key in templates}
    return [entries[key] for key in sorted(entries, key=lambda key: (key.startswith("{"), -entries[key].says))]


def _entry(template: str, translation: str) -> Entry:
    data = frozenset() if template in NAMING else frozenset(map(int, re.findall(r"'\{(\d+)\}'", template)))
    return Entry(_pattern(template), data, len(re.sub(r"\s", "", PLACE.sub("", template))), translation)


def _pattern(template: str) -> re.Pattern[str]:
    made = re.escape(FORMS.sub(lambda forms: f"\0{forms[1]}\1", template))
    made = re.sub("\0(.*?)\1", lambda forms: f"(?:{forms[1].replace(re.escape('|'), '|')})", made, flags=re.DOTALL)
    made = re.sub(r"(?<=\.)\\\{\d+\\\}", "((?: .*?)?)", made)  # a sentence more, not the rest of a number
    return re.compile(re.sub(r"\\\{\d+\\\}", "(.*?)", made), re.DOTALL)


def read_catalogue(text: str) -> dict[str, str]:
    r"""The entries of a ``.po`` file: template to translation.

    Examples
    --------
    >>> read_catalogue('msgid "{0} rows"\nmsgstr "{0} 行"\n')
    {'{0} rows': '{0} 行'}
    """
    entries, parts = {}, {"msgid": "", "msgstr": ""}
    into = "msgid"
    for line in [*text.splitlines(), 'msgid ""']:
        keyword, _, rest = line.partition(" ")
        if keyword == "msgid":
            if parts["msgid"]:
                entries[parts["msgid"]] = parts["msgstr"]
            parts = {"msgid": "", "msgstr": ""}
        if keyword in parts:
            into, line = keyword, rest
        if line.startswith('"'):
            parts[into] += ast.literal_eval(line)
    return entries
