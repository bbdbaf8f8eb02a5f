"""Checks of what the assistant says: cut off, repeating, refusing, saying nothing."""

from __future__ import annotations

import re

import numpy as np

from ftkit.data import DatasetView, Texts
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.flags import flagged, has_chats, rewritten, until

ASSISTANT = 2
LONG = 300  # characters: a shorter answer without a full stop may well be whole
FENCE = "```"
HANGING_EN = (
    r"(?i)[ \n](?:the|an?|of|to|and|or|in|with|for|is|are|was|were|which|by|from|at|their|its|your|our|can|will|would|"
    r"should|because|than|into|such as)$|[A-Za-z] ?,$"
)
HANGING_ZH = r"\p{Han}(?:和|与|或|以及|因为|所以|如果|但是|并且|把|被|从|为了|对于|关于|例如|比如|通过|根据|，|、)$"
PROSE_ZH = re.compile(r"[\u4e00-\u9fff].*[，。].*[\u4e00-\u9fff]$", re.DOTALL)
STOPS = re.compile(r"[.!?。！？…]+[\"”’』」)）]*(?=\s|$|[\u4e00-\u9fff])")
TAIL = 240
NO_PROSE = re.compile(r"^\s*([-*+•·#>|]|\d+[.)、]|[(（]?[a-zA-Z][.)）])|https?://|[{}=<>\\|]|;(?! )|\t| {4}")
REFUSALS = (
    r"(?i)^[^.\n]{0,60}(?:i(?:'|’)?m sorry,? but|i am sorry,? but|i apologi[sz]e,? but|sorry, (?:but )?i) ?[^.\n]{0,40}"
    r"(?:can(?:'|’)?t|cannot|can not|unable|not able|don(?:'|’)t have|do not have|won(?:'|’)t)|"
    r"^[^.\n]{0,30}\bi (?:can(?:'|’)?t|cannot|can not|won(?:'|’)t|am unable to|am not able to|(?:'|’)m unable to) "
    r"(?:help|assist|provide|fulfil|comply|do that|answer|support|engage|write|create|generate|access|browse|give)|"
    r"^(?:[^.\n]{0,40}, )?as an? (?:ai|artificial intelligence)(?: language model| model| assistant)?,? "
    r"[^.\n]{0,60}(?:can(?:'|’)?t|cannot|do not|don(?:'|’)t|unable|not able|not capable|no ability|am not)|"
    r"^[\s\p{P}]{0,3}(?:很?抱歉|对不起|不好意思|非常抱歉|很遗憾)[，,。！ ][^。\n]{0,30}"
    r"(?:无法|不能|没有能力|不便|没办法|拒绝)|"
    r"^[^。\n]{0,12}作为(?:一个|一名|一款)?(?:AI|人工智能|语言模型|大型语言模型)[^。\n]{0,30}"
    r"(?:无法|不能|没有|不具备|不会)|^[\s\p{P}]{0,3}我(?:无法|不能)(?:提供|回答|满足|协助|帮助|完成|生成|创作|执行|访问)"
)
EXCUSES = (
    r"(?i)sorry|apolog|can(?:no|'|’)t|can not|\bAI\b|unable|not able|won(?:'|’)t|artificial|"
    r"抱歉|对不起|不好意思|遗憾|作为|我(?:无法|不能)"
)
NOTHING = (
    r"(?i)^[^\p{L}\p{N}]*(?:n/?a|none|null|nan|no ?outputs?|no ?output (?:is )?(?:required|needed)|no ?inputs?|"
    r"no ?response|no ?answer|无|暂无|无需输出|没有输出|无输出|不适用|无内容)[^\p{L}\p{N}]*$"
)
FILLER = (
    r"(?i)\n[^\p{L}\p{N}\n]*(?:input: *)?(?:no ?inputs?(?: (?:is |was )?(?:required|needed|necessary|provided|given|"
    r"available|applicable|specified))?|n/?a|none|null|nil|empty|blank|not applicable|not required|not needed|无|"
    r"无输入|没有输入|无需输入|不适用)[^\p{L}\p{N}\n]*$"
)


