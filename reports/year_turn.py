"""
The turn of the school year: graduates confirmed, first-year classes made, teachers carried or changed, terms dated.

Grades move by themselves, because a class's name follows from its entry year (design §4); nothing here rewrites what
was. What a person decides becomes a list of steps; the same list is shown before and carried out after the confirm,
in one transaction. A step that is done already does not come up again, so the page can be used twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count

from activities.left_open import passing_on
from caretrack.access.policy import CLASS_ROLES, Role
from caretrack.periods import chinese_date
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from caretrack.schools.services import appoint, end_appointment
from children.models import Child, codes
from children.services import change_class, leave_school
from children.transfers import school_named, send
from reports.turn_people import Candidate, candidates

ONE_DAY = timedelta(days=1)
GRADUATE, STAY, TRANSFER, LATER = "graduate", "stay", "transfer", "later"
MOST_NEW_CLASSES = 20


@dataclass(frozen=True)
class ClassLine:
    """A class at the turn: its names before and after, and who is its 班主任 at the beginning of the new year."""

    school_class: SchoolClass
    before: str
    after: str
    pupils: int
    post: Appointment | None

    @property
    def teacher(self) -> Staff | None:
        return self.post.staff if self.post else None


@dataclass(frozen=True)
class Situation:
    """What the turn to the school year `year` begins with."""

    school: School
    year: int
    moving: tuple[ClassLine, ...]
    graduating: tuple[ClassLine, ...]
    graduates: Mapping[int, tuple[Child, ...]]
    first_year: tuple[ClassLine, ...]
    usual_classes: int
    people: tuple[Candidate, ...]
    terms: Mapping[int, Term]
    other_schools: tuple[School, ...] = ()

    @property
    def to_confirm(self) -> int:
        return sum(len(children) for children in self.graduates.values())


@dataclass(frozen=True)
class Outcome:
    """What becomes of one pupil of a graduating class, and where to."""

    child: Child
    what: str
    where: str = ""


@dataclass(frozen=True)
class Decisions:
    """What the person decided. `teachers`: class id → staff (None: nobody); `new_teachers`: number → staff."""

    last_day: date
    starts_on: date
    outcomes: tuple[Outcome, ...] = ()
    new_classes: int = 0
    teachers: Mapping[int, Staff | None] = field(default_factory=dict)
    new_teachers: Mapping[int, Staff] = field(default_factory=dict)
    terms: Mapping[int, tuple[date, date]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One thing that will be done: the group it is shown in, its sentence, and what it needs to be done."""

    group: str
    words: str
    act: str
    child: Child | None = None
    school_class: SchoolClass | None = None
    staff: Staff | None = None
    post: Appointment | None = None
    number: int = 0
    first: date | None = None
    last: date | None = None
    where: str = ""
    to_school: School | None = None
    #: What comes along with it; it may change any minute and is no part of what is confirmed.
    beside: str = ""


def turn_year(today: date) -> int:
    """The school year whose beginning is being prepared or is done: from May on the coming one."""
    return today.year if today.month >= 5 else today.year - 1


def situation(school: School, year: int, today: date) -> Situation:
    """What stands at the turn to `year`. A fixed number of statements whatever the number of classes and pupils."""
    before, after = date(year, 7, 31), date(year, 8, 1)
    found = (
        SchoolClass.objects.filter(school=school).annotate(pupils=Count("children")).order_by("entry_year", "number")
    )
    posts = _homeroom_posts(school, max(today, date(year, 9, 1)), today)
    moving, graduating, first_year = [], [], []
    newest = 0
    for one in found:
        one.school = school
        pupils: int = one.pupils  # type: ignore[attr-defined]
        line = ClassLine(one, one.name_on(before), one.name_on(after), pupils, posts.get(one.pk))
        if one.entry_year == year:
            first_year.append(ClassLine(one, "", one.name_on(after), pupils, posts.get(one.pk)))
        elif one.graduates_year <= year:
            if pupils or (one.graduates_year == year and one.pk in posts):
                last_name = one.name_on(date(one.graduates_year, 7, 31))
                graduating.append(ClassLine(one, last_name, one.name_on(after), pupils, posts.get(one.pk)))
        elif one.entry_year < year:
            moving.append(line)
            newest += one.entry_year == year - 1
    graduates: dict[int, list[Child]] = {}
    at = [line.school_class.pk for line in graduating]
    for child in Child.objects.filter(school_class__in=at).defer("id_no", "student_no").by_name():
        graduates.setdefault(child.school_class_id or 0, []).append(child)
    return Situation(
        school,
        year,
        tuple(moving),
        tuple(graduating),
        {pk: tuple(children) for pk, children in graduates.items()},
        tuple(first_year),
        newest or 1,
        candidates(school, today),
        {term.season: term for term in Term.objects.filter(school=school, year=year)},
        tuple(School.objects.exclude(pk=school.pk).order_by("code")),
    )


