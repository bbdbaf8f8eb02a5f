"""Checks for what does not belong into the text of a chat: template tokens, other rows, broken tool calls."""

from __future__ import annotations

import json
import re

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.flags import flagged, has_chats, rewritten

TOKENS = (
    r"<\|(?:im_start|im_end|im_sep|endoftext|user|assistant|system|end|eot_id|eom_id|start_header_id|end_header_id|"
    r"begin_of_text|end_of_text|endofprompt|tool_call|observation|pad|fim_[a-z]+)\|>|"
    r"\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<｜[^｜<>]{1,30}｜>|</s>\s*$|^\s*<s>|"
    r"(?:^|\n)###\s*(?:Instruction|Response|Human|Assistant|指令|回答)\s*[:：]"
)
WHOLE = re.compile(TOKENS + r"|(?:<\|im_start\|>|<\|start_header_id\|>)(?:system|user|assistant)\b")
HOLES = r"\{\{ ?[A-Za-z_][A-Za-z0-9_]* ?\}\}"
MERGED = r"\n\s*#{2,}\s*\n\s*\d+\. (?:Instruction|指令)\s*[:：]|\n\s*\d+\. Instruction\s*:"
CUT = re.compile(MERGED)


def template_tokens(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Tokens of chat templates left in the text, and placeholders that nobody filled.

    How: the special tokens of the usual templates (<|im_start|>, [INST], <start_of_turn>, </s> at the end,
    ### Response:), letter by letter; ``{{name}}`` as a placeholder.

    Do: tokens are taken out of the text: the template adds its own, and a second one ends the turn too early. Fill
    placeholders before training.
    """
    turns = evidence.turns
    maybe = turns.content.matches(r"<\||\[/?INST|<</?SYS|_of_turn>|<｜|</?s>|###")
    at = np.flatnonzero(maybe)
    found = at[turns.content.take(at).matches(TOKENS)]
    mend = rewritten(lambda text: WHOLE.sub("", text).strip())
    what = "{n} turn[ holds|s hold] tokens of a chat template"
    out = flagged(check, evidence, "warning", found, what, mend=mend, fix="take the tokens out")
    at = np.flatnonzero(turns.content.contains("{{"))
    holes = at[turns.content.take(at).matches(HOLES)]
    if not len(holes):
        return out
    rows = np.unique(turns.row[holes])
    names = sorted({name for turn in holes[:500] for name in re.findall(HOLES, turns.content[turn])})[:5]
    message = f"{len(rows):,} chats hold placeholders ({', '.join(names)}): fill them, where they are none of a text."
    return [*out, Finding(check.code, check.name, "info", message, view.ids[rows].tolist(), [0.5] * len(rows))]


def merged_rows(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Answers that go on with the next row: its number, instruction and answer.

    How: a line ``12. Instruction:`` inside an answer, after a line of ``##`` or alone.

    Do: the answer is cut before it.
    """
    turns = evidence.turns
    answers = turns.role == 2
    at = np.flatnonzero(answers)
    at = at[turns.content.take(at).matches(r"\d\. (?:Instruction|指令)")]
    found = at[turns.content.take(at).matches(MERGED)]
    mend = rewritten(lambda text: CUT.split(text)[0].rstrip())
    what = "{n} answer[ holds|s hold] another row"
    return flagged(check, evidence, "warning", found, what, mend=mend, fix="cut the answer before the other row")


def broken_calls(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Calls of tools that are no calls: no JSON, no name, a tool that the row does not list; a broken list of tools.

    How: the arguments have to be a JSON object; where the row lists its tools, the name has to be one of them.

    Do: drop the rows, or put the JSON right by hand.
    """
    turns = evidence.turns
    reasons: dict[str, list[int]] = {}
    listed = _tools(view, np.unique(turns.row[turns.call_turn])) if len(turns.call_turn) else {}
    calls = zip(turns.call_turn.tolist(), turns.call_names, turns.call_arguments, strict=True)
    for turn, name, arguments in calls:
        reason = _broken(name, arguments, listed.get(int(turns.row[turn])))
        if reason is not None:
            reasons.setdefault(reason, []).append(turn)
    return [
        finding
        for reason, bad in sorted(reasons.items())
        for finding in flagged(check, evidence, "error", np.array(bad), f"{{n}} tool call[|s] {reason}")
    ] + _broken_lists(view, check)


def _broken(name: str, arguments: str, tools: set[str] | None) -> str | None:
    """What is wrong with a call, in words."""
    if not name:
        return "without a name, or not JSON"
    try:
        value = json.loads(arguments) if arguments else {}
    except ValueError:
        return "whose arguments are not JSON"
    if not isinstance(value, dict):
        return "whose arguments are no JSON object"
    return "of a tool that the row does not list" if tools and name not in tools else None


def _tools(view: DatasetView, rows: np.ndarray) -> dict[int, set[str]]:
    """The names of the tools that some rows list."""
    if "tools" not in view.columns:
        return {}
    out = {}
    for row, text in zip(rows.tolist(), view.select(rows).strings("tools"), strict=True):
        try:
            tools = json.loads(text or "[]")
        except ValueError:
            continue
        names = (
            [t.get("function", t).get("name") for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
        )
        out[row] = {name for name in names if isinstance(name, str)}
    return out


def _broken_lists(view: DatasetView, check: Check) -> list[Finding]:
    if "tools" not in view.columns:
        return []
    bad = [i for i, text in enumerate(view.strings("tools")) if text and not _is_json(text)]
    if not bad:
        return []
    message = f"{len(bad):,} rows have a list of tools that is not JSON. To mend: drop the rows, or put it right."
    return [check.finding("error", message, view.ids[bad].tolist(), drop=True)]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


CHECKS = (
    Check("CHT207", "template tokens", "cheap", has_chats, template_tokens),
    Check("CHT211", "broken tool calls", "cheap", has_chats, broken_calls),
    Check("CHT213", "merged rows", "cheap", has_chats, merged_rows),
)
