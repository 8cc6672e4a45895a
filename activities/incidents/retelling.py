"""The free texts of an anonymous paper: shown to be read and put right, printed as they were left, kept nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from activities.incidents.paper import IncidentPaper

_TEXTS = (
    ("account", "简要经过"),
    ("injury", "伤情"),
    ("measures", "已采取措施"),
    ("outcome", "处置结果"),
    ("aftercare", "后续保护与心理支持"),
)


@dataclass(frozen=True)
class Passage:
    """One text of the paper: the name of its box, its label, its words."""

    key: str
    label: str
    text: str


def passages(paper: IncidentPaper) -> list[Passage]:
    """What people wrote, in the order of the paper; empty texts left out."""
    found = [Passage(key, label, getattr(paper, key)) for key, label in _TEXTS[:3]]
    found += [Passage(f"chain_{n}", f"报告链：{line.to}的说明", line.note) for n, line in enumerate(paper.chain)]
    found += [Passage(f"course_{n}", f"处置经过：{at}", text) for n, (at, text) in enumerate(paper.course)]
    found += [Passage(key, label, getattr(paper, key)) for key, label in _TEXTS[3:]]
    return [passage for passage in found if passage.text]


def retold(paper: IncidentPaper, texts: Mapping[str, str]) -> IncidentPaper:
    """The paper with `texts` (box → words) instead of its own; a line of the course left empty is left out."""
    course = ((at, texts.get(f"course_{n}", text)) for n, (at, text) in enumerate(paper.course))
    changed: dict[str, Any] = {key: texts[key] for key, _label in _TEXTS if key in texts}
    return replace(
        paper,
        **changed,
        chain=tuple(replace(line, note=texts.get(f"chain_{n}", line.note)) for n, line in enumerate(paper.chain)),
        course=tuple((at, text) for at, text in course if text),
    )