def _homeroom_posts(school: School, at_start: date, today: date) -> dict[int, Appointment]:
    """Class id → the 班主任 of the new year's first day, else the present one."""
    posts = Appointment.objects.filter(school=school, role=Role.HOMEROOM).select_related("staff").order_by("starts_on")
    found = {post.school_class_id or 0: post for post in posts.current(today)}
    return found | {post.school_class_id or 0: post for post in posts.current(at_start)}


def steps(now: Situation, decided: Decisions, by: Staff, today: date) -> list[Step]:
    """
    What carrying out the decisions means, step by step.

    Raises ValidationError naming the form's field for what cannot be: graduation in the future, nobody's destination,
    a post for oneself, no class to repeat the year in.
    """
    return [
        *_outcomes(now, decided, today),
        *_new_classes(now, decided, by),
        *_teachers(now, decided, by, today),
        *_ends(now),
        *_terms(now, decided),
    ]


def _outcomes(now: Situation, decided: Decisions, today: date) -> list[Step]:
    found = []
    classes = {line.school_class.pk: line for line in now.graduating}
    new_year = date(now.year, 8, 1)
    for one in decided.outcomes:
        if one.what == LATER:
            continue
        if one.what == STAY and today < new_year:
            early = f"{one.child.name}留级要到新学年（8月1日）才能办；现在请选“暂不处理”，到时再来。"
            raise ValidationError({f"what_{one.child.pk}": early})
        if one.what != STAY and decided.last_day > today:
            late = "毕业离校要到在校最后一天之后办理；现在只想办别的，请把学生都选“暂不处理”。"
            raise ValidationError({"last_day": late})
        line = classes[one.child.school_class_id or 0]
        if one.what == STAY:
            lower = SchoolClass.objects.filter(school=now.school, entry_year=line.school_class.entry_year + 1)
            to = lower.filter(number=line.school_class.number).first() or lower.order_by("number").first()
            if to is None:
                raise ValidationError({f"what_{one.child.pk}": f"{one.child.name}没有可以留级的班。"})
            to.school = now.school
            words = f"{one.child.name}：留级，{chinese_date(new_year)}起编入{to.name_on(new_year)}"
            found.append(Step(line.before, words, STAY, child=one.child, school_class=to, first=new_year))
            continue
        if not one.where:
            raise ValidationError({f"where_{one.child.pk}": f"请填写{one.child.name}去哪所学校。"})
        to_school = school_named(one.where, now.other_schools) if one.what == TRANSFER else None
        moves = "转出（档案移交，由对方在系统里接收）" if to_school else "转出（另办档案移交）"
        verb = "毕业" if one.what == GRADUATE else moves
        words = f"{one.child.name}：{verb}，{chinese_date(decided.last_day)}离校，去向{to_school or one.where}"
        step = Step(line.before, words, one.what, child=one.child, last=decided.last_day, where=one.where)
        found.append(replace(step, to_school=to_school))
    return found


def _new_classes(now: Situation, decided: Decisions, by: Staff) -> list[Step]:
    existing = {line.school_class.number for line in now.first_year}
    found = []
    for number in range(1, decided.new_classes + 1):
        teacher = decided.new_teachers.get(number)
        if number in existing:
            continue
        _not_oneself(teacher, by, f"new_teacher_{number}")
        name = SchoolClass(school=now.school, entry_year=now.year, number=number)
        words = f"新建{name.name_on(date(now.year, 9, 1))}" + (f"，班主任{teacher}" if teacher else "，班主任待定")
        words += _besides(now, decided, teacher, new=number)
        found.append(Step("新班级", words, "class", number=number, staff=teacher, first=decided.starts_on))
    return found


def _teachers(now: Situation, decided: Decisions, by: Staff, today: date) -> list[Step]:
    found = []
    unchanged = object()
    lines = [
        line
        for line in (*now.moving, *now.first_year)
        if decided.teachers.get(line.school_class.pk, unchanged) not in (unchanged, line.teacher)
    ]
    promised = passing_on([line.post for line in lines if line.post], today)
    for line in lines:
        key = line.school_class.pk
        teacher = decided.teachers[key]
        _not_oneself(teacher, by, f"teacher_{key}")
        old = f"（原{line.teacher}，任到{chinese_date(decided.starts_on - ONE_DAY)}）" if line.teacher else ""
        new = f"{line.after}：班主任{teacher or '待定'}，{chinese_date(decided.starts_on)}起{old}"
        new += _besides(now, decided, teacher, key=key)
        found.append(
            Step(
                "班主任",
                new,
                "teacher",
                school_class=line.school_class,
                staff=teacher,
                post=line.post,
                first=decided.starts_on,
                beside=_left_with(line, promised),
            )
        )
    return found


def _left_with(line: ClassLine, promised: Mapping[tuple[int, int], int]) -> str:
    """What the former class teacher has promised and the next one will find."""
    number = promised.get((line.post.staff_id, line.school_class.pk), 0) if line.post else 0
    return f"{line.teacher}没有办结的跟进 {number} 项，换班主任那天转给新班主任，没有新班主任的先留着" if number else ""