def cut_off(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Answers that stop in the middle.

    How: a code fence that is never closed; a last word that wants another (the, of, and; 和, 因为, a comma); or a long
    answer (from 300 characters, 100 Chinese ones) of whole sentences whose last line is prose without an end.
    Lists, code, tables and single words are left alone.

    Do: the chat is cut before such an answer, or the row dropped: it teaches to stop at any place. Often the maximal
    length of the model that wrote the answers was too small: write them again.
    """
    turns = evidence.turns
    at = np.flatnonzero((turns.role == ASSISTANT) & (turns.calls == 0) & (turns.content.lengths >= 20))
    tails = turns.content.take(at).tail(TAIL)
    fenced = turns.content.take(at).count(FENCE) % 2 == 1
    open_end = tails.tail(1).matches(r"[\p{L}\p{N},，、]")
    hanging = np.zeros(len(at), dtype=bool)
    some = np.flatnonzero(open_end)
    ends = tails.take(some)
    hanging[some] = (ends.matches(HANGING_EN) | ends.matches(HANGING_ZH)) & ~_listing(ends)
    maybe = np.flatnonzero(open_end & ~hanging & ~fenced)
    broken = np.zeros(len(at), dtype=bool)
    broken[[i for i in maybe if _stops_in_prose(turns.content[at[i]])]] = True
    out = []
    for which, what, score, severity in (
        (fenced, "{n} answer[ leaves|s leave] a code fence (```) open", 0.95, "warning"),
        (hanging & ~fenced, "{n} answer[ stops|s stop] at a word that wants another", 0.8, "warning"),
        (broken, "{n} long answer[ stops|s stop] without an end", 0.5, "info"),
    ):
        fix = "cut the chat before the answer"
        out += flagged(check, evidence, severity, at[which], what, scores=score, mend=until, fix=fix)
    return out


def _listing(tails: Texts) -> np.ndarray:
    """Whether the last line is one of a list or of code, where a comma or a lone word is no sign."""
    out = np.zeros(len(tails), dtype=bool)
    for i in range(len(tails)):
        *before, last = tails[i].rsplit("\n", 1)
        last = last if before or len(last) < TAIL else f"…{last}"  # what was cut off is no beginning of a line
        short = len(last) < (12 if re.search(r"[\u4e00-\u9fff]", last) else 30)
        out[i] = short or bool(NO_PROSE.search(last))
    return out


def _stops_in_prose(text: str) -> bool:
    """Whether a long answer of whole sentences ends in a line that is a sentence without its end."""
    text = text.rstrip()
    chinese = len(re.findall(r"[\u4e00-\u9fff]", text[-200:])) > 60
    if len(text) < (LONG // 3 if chinese else LONG):
        return False
    *before, last = text.rsplit("\n", 1)
    if NO_PROSE.search(last) or last.split()[-1].startswith("#") or (before and FENCE in text):
        return False
    stops = len(STOPS.findall(text))
    if chinese:
        return stops >= 3 and bool(PROSE_ZH.search(last)) and _others_end(before)
    words = last.split()
    return (
        stops >= 3
        and len(words) >= 8
        and sum(w[:1].islower() for w in words) > 0.6 * len(words)
        and _others_end(before)
    )


def _others_end(before: list[str]) -> bool:
    """Whether the lines before the last end like sentences, most of them: else the writer sets no full stops."""
    lines = [line.rstrip() for line in "\n".join(before).split("\n") if len(line.strip()) > 20]
    ended = sum(
        line.endswith((".", "!", "?", ":", "。", "！", "？", "：", "；", ";", "”", '"', "）", ")")) for line in lines
    )
    return not lines or ended > 0.7 * len(lines)


def repeats_question(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Answers that say the question again.

    How: the answer equals the turn of the user before it, or begins with the whole of it (from 20 characters, 10
    Chinese ones), without regard to case, spaces and punctuation.

    Do: drop the row, or have the answer written again.
    """
    turns = evidence.turns
    at = np.flatnonzero((turns.role[1:] == ASSISTANT) & (turns.role[:-1] == 1) & (np.diff(turns.row) == 0)) + 1
    asked, answers = turns.content.take(at - 1), turns.content.take(at)
    same = (asked.lengths >= 8) & asked.begins_like(answers)
    again, begins = [], []
    for i in np.flatnonzero(same & ~asked.is_blank()):
        question, answer = _plain(asked[i]), _plain(answers[i])
        enough = 10 if re.search(r"[\u4e00-\u9fff]", question) else 20
        if len(question) >= 8 and answer == question:
            again.append(at[i])
        elif len(question) >= enough and answer.startswith(question):
            begins.append(at[i])
    out = flagged(check, evidence, "warning", np.array(again), "{n} answer[ is|s are] the question again")
    what = "{n} answer[ begins|s begin] with the whole question"
    return out + flagged(check, evidence, "info", np.array(begins), what, scores=0.5)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def refusals(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Answers that refuse, or excuse themselves as a machine.

    How: what refusals begin with in English and Chinese (I'm sorry, but I cannot …; As an AI language model, I do
    not …; 抱歉，我无法…; 作为人工智能…), in the first sentence.

    Do: keep those that are wanted; the others teach to refuse. The edit cuts the chat before them or drops the row.
    """
    turns = evidence.turns
    at = np.flatnonzero((turns.role == ASSISTANT) & (turns.content.lengths >= 6))
    heads = turns.content.take(at).head(220)
    maybe = np.flatnonzero(heads.matches(EXCUSES))
    found = at[maybe[heads.take(maybe).matches(REFUSALS)]]
    share = len(found) / max(len(at), 1)
    what = f"{{n}} answer[ refuses|s refuse] or [excuses itself|excuse themselves] as a machine ({share:.1%} of all)"
    return flagged(check, evidence, "info", found, what, scores=0.7, mend=until, fix="cut the chat before the answer")


def says_nothing(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Words that stand for nothing, instead of nothing: a filler as input or as answer.

    How: an answer that is only "N/A", "<nooutput>", "none" or 无; a last line of the user's turn that is only
    "no input", "<noinput>", "N/A" or "none", as in the input field of Alpaca's form.

    Do: such an input is taken out of the turn; rows with such an answer are dropped.
    """
    turns = evidence.turns
    short = np.flatnonzero((turns.role == ASSISTANT) & (turns.calls == 0) & (turns.content.lengths < 40))
    answers = short[turns.content.take(short).matches(NOTHING)]
    asked = np.flatnonzero(turns.role == 1)
    tails = turns.content.take(asked).tail(60)
    lines = np.flatnonzero(tails.contains("\n"))  # quick: most turns are one line
    fillers = asked[lines[tails.take(lines).matches(FILLER)]]
    out = flagged(check, evidence, "info", answers, "{n} answer[ stands|s stand] for no answer", scores=0.6)
    whole = _whole_input(view)[turns.row[fillers]]
    for which, what in ((whole, "{n} input[ says|s say] that there is none"), (~whole, "{n} turn[ ends|s end] so")):
        fix = "take the filler out of the turn"
        out += flagged(check, evidence, "warning", fillers[which], what, mend=rewritten(without_filler), fix=fix)
    return out


def _whole_input(view: DatasetView) -> np.ndarray:
    """Where the filler is all there is in Alpaca's input field; everywhere, where there is no such field."""
    if "input" not in view.columns or view.columns["input"].kind in ("number", "other"):
        return np.ones(len(view), dtype=bool)
    return ~Texts(view.strings("input")).matches(r"\S\s*\n\s*\S")


def without_filler(text: str) -> str:
    """The turn without its last line."""
    return text.rstrip().rsplit("\n", 1)[0].rstrip()


CHECKS = (
    Check("CHT204", "answers cut off", "cheap", has_chats, cut_off),
    Check("CHT205", "answer repeats the question", "cheap", has_chats, repeats_question),
    Check("CHT206", "refusals", "cheap", has_chats, refusals),
    Check("CHT212", "fillers", "cheap", has_chats, says_nothing),
)
