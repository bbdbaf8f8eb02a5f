"""Chats as tokens through a chat template, with labels on what the assistant says and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.preprocess.text import IGNORED, TokenRows, check_length, window_of

Chat = Sequence[dict[str, Any]]
# A template that marks what the assistant says, as transformers and TRL read it.
MARKED = re.compile(r"\{%-?\s*generation\s*-?%\}")


@dataclass(frozen=True)
class ChatInput:
    """Chats through a tokenizer's template, cut at a length.

    Attributes
    ----------
    tokenizer : transformers tokenizer
        A fast one.
    max_length : int
        The most tokens of a chat.
    template : str
        The chat template (Jinja). Where it marks what the assistant says (``{% generation %}``), labels are there;
        else they are what each assistant turn adds to the text before it, its end included.
    """

    tokenizer: Any
    max_length: int
    template: str

    @classmethod
    def fit(
        cls, chats: Sequence[Chat], tokenizer: Any, max_length: int | None = None, template: str | None = None
    ) -> ChatInput:
        """The input for these chats.

        Parameters
        ----------
        chats : sequence of list of dict, (N,)
            Of train rows only: turns with ``role`` and ``content``.
        tokenizer : transformers tokenizer
            Of the model.
        max_length : int, optional
            At least 1. By default the longest of the chats, at most the model's window.
        template : str, optional
            The tokenizer's own by default.

        Returns
        -------
        ChatInput

        Raises
        ------
        DataError
            There is no template, the tokenizer is not a fast one, ``max_length`` does not fit, or the template refuses
            a chat.
        """
        template = template or getattr(tokenizer, "chat_template", None)
        if not template:
            raise DataError("the tokenizer has no chat template. Give one: template=…")
        if not getattr(tokenizer, "is_fast", False):
            raise DataError("labels on what the assistant says need a fast tokenizer (tokenizer.json).")
        window = window_of(tokenizer)
        check_length(max_length, window)
        made = cls(tokenizer, max_length or window or 1, template)
        if max_length:
            return made
        longest = max((len(ids) for ids, _ in map(made.encoded, chats)), default=1)
        return cls(tokenizer, max(1, min(longest, window or longest)), template)

    def transform(self, chats: Sequence[Chat], ids: Sequence[str] | None = None) -> TokenRows:
        """The tokens of each chat, and the labels to learn.

        Parameters
        ----------
        chats : sequence of list of dict, (N,)
        ids : sequence of str, (N,), optional
            Row ids, to name rows; their positions by default.

        Returns
        -------
        TokenRows
            Equal to TRL's ``assistant_only_loss``. Chats are cut at their end.

        Raises
        ------
        DataError
            The template refuses a chat, or writes earlier turns otherwise once others follow; the row is named.
        """
        names = [str(i) for i in range(len(chats))] if ids is None else [str(i) for i in ids]
        rows, labels, cut, silent = [], [], {}, []
        for name, chat in zip(names, chats, strict=True):
            tokens, said = self.encoded(chat, name)
            if len(tokens) > self.max_length:
                cut[name] = len(tokens) - self.max_length
                tokens, said = tokens[: self.max_length], said[: self.max_length]
            rows.append(tokens)
            labels.append(np.where(said, tokens, IGNORED))
            if not said.any():
                silent.append(name)
        masks = [np.ones_like(row) for row in rows]
        return TokenRows(rows, masks, labels, self.max_length, cut, tuple(silent))

    def encoded(self, chat: Chat, name: str = "0") -> tuple[np.ndarray, np.ndarray]:
        """All tokens of one chat, int64 (T,), and which of them the assistant says, bool (T,)."""
        turns = [turn | {"content": turn.get("content") or ""} for turn in chat]
        if MARKED.search(self.template):
            told = self._applied(turns, name, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
            return np.array(told["input_ids"], dtype=np.int64), np.array(told["assistant_masks"], dtype=bool)
        text, spans = self._spans(turns, name)
        told = self.tokenizer(text, add_special_tokens=False, verbose=False)
        tokens = np.array(told["input_ids"], dtype=np.int64)
        said = np.zeros(len(tokens), dtype=bool)
        for begin, end in spans:
            # From the token of the first character to that of the last, as transformers does for marked templates.
            first, last = told.char_to_token(begin), told.char_to_token(end - 1)
            if first is not None:
                said[first : None if last is None else last + 1] = True
        return tokens, said

    def inverse_transform(self, rows: Sequence[np.ndarray]) -> list[str]:
        """The written chats, special tokens included: exact where nothing was cut and the tokenizer keeps what it
        reads.
        """
        return self.tokenizer.batch_decode([list(map(int, row)) for row in rows])

    def state(self) -> dict[str, Any]:
        """Everything but the tokenizer as JSON; ``ChatInput.from_state(state, tokenizer)`` gives it back."""
        return {"max_length": self.max_length, "template": self.template}

    @classmethod
    def from_state(cls, state: dict[str, Any], tokenizer: Any) -> ChatInput:
        """The input whose ``state()`` this is, with the tokenizer saved beside the model."""
        return cls(tokenizer, state["max_length"], state["template"])

    def _spans(self, turns: Chat, name: str) -> tuple[str, list[tuple[int, int]]]:
        """The written chat, and where in it each assistant turn begins and ends."""
        whole, spans = self._applied(turns, name, tokenize=False), []
        for i, turn in enumerate(turns):
            if turn.get("role") != "assistant":
                continue
            before = self._applied(turns[:i], name, tokenize=False, add_generation_prompt=True) if i else ""
            upto = self._applied(turns[: i + 1], name, tokenize=False)
            if not (whole.startswith(upto) and upto.startswith(before)):
                raise DataError(
                    f"row {name}, turn {i + 1}: the chat template writes earlier turns otherwise once others follow, "
                    "so what the assistant says cannot be found. Mark it in the template: "
                    "{% generation %}…{% endgeneration %}."
                )
            spans.append((len(before), len(upto)))
        return whole, spans

    def _applied(self, turns: Chat, name: str, **how: Any) -> Any:
        try:
            return self.tokenizer.apply_chat_template(list(turns), chat_template=self.template, **how)
        except Exception as error:  # templates raise whatever they like at an order of roles that they do not know
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise DataError(f"row {name}: the chat template refuses this chat: {reason}") from None
