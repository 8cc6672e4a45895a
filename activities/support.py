"""What was done for a support plan, told by the records, and its paper (domain §6.2, §13 no. 41)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, QuerySet

from activities.models import CareRecord, Kind
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from mentoring.models import SupportPlan

#: Records that carry out a learning plan.
TUTORING = (Kind.TUTORING, Kind.HOMEWORK)
SHOWN = 20


def carried_out(plan: SupportPlan, staff: Staff) -> QuerySet[CareRecord]:
    """The tutoring and homework checks since a learning plan began, newest first, as far as `staff` reads them."""
    found = CareRecord.objects.visible_to(staff).reached().filter(child=plan.child_id, kind__in=TUTORING)
    found = found.filter(on__gte=plan.starts_on)
    if plan.ended_on is not None:
        found = found.filter(on__lte=plan.ended_on)
    return found.select_related("author").newest_first()


def times_carried_out(plans: list[SupportPlan]) -> dict[int, tuple[int, date | None]]:
    """Learning plan id → (how many records since it began, the last day); one statement."""
    learning = [plan for plan in plans if not plan.is_individual]
    if not learning:
        return {}
    rows = (
        CareRecord.objects.reached()
        .filter(child__in={plan.child_id for plan in learning}, kind__in=TUTORING)
        .order_by()
        .values("child", "on")
        .annotate(number=Count("pk"), last=Max("on"))
    )
    by_child: dict[int, list[tuple[date, int]]] = {}
    for row in rows:
        by_child.setdefault(row["child"], []).append((row["on"], row["number"]))
    found = {}
    for plan in learning:
        last = plan.ended_on or date.max
        days = [(on, number) for on, number in by_child.get(plan.child_id, ()) if plan.starts_on <= on <= last]
        found[plan.pk] = (sum(number for _, number in days), max((on for on, _ in days), default=None))
    return found


@dataclass(frozen=True)
class ReviewLine:
    """One review on paper."""

    on: date
    effect: str
    next_step: str
    by: str


@dataclass(frozen=True)
class PlanPaper:
    """A plan on paper; blank when `child` is empty. `texts` are (title, text) in the order of the form."""

    title: str
    school: str
    term: str
    child: str
    sex: str
    class_name: str
    made_by: str
    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    reviews: tuple[ReviewLine, ...]
    effect: str
    tutoring: int | None
    individual: bool
    empty_rows: range


LEARNING_TEXTS = (
    ("学业分析", "situation"),
    ("帮扶目标", "goals"),
    ("帮扶内容", "measures"),
    ("儿童意见", "child_view"),
)
INDIVIDUAL_TEXTS = (
    ("基本情况与主要问题", "situation"), ("原因分析\n（家庭、学校、个人）", "causes"), ("目　标", "goals"), ("措　施", "measures"),
    ("儿童意见", "child_view"),
)  # fmt: skip
EMPTY_REVIEWS = 4


def plan_paper(plan: SupportPlan, staff: Staff) -> PlanPaper:
    """The paper of a plan that `staff` reads."""
    child = plan.child
    facts = [("开始日期", f"{chinese_date(plan.starts_on)}"), ("帮扶时间", plan.schedule)]
    if plan.is_individual:
        told = f"{plan.guardian_told_on}" if plan.guardian_told_on else f"未告知：{plan.guardian_note}"
        facts = [("适用情形", plan.criteria), ("监护人知情", told), *facts]
    else:
        facts = [("学　科", plan.subject), *facts, ("下次评估", f"{plan.review_on or ''}")]
        facts.append(("学习小助手", plan.helper.name if plan.helper else ""))
    reviews = tuple(
        ReviewLine(row.on, row.effect, row.next_step, row.reviewed_by.name)
        for row in plan.reviews.select_related("reviewed_by")
    )
    names = INDIVIDUAL_TEXTS if plan.is_individual else LEARNING_TEXTS
    return PlanPaper(
        title=plan.get_kind_display(),
        school=child.school.name,
        term=str(plan.term),
        child=child.name,
        sex=child.get_sex_display(),
        class_name=child.class_name(plan.starts_on),
        made_by=plan.made_by.name,
        facts=tuple(facts),
        texts=tuple((title, getattr(plan, name)) for title, name in names),
        reviews=reviews,
        effect=plan.effect,
        tutoring=None if plan.is_individual else carried_out(plan, staff).count(),
        individual=plan.is_individual,
        empty_rows=range(max(EMPTY_REVIEWS - len(reviews), 0)),
    )


def blank_plan(kind: str, school: str) -> PlanPaper:
    """The same paper to fill in by hand."""
    individual = kind == SupportPlan.Kind.INDIVIDUAL
    heads: tuple[str, ...] = ("适用情形", "监护人知情", "开始日期", "帮扶时间")
    heads = heads if individual else ("学　科", "开始日期", "帮扶时间", "下次评估", "学习小助手")
    names: Any = INDIVIDUAL_TEXTS if individual else LEARNING_TEXTS
    return PlanPaper(
        SupportPlan.Kind(kind).label, school, "", "", "", "", "", tuple((head, "") for head in heads),
        tuple((title, "") for title, _ in names), (), "", None, individual, range(EMPTY_REVIEWS),
    )  # fmt: skip
