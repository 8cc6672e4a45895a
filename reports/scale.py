"""
Schools, children and records in bulk for measuring: as many as asked for, the same for the same seed.

Nothing here is meant to be read by people: names repeat, texts come from a small pool. Children, families, enrolments,
pairings and records agree with each other as they do after real use.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from activities.models import CareRecord, FollowUp, Kind
from activities.programmes import adopt
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    Phone,
    StatusChange,
    codes,
)
from mentoring.models import Mentor, Pairing
from reports.demo.clock import Calendar, TypedAt, school_days
from reports.demo.people import BOYS, CITIES, GIRLS, MEN, OLD_WOMEN, SURNAMES, WOMEN, id_number

REASON = "生成测试规模数据"
SCHOOL_SIZE = 500
CLASS_SIZE = 28
SCHOOLS_A_TOWNSHIP = 10
BATCH = 1000
KINDS = (Kind.TALK,) * 4 + (Kind.CALL, Kind.CALL, Kind.HOME_VISIT, Kind.HOMEWORK, Kind.TUTORING, Kind.PARENT_CONTACT)
STATES = ("good", "good", "steady", "steady", "steady", "low")
SENTENCES = tuple(
    f"{opening}{said}{end}"
    for opening in ("课间聊了聊，", "放学后留下谈话，", "午饭后散步，", "到家里看了看，")
    for said in ("说最近功课跟得上，", "说想念外出的父母，", "和同学闹了点别扭，", "身体没有不舒服，", "晚上睡得晚，")
    for end in ("情绪平稳。", "约好下周再谈。", "鼓励坚持写日记。", "已与照护人沟通。", "继续关注。")
)
Status = codes.ParentStatus


@dataclass
class Place:
    """A school while its children are made."""

    school: School
    classes: list[SchoolClass]
    homeroom: dict[int, Staff]
    mentors: list[Mentor]
    lead: Staff
    days: list[date]


@dataclass
class Batch:
    """Rows of one school, written table after table."""

    children: list[Child] = field(default_factory=list)
    members: list[FamilyMember] = field(default_factory=list)
    rest: dict[type, list] = field(default_factory=dict)

    def add(self, row: object) -> None:
        self.rest.setdefault(type(row), []).append(row)


class Scale:
    """`make` writes and yields the number of children after each school, so that a command can report progress."""

    def __init__(self, *, children: int, records_per_child: int, seed: int, today: date, first_number: int = 1) -> None:
        self.children, self.records_per_child, self.today = children, records_per_child, today
        self.rng = random.Random(f"scale {seed}")  # noqa: S311
        self.first_number, self.made = first_number, 0
        # The digits of an ID number that follow the birth date count the children born that day.
        self.births: Counter[date] = Counter()
        for birth in Child.objects.values_list("birth_date", flat=True).iterator():
            if birth:
                self.births[birth] += 1
        self.calendar = Calendar.around(today)
        self.clock = TypedAt(self.rng, today)
        self.parent: School | None = None

    def make(self) -> Iterator[int]:
        """One transaction a school."""
        number = self.first_number
        while self.made < self.children:
            size = min(SCHOOL_SIZE, self.children - self.made)
            with transaction.atomic(), change_by(None, REASON), self.clock.running():
                self._school(number, size)
            number += 1
            yield self.made

    # --- a school --------------------------------------------------------------------------------------------------

    def _school(self, number: int, size: int) -> None:
        central = (number - self.first_number) % SCHOOLS_A_TOWNSHIP == 0
        school = School.objects.create(
            code=f"98{number:06}", name=f"测试县第{number}小学", short_name=f"第{number}小学",
            parent=None if central else self.parent,
        )  # fmt: skip
        if central:
            self.parent = school
        for dates in (self.calendar.term, self.calendar.earlier):
            Term.objects.create(
                school=school, year=dates.year, season=dates.season, starts_on=dates.first, ends_on=dates.last
            )
        place = self._place(school, size)
        adopt("six_ones", school, self.calendar.earlier.first, None)
        batch = Batch()
        for order in range(size):
            self._child(place, batch, place.classes[order * len(place.classes) // size])
            self.made += 1
        Child.objects.bulk_create(batch.children, batch_size=BATCH)
        FamilyMember.objects.bulk_create(batch.members, batch_size=BATCH)
        for model, rows in batch.rest.items():
            model.objects.bulk_create(rows, batch_size=BATCH)  # type: ignore[attr-defined]
        self._records(place, batch.children)

    def _place(self, school: School, size: int) -> Place:
        parallel = max(1, round(size / 6 / CLASS_SIZE))
        classes = [
            SchoolClass.objects.create(school=school, entry_year=self.calendar.school_year - grade, number=n)
            for grade in range(6)
            for n in range(1, parallel + 1)
        ]
        # No password opens these accounts; whoever measures makes the sessions.
        posts: list[tuple[Role, SchoolClass | None]] = [(Role.HOMEROOM, c) for c in classes]
        posts += [
            (role, None)
            for role in (
                Role.CARE_LEAD,
                Role.PRINCIPAL,
                Role.LEADER,
                Role.REGISTRAR,
                Role.COUNSELLOR,
                Role.SYSADMIN,
            )
        ]
        posts += [(Role.TEACHER, c) for c in classes[::4]]
        posts += [(Role.SUPERIOR, None)] if school is self.parent else []
        people = [
            Staff(
                username=f"{role.value}{school.code}{order}", name=self._name(MEN + WOMEN), password="!",  # noqa: S106
                must_change_password=False, background_checked_on=self.calendar.term.first,
            )
            for order, (role, _) in enumerate(posts)
        ]  # fmt: skip
        Staff.objects.bulk_create(people)
        Appointment.objects.bulk_create(
            Appointment(staff=person, role=role, school=school, school_class=at, starts_on=self.calendar.earlier.first)
            for person, (role, at) in zip(people, posts, strict=True)
        )
        mentors = [
            Mentor(school=school, staff=person, name=person.name, background_checked_on=self.calendar.term.first)
            for person in people[: len(classes)]
        ]
        Mentor.objects.bulk_create(mentors)
        days = school_days(self.calendar.earlier.first, self.calendar.until)
        homeroom = {c.pk: person for c, person in zip(classes, people, strict=False)}
        return Place(school, classes, homeroom, mentors, people[len(classes)], days)

    def _name(self, given: tuple[str, ...]) -> str:
        return self.rng.choice(SURNAMES) + self.rng.choice(given)

    # --- a child ---------------------------------------------------------------------------------------------------

    def _child(self, place: Place, batch: Batch, school_class: SchoolClass) -> None:
        rng = self.rng
        male = rng.random() < 0.52
        entry = date(school_class.entry_year, 9, 1)
        birth = entry - timedelta(days=2200 + rng.randrange(360))
        id_no = id_number(birth, self.births[birth], male=male)
        self.births[birth] += 1
        name = self._name(BOYS if male else GIRLS)
        child = Child(
            name=name, sex="1" if male else "2", birth_date=birth, ethnic="01",
            id_no=id_no, student_no=f"G{id_no}",
            hukou_kind="1", hukou_registered=True, address=f"测试县{rng.choice(SURNAMES)}家村{rng.randrange(1, 90)}号",
            school=place.school, school_class=school_class, boarding="1", commute="walk", body_state="healthy",
            family_structure="complete", temper=rng.choice(codes.Temper.values), hobbies="画画",
            support_level=rng.choices(codes.SupportLevel.values, (80, 14, 5.5, 0.5))[0],
            family_confirmed_on=self.calendar.term.first,
        )  # fmt: skip
        self.clock.on(entry)
        self.clock.stamp(child)
        batch.children.append(child)
        batch.add(Enrollment(child=child, school_class=school_class, school=place.school, starts_on=entry))
        change = StatusChange(child=child, school=place.school, school_class=school_class, kind="enrol_new", on=entry)
        self.clock.stamp(change)
        batch.add(change)
        self._family(place, batch, child, entry)

    def _family(self, place: Place, batch: Batch, child: Child, entry: date) -> None:
        rng = self.rng
        case = rng.random()
        away = {codes.Relation.FATHER: case < 0.42, codes.Relation.MOTHER: case < 0.25}
        since = date(self.today.year - rng.randrange(1, 6), rng.choice((2, 3)), rng.randrange(6, 28))
        granny = FamilyMember(
            child=child, name=self._name(OLD_WOMEN), relation=codes.Relation.GRANDMOTHER, status=Status.AT_HOME
        )
        parents = []
        for relation, names in ((codes.Relation.FATHER, MEN), (codes.Relation.MOTHER, WOMEN)):
            place_name, region = rng.choice(CITIES)
            gone = away[relation]
            member = FamilyMember(
                child=child, relation=relation, name=child.name[0] + rng.choice(names), has_capacity=True,
                status=Status.AWAY_WORK if gone else Status.AT_HOME, away_since=since if gone else None,
                work_place=place_name if gone else "", work_region=region if gone else "",
            )  # fmt: skip
            parents.append(member)
            if gone:
                batch.add(AbsenceSpan(member=member, status=Status.AWAY_WORK, starts_on=since, work_place=place_name))
        batch.members += [*parents, granny]
        for order, member in enumerate((parents[0], granny), start=1):
            phone = f"13{rng.randrange(10)}0000{rng.randrange(10000):04}"
            batch.add(
                Phone(
                    child=child,
                    member=member,
                    number=phone,
                    order=order,
                    state="ok",
                    verified_on=self.calendar.term.first,
                )
            )
        carer = granny if case < 0.25 else parents[1]
        batch.add(
            CareArrangement(
                child=child, carer=carer, starts_on=entry, rating=rng.choice(codes.CareRating.values),
                care_type=codes.CareType.GRANDPARENT if case < 0.25 else codes.CareType.ONE_PARENT,
            )
        )  # fmt: skip
        if case < 0.42:
            mentor = rng.choice(place.mentors)
            starts = max(entry, self.calendar.earlier.first)
            batch.add(Pairing(child=child, mentor=mentor, starts_on=starts, paired_by=place.lead))

    # --- records ---------------------------------------------------------------------------------------------------

    def _records(self, place: Place, children: list[Child]) -> None:
        """Spread over both terms and all children, oldest first, as they would have been typed in."""
        rng = self.rng
        total = len(children) * self.records_per_child
        moments = sorted(rng.choices(range(len(place.days)), k=total))
        order = [child for child in children for _ in range(self.records_per_child)]
        rng.shuffle(order)
        for start in range(0, total, 20 * BATCH):
            part = slice(start, start + 20 * BATCH)
            rows = [
                self._record(place, child, place.days[day])
                for child, day in zip(order[part], moments[part], strict=True)
            ]
            CareRecord.objects.bulk_create(rows, batch_size=BATCH)
            FollowUp.objects.bulk_create(
                FollowUp(child=row.child, record=row, what="看情况有没有好转", due_on=row.on + timedelta(days=7), owner=row.author, done_on=None if row.on > self.today - timedelta(days=12) else row.on + timedelta(days=6))
                for row in rows
                if rng.random() < 0.05
            )  # fmt: skip

    def _record(self, place: Place, child: Child, on: date) -> CareRecord:
        rng = self.rng
        kind = rng.choice(KINDS)
        record = CareRecord(
            child=child, school=place.school, school_class_id=child.school_class_id, kind=kind, on=on,
            minutes=rng.choice((10, 15, 20)), place="office", topics=[rng.choice(("study", "life", "mood"))],
            content=rng.choice(SENTENCES), state=rng.choice(STATES), advice="保持联系",
            author=place.homeroom[child.school_class_id or 0],
        )  # fmt: skip
        record.typed_at = timezone.make_aware(datetime.combine(on, time(17, rng.randrange(60))))  # type: ignore[attr-defined]
        return record
