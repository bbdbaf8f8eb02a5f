"""How many tokens a pre-trained model sees in a text or a chat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftkit.errors import DataError

UNSET = 1_000_000  # tokenizers write a huge number where they know no window


@dataclass(frozen=True)
class Tokens:
    """A tokenizer with the window of its model.

    Attributes
    ----------
    tokenizer : transformers tokenizer
    window : int or None
        The most tokens the model sees at once, where its files say so.
    template : bool
        Whether chats are written with the tokenizer's chat template; joined by line breaks otherwise.
    """

    tokenizer: Any
    window: int | None
    template: bool

    def count(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text, special ones included."""
        if not len(texts):
            return []
        return [len(ids) for ids in self.tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]]

    def count_chats(self, chats: Sequence[list[dict[str, Any]]]) -> list[int]:
        """The tokens of each chat, as the model would be trained on it."""
        return self.count([self.written(chat) for chat in chats])

    def written(self, chat: list[dict[str, Any]]) -> str:
        """A chat as the one text that is tokenized."""
        turns = [turn | {"content": turn.get("content") or ""} for turn in chat]
        if self.template:
            try:
                return self.tokenizer.apply_chat_template(turns, tokenize=False)
            except Exception:  # templates raise whatever they like at an order of roles that they do not know
                return "\n".join(turn["content"] for turn in turns)
        return "\n".join(turn["content"] for turn in turns)


def local_tokens(model: str | None) -> Tokens | None:
    """The tokenizer in a model's folder; None where ``model`` names no folder with one.

    Raises
    ------
    DataError
        There is one, and it cannot be loaded.
    """
    folder = Path(model).expanduser() if model else None
    names = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.txt")
    if folder is None or not any((folder / name).is_file() for name in names):
        return None
    from transformers import AutoTokenizer, logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # whatever the files of a stranger make transformers raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"the tokenizer in {folder} cannot be loaded: {reason}") from None
    finally:
        logging.set_verbosity(level)
    return Tokens(tokenizer, _window(tokenizer, folder), bool(getattr(tokenizer, "chat_template", None)))


def _window(tokenizer: Any, folder: Path) -> int | None:
    known = [tokenizer.model_max_length] if (tokenizer.model_max_length or UNSET) < UNSET else []
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = {}
    known += [config[k] for k in ("max_position_embeddings", "n_positions") if isinstance(config.get(k), int)]
    return min(known) if known else None
