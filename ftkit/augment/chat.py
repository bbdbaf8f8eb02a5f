"""The random steps for chats: turns said otherwise, roles and their order untouched.

What must be exact is taken out before and put back after: code, numbers, addresses of pages and mail, JSON and tags.
Tool calls and turns of tools are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment import text_characters, text_words
from ftkit.augment.counter import GAMMA, branch, mix, row_keys, state, uniform
from ftkit.augment.fields import Step, checked, choice, flag, number
from ftkit.augment.text_step import RISKS

# What is exact, the longest kinds first: fenced and inline code, formulas, tags, JSON, addresses, words with a digit.
EXACT = re.compile(
    r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$|\\\(.*?\\\)|\\\[.*?\\\]"
    r"|<[^<>\n]{1,200}>|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|\[[^\[\]\n]*[\"':,\d][^\[\]\n]*\]"
    r"|(?:https?://|www\.)[^\s，。；）)]+|[\w.+-]+@[\w-]+\.[\w.]+|[A-Za-z_]\w*\([^()\n]*\)|\w+_\w+|--?\w[\w-]*=\S+"
    r"|[^\s，。！？、；：]*\d[^\s，。！？、；：]*",
    re.DOTALL,
)
NEVER = ("tool", "function")
ROLES = {
    "user": ("user",),
    "assistant": ("assistant",),
    "both": ("user", "assistant"),
    "all": ("user", "assistant", "system"),
}
NOISE: Mapping[str, Callable[[float], Any]] = {
    "keyboard": text_characters.KeyboardTypos,
    "scanner": text_characters.OcrErrors,
    "case": text_characters.RandomCase,
    "deletion": text_words.RandomDeletion,
    "swap": text_words.RandomSwap,
    "homophones": text_characters.Homophones,
    "look_alikes": text_characters.LookAlikes,
}
Chat = list[dict[str, Any]]


class ChatStep(Step):
    """A step for chats: ``say(pieces, states)`` says pieces of text otherwise."""

    kinds = ("chat",)

    def say(self, pieces: Sequence[str], states: np.ndarray) -> list[str]:
        """The pieces, said otherwise."""
        raise NotImplementedError

    def rewrite(self, chats: Sequence[Chat], states: np.ndarray) -> list[Chat]:
        """The chats after the step; new lists, the given ones stay as they are."""
        out = [[dict(turn) for turn in chat] for chat in chats]
        turns = [(r, t) for r, chat in enumerate(out) for t, turn in enumerate(chat) if self.may_touch(turn)]
        if not turns:
            return out
        row, place = (np.array(values, dtype=np.int64) for values in zip(*turns, strict=True))
        said = self.reword([out[r][t]["content"] for r, t in turns], mix(states[row] + (place + 1) * GAMMA))
        for (r, t), words in zip(turns, said, strict=True):
            out[r][t]["content"] = words
        return out

    def may_touch(self, turn: Mapping[str, Any]) -> bool:
        """Whether a turn has words of a role that is meant, and calls no tool."""
        content, role = turn.get("content"), turn.get("role")
        plain = isinstance(content, str) and content.strip() and not turn.get("tool_calls")
        return bool(plain) and role not in NEVER and role in ROLES[self.roles]

    def reword(self, contents: list[str], states: np.ndarray) -> list[str]:
        """Whole contents, said otherwise, what is exact put back as it was."""
        if not self.exact:
            return self.say(contents, states)
        parts = [_parts(content) for content in contents]
        flat = [
            (i, j) for i, some in enumerate(parts) for j, (piece, free) in enumerate(some) if free and piece.strip()
        ]
        if not flat:
            return contents
        at, number_of = (np.array(values, dtype=np.int64) for values in zip(*flat, strict=True))
        said = self.say([parts[i][j][0] for i, j in flat], mix(states[at] + (number_of + 1) * GAMMA))
        for (i, j), words in zip(flat, said, strict=True):
            parts[i][j] = (words, True)
        return ["".join(piece for piece, _ in some) for some in parts]


def _parts(content: str) -> list[tuple[str, bool]]:
    """A content in pieces that may be changed and pieces that are exact."""
    out, end = [], 0
    for hit in EXACT.finditer(content):
        out += [(content[end : hit.start()], True), (hit.group(), False)]
        end = hit.end()
    return [*out, (content[end:], True)]


@dataclass(frozen=True)
class TurnNoise(ChatStep):
    """Make slips in what is said, as people who type do.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.02
        The share of letters (of words for "deletion" and "swap").
    kind : {"keyboard", "scanner", "case", "deletion", "swap", "homophones", "look_alikes"}, default "keyboard"
        The step for texts that makes them: see :mod:`ftkit.augment.text`.
    roles : {"user", "assistant", "both", "all"}, default "user"
        Whose turns; "all" is both and the system prompt. A model learns to write what assistants write, slips included.
    exact : bool, default True
        Leave code, numbers, addresses, JSON, tags and formulas as they are. Turns of tools and tool calls are never
        touched.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    References
    ----------
    Belinkov and Bisk (2018), "Synthetic and natural noise both break neural machine translation", section 3.2.

    Examples
    --------
    >>> TurnNoise(0.05)
    TurnNoise(rate=0.05, kind='keyboard', roles='user', exact=True)
    """

    rate: float = number(0.02, 0, 1)
    kind: str = choice("keyboard", *NOISE)
    roles: str = choice("user", *ROLES)
    exact: bool = flag(True)
    keeps = "The answer still answers what was asked; negations, numbers and names in the question are spared."

    @property
    def may_alter(self) -> tuple[str, ...]:
        """What the step for texts may change; numbers and names only where told."""
        return ("names",)

    def say(self, pieces: Sequence[str], states: np.ndarray) -> list[str]:
        """The pieces with slips."""
        return NOISE[self.kind](self.rate).rewrite(pieces, states)


def _callable_fault(value: Any) -> str | None:
    return None if callable(value) else f"{value!r} is no function of a list of texts."


def same(texts: list[str]) -> list[str]:
    """The texts as they are: what a paraphrase does unless it is told how."""
    return texts


@dataclass(frozen=True)
class Paraphrase(ChatStep):
    """Say turns in other words, by your own function or model.

    Parameters
    ----------
    function : callable
        List of texts to list of as many texts. A function cannot be written in a recipe's file: use the step on rows,
        ``change_chats``, or ``BackTranslation`` for texts.
    roles : {"user", "assistant", "both", "all"}, default "user"
        Whose turns.
    rate : float, 0 to 1, default 0.5
        The share of the turns.
    exact : bool, default True
        A paraphrase that loses or adds code, a number, an address or JSON is thrown away, and the turn stays.

    Raises
    ------
    RecipeError
        ``function`` cannot be called, or another parameter is not of its type or out of range.

    Examples
    --------
    >>> step = Paraphrase(lambda texts: [text.replace("Please tell me", "What is") for text in texts], rate=1)
    >>> chat = [{"role": "user", "content": "Please tell me 2 + 2"}, {"role": "assistant", "content": "4"}]
    >>> change_chats([chat], [step], ["a"])[0][0]["content"]
    'What is 2 + 2'
    """

    function: Callable[[list[str]], list[str]] = checked(same, _callable_fault)  # noqa: RUF009
    roles: str = choice("user", *ROLES)
    rate: float = number(0.5, 0, 1)
    exact: bool = flag(True)
    keeps = "The answer still answers as far as your paraphrase means the same."
    may_alter = RISKS

    def reword(self, contents: list[str], states: np.ndarray) -> list[str]:
        """Whole contents in other words, where nothing exact is lost."""
        # The states are already the turns' own: they stand in for keys.
        chosen = np.flatnonzero(uniform(0, 0, states) < self.rate).tolist()
        said = list(self.function([contents[i] for i in chosen])) if chosen else []
        out = list(contents)
        for i, words in zip(chosen, said, strict=True):
            if isinstance(words, str) and words.strip() and (not self.exact or _exact(words) == _exact(contents[i])):
                out[i] = words
        return out


def _exact(content: str) -> list[str]:
    return sorted(hit.group() for hit in EXACT.finditer(content))


def change_chats(
    chats: Iterable[Chat], steps: Iterable[Any], ids: Iterable[str], *, seed: int = 0, epoch: int = 0
) -> list[Chat]:
    """Chats after the steps, each a function of (seed, epoch, its id) whatever the others are.

    Parameters
    ----------
    chats : iterable of N chats
        Each a list of turns, ``{"role": …, "content": …}``; what else a turn holds is kept.
    steps : iterable of steps
        See :func:`ftkit.augment.parse`.
    ids : iterable of N str
        Row ids.
    seed, epoch : int, default 0

    Returns
    -------
    list of N chats
        The same roles in the same order.

    Raises
    ------
    RecipeError
        A step has a fault or is for other rows.

    Examples
    --------
    >>> chat = [{"role": "user", "content": "please sort `xs` for me"}, {"role": "assistant", "content": "`xs.sort()`"}]
    >>> change_chats([chat], [TurnNoise(0.3)], ["a"])[0]
    [{'role': 'user', 'content': '... `xs` ...'}, {'role': 'assistant', 'content': '`xs.sort()`'}]
    """
    from ftkit.augment.form import parse

    out = list(chats)
    states = state(seed, epoch, row_keys(ids))
    for i, step in enumerate(parse(steps, kind="chat")):
        out = step.rewrite(out, branch(states, i)) if out else out
    return out


# Steps a recipe's file can hold: a function is none.
STEPS = (TurnNoise,)
