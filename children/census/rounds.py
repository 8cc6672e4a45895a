"""A census round from opening to the frozen snapshot."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.fixed import fixed
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from children.census.roll import as_of_the_day, asked_about, enter
from children.census.snapshot import present_facts
from children.models import Census, CensusRow, Child

Answer, Review = CensusRow.Answer, CensusRow.Review


@transaction.atomic
def open_round(
    *, school: School, kind: str, cut_off: date, due_on: date | None, by: Staff | None, today: date
) -> Census:
    """
    Open a round: every pupil enrolled on `cut_off` becomes a row of its class, known as left behind or not.

    A round about poverty asks only about those known to be poor and those of whose economy nothing is known. Raises
    ValidationError if the days do not fit, no term holds `cut_off`, nobody is to be asked about, or the same round was
    opened before.
    """
    if cut_off > today:
        raise ValidationError({"cut_off": "截止日期不能在今天以后：那时在校的学生还不知道。"})
    if due_on is not None and due_on < today:
        raise ValidationError({"due_on": "完成期限不能早于今天。"})
    term = Term.objects.current(school, cut_off)
    if term is None:
        raise ValidationError({"cut_off": "这一天不在已登记的学期里，请先在学校设置里登记学期。"})
    census = Census(school=school, term=term, kind=kind, cut_off=cut_off, due_on=due_on)
    census.full_clean(exclude=["change"])
    census.save()
    if not enter(census, asked_about(census).values_list("child_id", "school_class_id")):
        poor = kind == Census.Kind.POVERTY
        nobody = "没有要摸底的学生：没有登记困难，家庭经济也都已登记。" if poor else "这一天学校没有在册的学生。"
        raise ValidationError({"cut_off": nobody})
    return census


@dataclass(frozen=True)
class ClassProgress:
    """How far a class has come."""

    school_class: SchoolClass
    name: str
    teachers: str
    total: int
    open: int
    unknown: int
    proposed: int
    returned: int
    overdue: bool
    left: int
    """Pupils who left the school after the cut-off day before anybody answered; nobody waits for them."""

    @property
    def done(self) -> int:
        return self.total - self.open

    @property
    def complete(self) -> bool:
        """All pupils answered and nothing sent back."""
        return self.open == 0 and self.returned == 0


def progress(census: Census, today: date, *, classes: set[int] | None = None) -> list[ClassProgress]:
    """
    The classes of a round, lowest grade first, `classes` only if given. Three statements.

    A running round about poverty has those without a pupil on the list too, for one may be added; a fourth statement.
    """
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    rows = _answers(census.pk) if classes is None else _answers_in(census.pk, tuple(classes))
    for place, answer, review, here in rows:
        if census.closed_at is None and answer == Answer.OPEN and not here:
            counts[place]["left"] += 1
        else:
            counts[place].update(["total", answer, review or "none"])
    if census.kind == Census.Kind.POVERTY and census.closed_at is None:
        for place in _with_pupils(census.school_id):
            if classes is None or place in classes:
                counts[place].update()
    found = _classes(tuple(counts))
    teachers = homeroom_names(set(counts), today)
    late = census.closed_at is None and census.due_on is not None and today > census.due_on
    return [
        ClassProgress(
            school_class=place,
            name=place.name_on(census.cut_off),
            teachers=teachers.get(place.pk, ""),
            total=(count := counts[place.pk])["total"],
            open=count[Answer.OPEN],
            unknown=count[Answer.UNKNOWN],
            proposed=count[Review.PROPOSED],
            returned=count[Review.RETURNED],
            overdue=late and count[Answer.OPEN] + count[Review.RETURNED] > 0,
            left=count["left"],
        )
        for place in found
    ]


def _told_in(rows: QuerySet[CensusRow]) -> QuerySet[CensusRow, Any]:
    here = Q(child__school=F("census__school"), child__school_class__isnull=False)
    return rows.order_by().annotate(here=here).values_list("place", "answer", "review", "here")


@fixed
def _answers(census: int) -> QuerySet[CensusRow, Any]:
    return _told_in(CensusRow.objects.filter(census=census).placed())


@fixed
def _answers_in(census: int, classes: tuple[int, ...]) -> QuerySet[CensusRow, Any]:
    return _told_in(CensusRow.objects.filter(census=census).placed().filter(place__in=classes))


def _with_pupils(school: int) -> list[int]:
    return [place for (place,) in _taken_classes(school)]


@fixed
def _taken_classes(school: int) -> QuerySet[Child, Any]:
    there = Child.objects.filter(school=school).on_roll()
    return there.order_by().values_list("school_class").distinct()


@fixed
def _classes(ids: tuple[int, ...]) -> QuerySet[SchoolClass]:
    return SchoolClass.objects.filter(pk__in=ids).select_related("school").order_by("-entry_year", "number")


def homeroom_names(classes: set[int], on: date) -> dict[int, str]:
    """Class id → its class teachers on the day."""
    names: dict[int, list[str]] = defaultdict(list)
    for place, name in _class_teachers(tuple(classes), on):
        names[place].append(name)
    return {place: "、".join(found) for place, found in names.items()}


@fixed
def _class_teachers(classes: tuple[int, ...], on: date) -> QuerySet[Appointment, Any]:
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, school_class__in=classes)
    return posts.order_by("pk").values_list("school_class", "staff__name")


def open_tasks(staff: Staff, today: date) -> list[tuple[Census, ClassProgress]]:
    """Unfinished classes of this class teacher in running rounds, for the workbench."""
    own = {place.pk: place for place in staff.classes_as(Role.HOMEROOM)}
    if not own:
        return []
    return [
        (census, found)
        for census in _running_in(tuple(own))
        for found in progress(census, today, classes=set(own))
        if not found.complete
    ]


@fixed
def _running_in(classes: tuple[int, ...]) -> QuerySet[Census]:
    there = Q(rows__school_class__in=classes) | Q(rows__child__school_class__in=classes)
    asked = Census.objects.open().filter(there)
    return asked.distinct().select_related("school")


@transaction.atomic
def close_round(*, census: Census, by: Staff, reason: str = "") -> None:
    """
    Freeze the round: what is known of every pupil as of the cut-off day is written beside the answer, for good.

    Who is in it, and in which class, is the roll of that day as the register knows it now.

    Raises ValidationError while proposals wait or were sent back, and without `reason` while pupils are not answered.
    """
    census = Census.objects.select_for_update().get(pk=census.pk)
    if census.closed_at is not None:
        raise ValidationError("这次普查已经定稿。")
    as_of_the_day(census)
    left: Counter[Any] = Counter()
    for _place, answer, review, here in _told_in(census.rows.placed()):
        left.update([review] if answer == Answer.OPEN and not here else [answer, review])
    if waiting := left[Review.PROPOSED]:
        raise ValidationError(f"还有 {waiting} 名学生的变化没有确认，请档案管理员先确认。")
    if returned := left[Review.RETURNED]:
        raise ValidationError(f"还有 {returned} 名学生退回后没有重新核对。")
    if (unanswered := left[Answer.OPEN]) and not reason:
        raise ValidationError({"reason": f"还有 {unanswered} 名学生没有核对，请写明原因。"})
    rows = list(census.rows.all())
    known = present_facts(census, [row.child_id for row in rows])
    for row in rows:
        row.facts = known[row.child_id]
    CensusRow.objects.bulk_update(rows, ["facts"], batch_size=200)
    census.closed_at, census.closed_by, census.unanswered_reason = timezone.now(), by, reason if unanswered else ""
    census.save(update_fields=["closed_at", "closed_by", "unanswered_reason"])


def last_closed(census: Census) -> Census | None:
    """The round before that was closed with an earlier cut-off day: of poverty for poverty, else of any other kind."""
    earlier = Census.objects.filter(school=census.school_id, closed_at__isnull=False, cut_off__lt=census.cut_off)
    poor = Q(kind=Census.Kind.POVERTY)
    earlier = earlier.filter(poor if census.kind == Census.Kind.POVERTY else ~poor)
    return earlier.order_by("-cut_off", "-pk").first()
