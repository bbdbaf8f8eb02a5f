"""Checks of who speaks when in a chat."""

from __future__ import annotations

import numpy as np

from ftkit.data import ROLES
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.flags import Chat, flagged, has_chats, until

SYSTEM, USER, ASSISTANT, TOOL, CALL, START, OTHER = 0, 1, 2, 3, 4, 5, 6
ALLOWED = np.zeros((7, 7), dtype=bool)
for _before, _after in (
    (START, SYSTEM),
    (START, USER),
    (SYSTEM, USER),
    (USER, ASSISTANT),
    (USER, CALL),
    (ASSISTANT, USER),
    (CALL, TOOL),
    (TOOL, TOOL),
    (TOOL, ASSISTANT),
    (TOOL, CALL),
):
    ALLOWED[_before, _after] = True
SAME = {"human": "user", "gpt": "assistant", "bot": "assistant", "ai": "assistant", "model": "assistant"}


def kinds_of(evidence: Evidence) -> np.ndarray:
    """Each turn as a system's, user's, assistant's, tool's, a call of tools, or another's."""
    turns = evidence.turns
    table = np.array([SYSTEM, USER, ASSISTANT, TOOL, SYSTEM, TOOL, OTHER])
    kinds = table[turns.role]
    kinds[(turns.calls > 0) & (kinds == ASSISTANT)] = CALL
    return kinds


def out_of_order(view, check: Check, evidence: Evidence) -> list[Finding]:
    """Chats where a turn follows one that it cannot follow, or whose role is unknown.

    How: a chat begins with the system or the user; then user and assistant take turns; a call of tools is followed by
    their results, these by an answer or another call. Chat templates refuse other orders or train on the wrong turns.

    Do: neighbouring turns of one role are joined, answers before the first question are cut and usual other names of
    roles (human, gpt) are put right; other rows are dropped.
    """
    turns, kinds = evidence.turns, kinds_of(evidence)
    before = np.concatenate([[START], kinds[:-1]])
    before[turns.starts[:-1][np.diff(turns.starts) > 0]] = START
    unknown = kinds == OTHER
    wrong = ~ALLOWED[before, kinds] & ~unknown & (before != OTHER)
    out = flagged(
        check,
        evidence,
        "error",
        np.flatnonzero(unknown),
        "{n} turn[ has|s have] a role that is none of system, user, assistant and tool",
        mend=reordered,
        fix="give the usual names to the roles",
    )
    what = "{n} turn[ is|s are] out of order (user and assistant have to take turns, tool results to follow a call)"
    fix = "join neighbouring turns of one role, cut answers before the first question"
    return out + flagged(check, evidence, "error", np.flatnonzero(wrong), what, mend=reordered, fix=fix)


def reordered(chat: Chat, turns: list[int]) -> Chat | None:
    """The chat with its turns in order, or None where only a person could tell the order."""
    new: Chat = []
    for turn in chat:
        turn = dict(turn, role=SAME.get(str(turn.get("role")).strip().lower(), turn.get("role")))
        if not new and turn["role"] == "assistant":
            continue
        if new and _belong_together(new[-1], turn):
            joined = "\n\n".join(filter(None, (new[-1].get("content"), turn.get("content"))))
            new[-1] = dict(new[-1], content=joined)
            continue
        new.append(turn)
    return new if _in_order(new) else None


def _belong_together(one: dict, other: dict) -> bool:
    """Whether two turns are of one role, and texts."""
    return one["role"] == other["role"] != "tool" and not (one.get("tool_calls") or other.get("tool_calls"))


def _in_order(chat: Chat) -> bool:
    kinds = [_kind(turn) for turn in chat]
    answered = any(kind == ASSISTANT for kind in kinds)
    return answered and all(ALLOWED[a, b] for a, b in zip([START, *kinds], kinds, strict=False))


def _kind(turn: dict) -> int:
    kind = {role: code for code, role in enumerate(ROLES[:4])}.get(turn["role"], OTHER)
    return CALL if kind == ASSISTANT and turn.get("tool_calls") else kind


def empty_turns(view, check: Check, evidence: Evidence) -> list[Finding]:
    """Turns without a word.

    How: nothing but white space and invisible characters, and no call of tools.

    Do: an empty turn of the system is taken out; a chat with earlier answers is cut before the empty turn; else the row
    is dropped: an empty answer teaches to say nothing.
    """
    turns = evidence.turns
    empty = turns.content.is_blank() & (turns.calls == 0)
    answer = empty & (turns.role == ASSISTANT)
    said = (
        (answer, "{n} answer[ is|s are] empty", until, "cut the chat before the empty answer"),
        (empty & (turns.role == SYSTEM), "{n} system turn[ is|s are] empty", _without, "take the turn out"),
        (empty & (turns.role != SYSTEM) & ~answer, "{n} turn[ is|s are] empty", until, "cut the chat before the turn"),
    )
    return [
        finding
        for which, what, mend, fix in said
        for finding in flagged(check, evidence, "warning", np.flatnonzero(which), what, mend=mend, fix=fix)
    ]


def _without(chat: Chat, turns: list[int]) -> Chat | None:
    return [turn for number, turn in enumerate(chat, 1) if number not in turns]


def no_answer(view, check: Check, evidence: Evidence) -> list[Finding]:
    """Chats without an answer, or whose last turn is none.

    How: no turn of the assistant at all, or a last turn of somebody else; rows with preferred and rejected answers of
    their own are left out.

    Do: what follows the last answer is cut: nothing is learned from it; rows without any answer are dropped.
    """
    if {"chosen", "rejected"} & set(view.columns):
        return []
    turns, kinds = evidence.turns, kinds_of(evidence)
    answers = np.bincount(turns.row[kinds == ASSISTANT], minlength=len(view))
    there = np.diff(turns.starts) > 0
    last = turns.starts[1:] - 1
    odd = there & (answers > 0) & (kinds[last.clip(0)] != ASSISTANT) if len(kinds) else there
    out = flagged(
        check,
        evidence,
        "warning",
        last[odd],
        "{n} chat[ does|s do] not end with an answer",
        mend=until_last,
        fix="cut what follows the last answer",
    )
    return out + _without_any(view, check, evidence, np.flatnonzero(answers == 0))


def until_last(chat: Chat, turns: list[int]) -> Chat | None:
    """The chat up to its last answer."""
    return until([*chat, {}], [len(chat) + 1])


def _without_any(view, check: Check, evidence: Evidence, rows: np.ndarray) -> list[Finding]:
    if not len(rows):
        return []
    ids = view.ids[rows].tolist()
    message = f"{len(rows):,} chats hold no turn of the assistant: nothing to learn from. To mend: drop the rows."
    return [check.finding("error", message, ids, drop=True)]


CHECKS = (
    Check("CHT201", "roles out of order", "cheap", has_chats, out_of_order),
    Check("CHT202", "empty turns", "cheap", has_chats, empty_turns),
    Check("CHT203", "no answer", "cheap", has_chats, no_answer),
)