def _besides(now: Situation, decided: Decisions, teacher: Staff | None, *, key: int = 0, new: int = 0) -> str:
    """What else the teacher will answer for in the new year: two classes are possible, but should be meant."""
    if teacher is None:
        return ""
    kept = {line.school_class.pk: line.teacher for line in (*now.moving, *now.first_year)} | dict(decided.teachers)
    names = {line.school_class.pk: line.after for line in (*now.moving, *now.first_year)}
    others = [names[pk] for pk, staff in kept.items() if staff == teacher and pk != key and pk in names]
    others += [f"新生{n}班" for n, staff in decided.new_teachers.items() if staff == teacher and n != new]
    return f"（同时任{'、'.join(others)}班主任）" if others else ""


def _not_oneself(teacher: Staff | None, by: Staff, name: str) -> None:
    if teacher is not None and teacher.pk == by.pk:
        raise ValidationError({name: "不能给自己任命岗位，请由系统管理员办理。"})


def _ends(now: Situation) -> list[Step]:
    """Class posts of the classes that graduate end with the school year."""
    over = date(now.year, 7, 31)
    classes = {line.school_class.pk: line for line in now.graduating}
    posts = Appointment.objects.filter(school_class__in=classes, role__in=CLASS_ROLES, ends_on__isnull=True)
    return [
        Step(
            "毕业班任职",
            f"{post.staff}不再任{classes[post.school_class_id or 0].before}{post.get_role_display()}，任到{chinese_date(over)}",
            "end",
            post=post,
            last=max(over, post.starts_on),
        )
        for post in posts.select_related("staff").order_by("school_class", "role", "pk")
    ]


def _terms(now: Situation, decided: Decisions) -> list[Step]:
    found = []
    for season, (first, last) in sorted(decided.terms.items()):
        if season in now.terms:
            continue
        term = Term(school=now.school, year=now.year, season=season, starts_on=first, ends_on=last)
        if last <= first:
            raise ValidationError({f"term{season}_last": "放假日期要晚于开学日期。"})
        found.append(
            Step(
                "学期",
                f"建立{term}：{chinese_date(first)}至{chinese_date(last)}",
                "term",
                number=season,
                first=first,
                last=last,
            )
        )
    return found


def fingerprint(planned: Sequence[Step]) -> str:
    """A short mark of what was shown: a confirm of something else is refused."""
    return hashlib.sha256("\n".join(f"{step.group}|{step.words}" for step in planned).encode()).hexdigest()[:32]


@transaction.atomic
def carry_out(now: Situation, planned: Sequence[Step], by: Staff) -> int:
    """
    Do the steps, all or none; returns how many there were.

    Raises ValidationError as the acts do, with the name of the pupil or class that it is about.
    """
    for step in planned:
        try:
            _do(now, step, by)
        except ValidationError as refusal:
            raise ValidationError([f"{step.words}：{text}" for text in refusal.messages]) from refusal
    return len(planned)


def _do(now: Situation, step: Step, by: Staff) -> None:
    first, last, child = step.first, step.last, step.child
    if child is not None and step.act == STAY and step.school_class is not None and first is not None:
        change_class(child=child, to=step.school_class, on=first, by=by, reason="留级")
    elif child is not None and last is not None:
        if step.act == GRADUATE:
            kind = codes.ChangeKind.GRADUATE
            leave_school(child=child, on=last, kind=kind, by=by, reason=step.where, evidence="毕业名册")
        else:
            send(child=child, on=last, by=by, to_school=step.to_school, to_name=step.where)
    elif step.act == "class" and first is not None:
        made = SchoolClass.objects.create(school=now.school, entry_year=now.year, number=step.number)
        if step.staff is not None:
            appoint(staff=step.staff, role=Role.HOMEROOM, school=now.school, school_class=made, on=first)
    elif step.act == "teacher" and first is not None:
        if step.post is not None:
            _end(step.post, first - ONE_DAY)
        if step.staff is not None:
            at = step.school_class
            appoint(staff=step.staff, role=Role.HOMEROOM, school=now.school, school_class=at, on=first)
    elif step.act == "end" and step.post is not None and last is not None:
        _end(step.post, last)
    elif step.act == "term" and first is not None and last is not None:
        term = Term(school=now.school, year=now.year, season=step.number, starts_on=first, ends_on=last)
        term.full_clean(exclude=["change"])
        term.save()


def _end(post: Appointment, last: date) -> None:
    """End a post; one that was only to begin later is taken back, for it would have no day."""
    if post.starts_on > last:
        post.delete()
    elif post.ends_on is None or post.ends_on > last:
        current = Appointment.objects.select_related("staff").get(pk=post.pk)
        if current.ends_on is None:
            end_appointment(appointment=current, on=last)
        else:
            current.ends_on = last
            current.save(update_fields=["ends_on"])
