"""Which language a text is in, by its script and its commonest words, and texts in another than the rest."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ftkit.data import DatasetView, Texts
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.ngrams import words_of
from ftkit.quality.passages import Passages, has_texts, noted, passages

LOOK_AT = 240  # characters of each text
SCRIPTS = {
    "zh": ((0x2E80, 0x2FDF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
    "ja": ((0x3040, 0x30FF), (0x31F0, 0x31FF)),
    "ko": ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF)),
    "ru": ((0x0400, 0x052F),),
    "ar": ((0x0600, 0x06FF), (0x0750, 0x077F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "el": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
    "he": ((0x0590, 0x05FF),),
    "hi": ((0x0900, 0x097F),),
    "bn": ((0x0980, 0x09FF),),
    "ta": ((0x0B80, 0x0BFF),),
    "th": ((0x0E00, 0x0E7F),),
    "ka": ((0x10A0, 0x10FF),),
}
LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F), (0x1E00, 0x1EFF))
NAMES = {
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "ru": "Cyrillic script",
    "ar": "Arabic script",
    "el": "Greek",
    "he": "Hebrew",
    "hi": "Devanagari script",
    "bn": "Bengali",
    "ta": "Tamil",
    "th": "Thai",
    "ka": "Georgian",
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "sv": "Swedish",
    "da": "Danish or Norwegian",
    "pl": "Polish",
    "cs": "Czech",
    "tr": "Turkish",
    "vi": "Vietnamese",
    "id": "Indonesian or Malay",
    "ro": "Romanian",
    "fi": "Finnish",
    "hu": "Hungarian",
}
COMMONEST = {  # words of two letters and more; what English shares with others speaks for neither
    "en": (
        "the of and to in is that it was for on are with as be this have from at by not you they which or were but we "
        "their has had been an his her will would there what so if can when your my me do how who about just no yes "
        "am us son pour war die hat man men all see sure come more some art fast main van den pan sale mere list solo "
        "real general final total era red once animal hotel sin se si lo da os mas ou te ta ma na za"
    ),
    "de": (
        "der die und das ist nicht ich ein eine zu den mit sich auf für von dem auch es wie wir sie aus bei nach hat "
        "noch oder wird sind war über einen einer aber wenn nur mehr kann sein dass ihr was im am"
    ),
    "fr": (
        "le la les des et est un une que qui dans pour pas sur au ce il avec plus du par ne se sont cette mais vous "
        "nous je tu elle ou être ont fait aux leur ses très où été comme"
    ),
    "es": (
        "el la los las que en un una es por con para del se no su al lo como más pero sus le ya este sí porque esta "
        "entre cuando muy sin sobre también me hasta hay donde está son"
    ),
    "it": (
        "il lo la gli le che di un una per non con del della sono da come si anche più ma questo nel alla ha dei "
        "delle mi ci cosa perché molto essere al dal"
    ),
    "pt": (
        "os as que em um uma por com para do da não se mais como mas ao dos das foi seu sua ou quando muito nos já "
        "está também pelo pela são você isso ele ela"
    ),
    "nl": (
        "de het een en van ik te dat die in is niet op zijn met voor je er aan maar om ook als dan hij naar bij wat "
        "nog uit door deze heeft worden zij ze kan"
    ),
    "sv": (
        "och att det som en på är av för med till den har de inte om ett han men var jag från vi så kan när hon ska "
        "sig där eller också efter"
    ),
    "da": (
        "og at det som en på er af for med til den har de ikke om et han men var jeg fra vi så kan når hun skal sig "
        "der eller også efter hvor"
    ),
    "pl": (
        "nie na się do to że jest jak ale po co tak za od przez dla był jego są tym już czy tego który może bardzo "
        "tylko ich być"
    ),
    "cs": (
        "se na je že to do jako pro ale tak jsem by jeho byl po které od nebo také která jsou když už není jen ve být"
    ),
    "tr": (
        "bir ve bu için ile da de çok ne daha olarak gibi ama var kadar en ben sonra olan değil mi her şey bana onun "
        "sen diye nasıl ki"
    ),
    "vi": (
        "là và của có không một cho được với các những trong này người đã khi để đến từ như tôi cũng ra về sẽ nhưng "
        "còn bạn anh làm nhiều rất"
    ),
    "id": (
        "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka "
        "lebih kata sudah atau saat oleh adalah kami anda"
    ),
    "ro": (
        "și în de la cu nu pe care este un din să mai pentru au că sau dar fi ca prin după sunt acest foarte ce am "
        "fost lui"
    ),
    "fi": (
        "ja on ei se että hän oli mutta en ole niin kun mitä joka myös sen kuin ovat tämä vain jos minä nyt olen ne "
        "mukaan hänen"
    ),
    "hu": (
        "az és hogy nem is egy ez van meg de csak már még volt el mint ha aki kell lesz vagy azt mert minden nagyon "
        "ezt után"
    ),
}
LANGUAGES = (*SCRIPTS, *COMMONEST)
SURE = 0.6


def languages_of(texts: Texts) -> np.ndarray:
    """The language of each text as a code into ``LANGUAGES``, -1 where it cannot be told; int64 (N,).

    Examples
    --------
    >>> found = languages_of(Texts(["Where is the house that they had built?", "他们盖的房子在哪里？", "OK"]))
    >>> [LANGUAGES[i] if i >= 0 else None for i in found]
    ['en', 'zh', None]
    """
    return np.concatenate([_languages(part.head(LOOK_AT)) for part in texts.parts()] or [np.zeros(0, np.int64)])


def _languages(texts: Texts) -> np.ndarray:
    shares, letters = _scripts(texts)
    best = shares.argmax(axis=1)
    sure = (shares.max(axis=1) >= SURE) & (letters >= 4)
    kana = shares[:, LANGUAGES.index("ja")]
    japanese = (kana >= 0.1) & (kana + shares[:, LANGUAGES.index("zh")] >= SURE)
    best = np.where(japanese, LANGUAGES.index("ja"), best)
    out = np.where((sure | japanese) & (best < len(SCRIPTS)), best, -1)
    latin = np.flatnonzero((best == len(SCRIPTS)) & sure)
    out[latin] = _latin(texts.take(latin)) if len(latin) else -1
    return out


@lru_cache(maxsize=1)
def _script_table() -> np.ndarray:
    table = np.full(0x110000, 255, dtype=np.uint8)
    for code, ranges in enumerate((*SCRIPTS.values(), LATIN)):
        for low, high in ranges:
            table[low : high + 1] = code
    return table


def _scripts(texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """The share of each script among the letters of each text, float (N, scripts + 1), and their number."""
    kinds = len(SCRIPTS) + 1
    counts = np.zeros((len(texts), kinds), dtype=np.int64)
    for first, codes, bounds in texts.points():
        script = _script_table()[codes]
        at = np.flatnonzero(script != 255)
        row = np.searchsorted(bounds, at, side="right") - 1
        block = np.bincount(row * kinds + script[at], minlength=(len(bounds) - 1) * kinds)
        counts[first : first + len(bounds) - 1] = block.reshape(-1, kinds)
    letters = counts.sum(axis=1)
    return counts / np.maximum(letters, 1)[:, None], letters


@lru_cache(maxsize=1)
def _words() -> tuple[np.ndarray, np.ndarray]:
    """The hashes of the commonest words, sorted, and what each says for each language: less the more share it."""
    listed = [(word, i) for i, words in enumerate(COMMONEST.values()) for word in dict.fromkeys(words.split())]
    hashes = np.concatenate([w.hashes[:1] for word, _ in listed for w in words_of(Texts([word]))])
    values, place, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    weights = np.zeros((len(values), len(COMMONEST)))
    weights[place, [i for _, i in listed]] = 1.0
    return values, weights / counts[:, None]


def _latin(texts: Texts) -> np.ndarray:
    """The language of each text in Latin letters, -1 where fewer than three telling words speak for one."""
    known, weights = _words()
    maybe = np.zeros(1 << 16, dtype=bool)
    maybe[(known >> np.uint64(48)).view(np.int64)] = True
    score = np.zeros((len(texts), len(COMMONEST)))
    total = np.zeros(len(texts))
    for words in words_of(texts):
        row = words.text + words.first
        hit = np.flatnonzero(maybe[(words.hashes >> np.uint64(48)).view(np.int64)])
        place = np.searchsorted(known, words.hashes[hit]).clip(max=len(known) - 1)
        true = known[place] == words.hashes[hit]
        once = np.unique(row[hit[true]] * len(known) + place[true])
        np.add.at(score, once // len(known), weights[once % len(known)])
        total += np.bincount(row, minlength=len(texts))
    best = score.argmax(axis=1)
    top = score[np.arange(len(texts)), best]
    score[np.arange(len(texts)), best] = 0
    sure = (top >= 2.0) & (top >= 1.5 * score.max(axis=1, initial=0)) & (top >= 0.08 * total)
    return np.where(sure, best + len(SCRIPTS), -1)


def other_language(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Texts in another language than most.

    How: by script where a script tells; by the commonest words of 17 languages where it is Latin. The column's language
    is the one of at least 80 % of the texts whose language can be told; a text counts as another's where three telling
    words or most of its letters say so.

    Do: drop them, or translate them; where several languages are meant, keep them.
    """
    out = []
    for part in passages(evidence):
        found = languages_of(part.texts)
        counts = np.bincount(found[found >= 0], minlength=len(LANGUAGES))
        if not counts.any() or counts.max() < 0.8 * counts.sum():
            continue
        main = int(counts.argmax())
        at = np.flatnonzero((found >= 0) & (found != main) & _foreign(part, main))
        listed = ", ".join(f"{n:,} {NAMES[LANGUAGES[i]]}" for i, n in _most(found[at]))
        what = f"{{n}} text[ is|s are] in another language than {NAMES[LANGUAGES[main]]} ({listed})"
        out += noted(check, evidence, "info", part, at, what, scores=0.7)
    return out


def _foreign(part: Passages, main: int) -> np.ndarray:
    """Whether a text is without the main language's script: a few letters of it may be a quotation's frame."""
    if LANGUAGES[main] not in ("zh", "ja"):
        return part.texts.lengths >= 12
    return ~part.texts.matches(r"\p{Han}") & (part.texts.lengths >= 12)


def _most(codes: np.ndarray) -> list[tuple[int, int]]:
    counts = np.bincount(codes, minlength=len(LANGUAGES)) if len(codes) else np.zeros(1, int)
    return [(int(i), int(counts[i])) for i in np.argsort(-counts, kind="stable")[:4] if counts[i]]


CHECKS = (Check("TXT203", "other languages", "cheap", has_texts, other_language),)
