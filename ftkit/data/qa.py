"""Question answering (SQuAD's form) and translation pairs: nested JSON as flat rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from ftkit.data.cells import is_stringy
from ftkit.data.source import Source, Table, column

LANGUAGES = frozenset(
    re.findall(
        r"\S+",
        """en zh de fr es it pt nl ru ja ko ar cs pl tr vi th hi ro fi sv da uk el he hu bg fa bn ta ur ms et lt lv sk
        sl hr sr ca gl eu ga cy is mt
        sw af sq mk hy ka kk uz mn my km lo ne si am yo ig ha zu xh zh_cn zh_tw zh-cn zh-tw
        zh_hans zh_hant en_us en_gb pt_br 中文 英文""",
    )
)
SIDES = (("source", "target"), ("src", "tgt"), ("原文", "译文"))
ASKED = ("question", "问题")
PASSAGE = ("context", "passage", "paragraph", "文章", "上下文")
ANSWERS = ("answers", "answer", "答案")


def squad_rows(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The questions of SQuAD's nested form, one a row; None where the object has another form."""
    articles = value.get("data", [value])
    if not isinstance(articles, list) or not articles or not all(_is_nested(a) for a in articles):
        return None
    return [row for article in articles for row in _questions(article)]


def _is_nested(article: Any) -> bool:
    return isinstance(article, dict) and (isinstance(article.get("paragraphs"), list) or _is_paragraph(article))


def _is_paragraph(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("qas"), list) and "context" in value


def _questions(article: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for paragraph in article.get("paragraphs", [article]):
        for asked in paragraph.get("qas", ()):
            answers = asked.get("answers") or []
            row = {"id": asked.get("id"), "title": article.get("title"), "context": paragraph.get("context")}
            texts, starts = ([a.get(key) for a in answers if isinstance(a, dict)] for key in ("text", "answer_start"))
            row |= {"question": asked.get("question"), "answers": {"text": texts, "answer_start": starts}}
            if "is_impossible" in asked:
                row["is_impossible"] = asked["is_impossible"]
            yield {key: value if value is None or key != "id" else str(value) for key, value in row.items()}


def qa_columns(schema: pa.Schema) -> dict[str, str] | None:
    """The question, the passage and, where there is one, the answer; None where the columns are others."""
    lower = {name.strip().lower(): name for name in reversed(schema.names)}
    found = {
        role: next((lower[usual] for usual in names if usual in lower), None)
        for role, names in (("question", ASKED), ("context", PASSAGE), ("answers", ANSWERS))
    }
    texts = [found["question"], found["context"]]
    if any(name is None or not is_stringy(schema.field(name).type) for name in texts):
        return None
    return {role: name for role, name in found.items() if name is not None}


def as_translation(source: Source) -> Source:
    """The rows with the hub's ``translation`` column as one column a language; themselves where there is none."""
    field = next((f for f in source.schema if f.name == "translation" and _is_pair(f.type)), None)
    if field is None:
        return source
    columns = {}
    for name in source.schema.names:
        cells = column(source, name)
        if name != "translation":
            columns[name] = cells
            continue
        chunks = [chunk.flatten() for chunk in cells.chunks]
        for i in range(field.type.num_fields):
            inner = field.type.field(i)
            columns[inner.name] = pa.chunked_array([parts[i] for parts in chunks], inner.type)
    return Table(pa.table(columns))


def _is_pair(dtype: pa.DataType) -> bool:
    return pa.types.is_struct(dtype) and dtype.num_fields == 2 and all(is_stringy(f.type) for f in dtype)


def translation_columns(schema: pa.Schema) -> tuple[str, str] | None:
    """The text and its translation, known by their names: two languages, or source and target."""
    texts = [field.name for field in schema if is_stringy(field.type)]
    lower = {name.strip().lower(): name for name in texts}
    for one, other in SIDES:
        if one in lower and other in lower:
            return lower[one], lower[other]
    spoken = [name for name in texts if name.strip().lower() in LANGUAGES]
    return (spoken[0], spoken[1]) if len(spoken) == 2 else None
