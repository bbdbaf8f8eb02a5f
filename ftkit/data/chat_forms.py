"""The forms people keep chats in, message by message: ShareGPT's, OpenAI's and Alpaca's, to the canonical one and back.

A canonical message is ``{"role", "content"}`` and, where there are any, ``tool_calls`` (OpenAI's, the arguments always
as JSON text), ``tool_call_id`` and ``name``. ``raw`` keeps the JSON of a message that its own form could not get back
from these; it is written again only while the message still means the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

SHAREGPT_ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "model": "assistant",
    "system": "system",
    "function_call": "assistant",
    "tool_call": "assistant",
    "observation": "tool",
    "function_response": "tool",
    "tool": "tool",
}
SHAREGPT_NAMES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}
CALLS = ("function_call", "tool_call")
KEYS = ("role", "content", "tool_calls", "tool_call_id", "name")
FORMS = ("alpaca", "sharegpt", "openai")

Message = dict[str, Any]


def form_of(message: Any) -> str | None:
    """Which form a message is in: ``openai``, ``sharegpt`` or None."""
    if not isinstance(message, dict):
        return None
    if isinstance(message.get("role"), str) and ("content" in message or "tool_calls" in message):
        return "openai"
    return "sharegpt" if "from" in message and "value" in message else None


def canonical_message(message: Any, form: str) -> Message:
    """One message in the canonical form, with ``raw`` where it could not be written back otherwise."""
    plain = _from(message, form)
    if written(plain, form) != without_nothing(message):
        plain["raw"] = json.dumps(message, ensure_ascii=False)
    return plain


def written(message: Message, form: str) -> Message:
    """A canonical message in the form ``openai`` or ``sharegpt``."""
    if message.get("raw") and form_of(raw := json.loads(message["raw"])) == form:
        same = {key: value for key, value in message.items() if key != "raw" and value is not None}
        if without_nothing(_from(raw, form)) == without_nothing(same):
            return raw
    if form == "sharegpt":
        return _to_sharegpt(message)
    return without_nothing({key: message.get(key) for key in KEYS})


def without_nothing(value: Any) -> Any:
    """The same without keys that hold None, which a table cannot tell from keys that are not there."""
    if isinstance(value, dict):
        return {key: without_nothing(inner) for key, inner in value.items() if inner is not None}
    return [without_nothing(inner) for inner in value] if isinstance(value, list) else value


def _from(message: Any, form: str) -> Message:
    if not isinstance(message, dict):
        return {"role": None, "content": _text(message)}
    return _from_sharegpt(message) if form == "sharegpt" else _from_openai(message)


def _from_sharegpt(message: Message) -> Message:
    who, text = message.get("from"), _text(message.get("value"))
    role = SHAREGPT_ROLES.get(str(who).strip().lower(), None if who is None else str(who))
    if who in CALLS:
        return {"role": role, "content": None, "tool_calls": _parsed_calls(text)}
    return {"role": role, "content": text}


def _from_openai(message: Message) -> Message:
    calls = message.get("tool_calls")
    if calls is None and isinstance(message.get("function_call"), dict):
        calls = [{"type": "function", "function": message["function_call"]}]
    plain = {"role": _text(message.get("role")), "content": _text(message.get("content"))}
    for key in ("tool_call_id", "name"):
        if message.get(key) is not None:
            plain[key] = _text(message[key])
    if isinstance(calls, list) and calls:
        plain["tool_calls"] = [_call(call) for call in calls]
    return plain


def _call(call: Any) -> Message:
    """One tool call with its arguments as JSON text; a broken one keeps its text as arguments without a name."""
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return {"type": "function", "function": {"arguments": _text(call)}}
    body = {"name": _text(function.get("name")), "arguments": _text(function.get("arguments"))}
    rest = {key: _text(call[key]) for key in ("id", "type") if call.get(key) is not None}
    return without_nothing({"type": "function", **rest, "function": body})


def _parsed_calls(text: str | None) -> list[Message]:
    """The calls in the text of a ``function_call`` turn."""
    try:
        calls = json.loads(text or "")
    except ValueError:
        return [{"type": "function", "function": {"arguments": text or ""}}]
    listed = calls if isinstance(calls, list) and calls else [calls]
    if not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in listed):
        return [{"type": "function", "function": {"arguments": text or ""}}]
    return [_call(call) for call in listed]


def _to_sharegpt(message: Message) -> Message:
    if message.get("tool_calls"):
        return {"from": "function_call", "value": _calls_text(message["tool_calls"])}
    role = message.get("role")
    return without_nothing({"from": SHAREGPT_NAMES.get(role, role), "value": message.get("content")})


def _calls_text(calls: list[Message]) -> str:
    bodies = [call.get("function") or {} for call in calls]
    if len(bodies) == 1 and bodies[0].get("name") is None:
        return bodies[0].get("arguments") or ""
    said = [without_nothing({"name": b.get("name"), "arguments": _loaded(b.get("arguments"))}) for b in bodies]
    return json.dumps(said[0] if len(said) == 1 else said, ensure_ascii=False)


def _loaded(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return text


def _text(value: Any) -> str | None:
    """Text as it is, the text parts of a list of parts, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(part, dict) and "type" in part for part in value):
        return "\n".join(str(part.get("text") or f"[{part['type']}]") for part in value)
    return json.dumps(value, ensure_ascii=False)


def alpaca_row(messages: list[Message], given: str | None) -> dict[str, Any]:
    """The Alpaca keys of a conversation; ``given`` is the row's input, which the instruction may end in.

    Raises
    ------
    ValueError
        The conversation has turns that this form cannot hold; the message says which.
    """
    turns = list(enumerate(messages))
    row: dict[str, Any] = {}
    if turns and turns[0][1].get("role") == "system":
        row["system"] = turns.pop(0)[1].get("content") or ""
    pairs = list(_pairs(turns))
    if not pairs:
        raise ValueError("there is no turn of the user")
    user, answer = pairs.pop()
    ends = bool(given) and (user or "").endswith(f"\n{given}")
    row |= {"instruction": user[: -len(given) - 1] if ends else user, "input": given if ends or not given else ""}
    row["output"] = answer
    if pairs:
        row["history"] = [list(pair) for pair in pairs]
    return row


def _pairs(turns: list[tuple[int, Message]]) -> Iterator[tuple[str | None, str | None]]:
    """Questions with their answers; None for an answer that is not there."""
    for place in range(0, len(turns), 2):
        pair = turns[place : place + 2]
        for (number, message), role in zip(pair, ("user", "assistant"), strict=False):
            if message.get("role") != role or message.get("tool_calls"):
                what = "a tool call" if message.get("tool_calls") else f"one of '{message.get('role')}'"
                raise ValueError(f"turn {number + 1} is {what} where one of the {role} has to be")
        yield pair[0][1].get("content"), pair[1][1].get("content") if len(pair) > 1 else None
