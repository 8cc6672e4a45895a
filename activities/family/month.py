"""
What a parent away may be told of one month: facts from the records, never restricted ones, never counselling.

Results without rank or comparison (教育部令50号 art. 10), and no word that marks the child by its family (domain §12 P-16).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q

from activities.models import Absence, ActivityParticipant, CareRecord, ClassDay, Kind
from activities.models.record import Visibility
from caretrack.access.history import first_entries
from caretrack.periods import Month
from caretrack.schools.models import Staff, Term
from children.life.results import in_order
from children.models import Award, Child, HealthCheck, Result

#: The kinds that are counted for the parents, in the words in which they are told.
TOLD = {
    Kind.TALK: "谈心",
    Kind.HOME_VISIT: "家访",
    Kind.CALL: "亲情电话",
    Kind.VIDEO: "亲情视频",
    Kind.LETTER: "亲情书信",
    Kind.TUTORING: "学习辅导",
    Kind.HOMEWORK: "检查作业",
    Kind.MEAL: "共进亲情餐",
    Kind.READING: "读书",
    Kind.BIRTHDAY: "过生日",
}
#: So many characters go into one phone message.
LIMIT = 140
NOTHING_KNOWN = "孩子近况欢迎随时来电了解。"


@dataclass(frozen=True)
class MonthFacts:
    """One child's month. Empty where nothing is known; nothing is claimed that was not entered."""

    care: tuple[tuple[str, int], ...] = ()
    attendance: str = ""
    results: tuple[tuple[str, str], ...] = ()
    praise: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    health: tuple[str, ...] = ()

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(title, text) for page and paper, empty ones left out."""
        told = (
            ("出勤", self.attendance),
            ("关心和陪伴", "、".join(f"{name} {number} 次" for name, number in self.care)),
            ("学习", "、".join(f"{subject} {mark}" for subject, mark in self.results)),
            ("表扬和进步", "、".join(self.praise)),
            ("参加活动", "、".join(self.activities)),
            ("身体和健康", "；".join(self.health)),
        )
        return [(title, text) for title, text in told if text]


@dataclass
class _Gathered:
    care: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)
    results: dict[str, str] = field(default_factory=dict)
    praise: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    ill: list[date] = field(default_factory=list)


def facts_of_month(children: Iterable[Child], month: Month) -> dict[int, MonthFacts]:
    """Child id → its month; the caller has checked that care and health of these children may be read. Six statements."""
    listed = list(children)
    found: dict[int, _Gathered] = defaultdict(_Gathered)
    ids = [child.pk for child in listed]
    span = {"on__gte": month.first, "on__lte": month.last}
    _records(found, ids, span)
    rolls = dict(
        ClassDay.objects.filter(school_class__in={child.school_class_id for child in listed}, **span)
        .order_by()
        .values("school_class")
        .annotate(days=Count("pk"))
        .values_list("school_class", "days")
    )
    for pk, reason in Absence.objects.filter(child__in=ids, **span).order_by("on").values_list("child", "reason"):
        found[pk].away[Absence.Reason(reason).label] += 1
    _results(found, ids, month)
    for award in Award.objects.filter(child__in=ids, **span).order_by("on", "pk"):
        found[award.child_id].praise.append(f"获得{award.get_scope_display()}“{award.title}”")
    _activities(found, ids, month)
    for check in HealthCheck.objects.filter(child__in=ids, **span).order_by("on", "pk"):
        found[check.child_id].health.append(_check_words(check))
    return {child.pk: _told(found[child.pk], rolls.get(child.school_class_id or 0, 0)) for child in listed}


def _records(found: Mapping[int, _Gathered], ids: list[int], span: dict[str, date]) -> None:
    kinds = [*TOLD, Kind.GOOD_DEED, Kind.ILLNESS]
    rows = CareRecord.objects.reached().filter(child__in=ids, kind__in=kinds, visibility=Visibility.NORMAL, **span)
    for pk, kind, on in rows.order_by("on", "pk").values_list("child", "kind", "on"):
        if kind == Kind.ILLNESS:
            found[pk].ill.append(on)
        else:
            found[pk].care[kind] += 1


def _results(found: Mapping[int, _Gathered], ids: list[int], month: Month) -> None:
    """
    The marks first entered in the month, an examination having no day of its own: of the term, or in the holidays of
    the one before. What was entered of earlier terms, or only corrected, is no news.
    """
    later = Term.objects.filter(
        school=OuterRef("term__school"), starts_on__lte=month.first, starts_on__gt=OuterRef("term__starts_on")
    )
    rows = Result.objects.filter(~Exists(later), child__in=ids, term__starts_on__lte=month.last)
    listed = list(rows.select_related("change").order_by("term__starts_on", "pk"))
    entered = first_entries(listed)
    for result in listed:
        if not month.first <= entered[result.pk] <= month.last:
            continue
        step = result.stated_or_reached
        mark = f"{result.mark.normalize():f} 分" if result.mark is not None else ""
        found[result.child_id].results[result.subject] = f"{mark}（{step}）" if mark and step else mark or step


def _activities(found: Mapping[int, _Gathered], ids: list[int], month: Month) -> None:
    rows = ActivityParticipant.objects.present().filter(
        child__in=ids, activity__on__gte=month.first, activity__on__lte=month.last, came=True
    )
    for pk, name, prize in rows.order_by("activity__on", "pk").values_list("child", "activity__name", "prize"):
        found[pk].activities.append(name)
        if prize:
            found[pk].praise.append(f"在“{name}”中获{prize}")


def _check_words(check: HealthCheck) -> str:
    values = [
        f"身高 {check.height_cm.normalize():f} 厘米" if check.height_cm else "",
        f"体重 {check.weight_kg.normalize():f} 千克" if check.weight_kg else "",
        f"视力 左 {check.sight_left} 右 {check.sight_right}" if check.sight_left and check.sight_right else "",
    ]
    told = "、".join(filter(None, values)) or "已体检"
    waits = check.needs_follow_up and check.followed_up_on is None
    return f"{check.on.month}月{check.on.day}日体检：{told}" + ("，有一项需要复查，请与班主任联系" if waits else "")


def _told(one: _Gathered, days_called: int) -> MonthFacts:
    deeds = one.care.pop(Kind.GOOD_DEED, 0)
    away = sum(one.away.values())
    if away:
        attendance = f"缺勤 {away} 天（" + "、".join(f"{why} {n} 天" for why, n in one.away.items()) + "）"
    else:
        attendance = f"点名 {days_called} 天，全勤" if days_called else ""
    ill = [f"{on.month}月{on.day}日身体不适，学校已照料" for on in one.ill]
    return MonthFacts(
        care=tuple((name, one.care[kind]) for kind, name in TOLD.items() if one.care[kind]),
        attendance=attendance,
        results=tuple(
            (subject, one.results[subject]) for subject in in_order(set(one.results)) if one.results[subject]
        ),
        praise=(*one.praise, *([f"做好事 {deeds} 件"] if deeds else [])),
        activities=tuple(one.activities),
        health=(*ill, *one.health),
    )


def message(
    facts: MonthFacts, *, school: str, name: str, month: Month, teacher: str, words: str = "", next_step: str = ""
) -> str:
    """
    A text of at most 140 characters for a phone. What the teacher says comes first, facts fill what room is left.

    It is read on phones that others may hold: no marks, no illness, no address.
    """
    head, tail = f"{name}家长您好！{month.month}月在校情况：", f"{school}{teacher}"
    pieces = {
        "words": _closed(words),
        "attendance": facts.attendance.split("（")[0].replace(" ", ""),
        "care": "、".join(f"{kind}{number}次" for kind, number in facts.care[:4]),
        "praise": facts.praise[0].replace(" ", "") if facts.praise else "",
        "activities": f"参加{facts.activities[0]}" if facts.activities else "",
        "next": f"下一步：{_closed(next_step)}" if next_step.strip() else "",
    }
    room = LIMIT - len(head) - len(tail)
    kept: dict[str, str] = {}
    for key in ("words", "next", "attendance", "praise", "care", "activities"):
        text = pieces[key]
        if not text:
            continue
        text = _closed(text)
        if len(text) > room and key in ("words", "next") and room > 8:
            text = text[: room - 1].rstrip("，、；。") + "…"
        if len(text) <= room:
            kept[key], room = text, room - len(text)
    said = "".join(kept[key] for key in pieces if key in kept)
    return f"{head}{said or NOTHING_KNOWN}{tail}"[:LIMIT]


def teacher_name(staff: Staff) -> str:
    """How a teacher signs a message to parents."""
    return staff.name if staff.name.endswith("老师") else f"{staff.name}老师"


def _closed(text: str) -> str:
    """A sentence with its full stop."""
    text = " ".join(text.split())
    return text if not text or text[-1] in "。！？…" else f"{text}。"


def last_contacts(ids: Iterable[int], month: Month) -> dict[int, date]:
    """Child id → the last day in the month on which somebody spoke with a parent. One statement."""
    rows = CareRecord.objects.reached().with_parents().between(month.first, month.last).filter(
        Q(visibility=Visibility.NORMAL), child__in=list(ids), kind=Kind.PARENT_CONTACT
    )  # fmt: skip
    grouped: Any = rows.order_by().values("child").annotate(last=Max("on")).values_list("child", "last")
    return dict(grouped)
