"""
What is missing or expiring in the care of a child, as sentences (未保法 art. 21–23; domain §11.3, §12 P-31).

Pure: whoever asks has fetched the arrangement, the kinds of papers on file and who is away.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from children.models import CareArrangement, ChildFile, codes

SOON = timedelta(days=30)


@dataclass(frozen=True)
class CareWarning:
    """One sentence: how grave (tone of a notice), what, and the field of the care form where it is put right."""

    tone: str
    text: str
    field: str = ""
    upload: str = ""


def care_warnings(
    care: CareArrangement | None,
    *,
    both_away: bool,
    papers: Collection[str],
    on: date,
    exclusions: bool = True,
) -> list[CareWarning]:
    """
    What to do about the care of one child, gravest first.

    `papers` are the kinds of files on record, `exclusions` whether the reader may know of the art. 22 check.
    """
    if care is None:
        return [CareWarning("warning", "还没有登记谁在照顾这名学生。", "carer")] if both_away else []
    found = _of_carer(care, exclusions)
    entrusts = both_away and care.care_type not in (codes.CareType.ONE_PARENT, *codes.UNCARED)
    if entrusts and not care.entrusted:
        found.append(
            CareWarning("warning", "父母双方外出，还没有登记委托照护协议（未成年人保护法第二十二条）。", "entrusted")
        )
    if care.entrusted:
        found += _of_paper(care, papers, on)
    if (entrusts or care.entrusted) and care.school_told_on is None:
        found.append(
            CareWarning(
                "warning", "父母还没有把委托照护情况书面告知学校（未成年人保护法第二十三条）。", "school_told_on"
            )
        )
    if exclusions and (entrusts or care.entrusted) and not care.exclusions and care.excluded_checked_on is None:
        found.append(CareWarning("info", "还没有核查被委托人有无不得委托的情形。", "excluded_checked_on"))
    return found


def _of_carer(care: CareArrangement, exclusions: bool) -> list[CareWarning]:
    found = []
    if exclusions and care.exclusions:
        found.append(
            CareWarning(
                "danger", "被委托人有未成年人保护法第二十二条所列情形，不得委托其照护，请另行落实监护人。", "exclusions"
            )
        )
    if care.care_type in codes.UNCARED:
        found.append(
            CareWarning(
                "danger", f"监护类型为“{care.get_care_type_display()}”：未满十六周岁的不得单独居住生活。", "care_type"
            )
        )
    if care.rating == codes.CareRating.POOR:
        found.append(CareWarning("warning", "监护情况评估为“差”，应列为重点帮扶对象。", "rating"))
    return found


def _of_paper(care: CareArrangement, papers: Collection[str], on: date) -> list[CareWarning]:
    found = []
    until = care.entrusted_until
    if until is not None and until < on:
        found.append(CareWarning("danger", f"委托照护协议已于{_day(until)}到期，请尽快续签。", "entrusted_until"))
    elif until is not None and until <= on + SOON:
        found.append(
            CareWarning("warning", f"委托照护协议将于{_day(until)}到期，还有{(until - on).days}天。", "entrusted_until")
        )
    if ChildFile.Kind.ENTRUSTMENT not in papers:
        found.append(CareWarning("info", "委托照护协议还没有存入附件。", upload=ChildFile.Kind.ENTRUSTMENT))
    return found


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
