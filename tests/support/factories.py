"""Plain functions that make a consistent world: full defaults, no randomness, readable names and dates."""

import itertools
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from activities.models import CareRecord
from activities.services import Contact, record_contact
from caretrack.access.policy import CLASS_ROLES, Role
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from children.models import Child, Consent, FamilyMember, Phone, codes
from children.services import enrol, set_care, set_parent_status
from mentoring.models import Mentor, Pairing
from mentoring.services import mentor_for, pair
from tests.clock import TODAY

TERM_START = date(2026, 9, 1)
TERM_END = date(2027, 1, 20)
PASSWORD = "蓝天下的操场2026"


def morning(day: date) -> datetime:
    """Eight o'clock of a day, before anything of it is over."""
    return timezone.make_aware(datetime.combine(day, time(8)))


_numbers = itertools.count(1)


def id_number(birth: date, sequence: int = 1, *, male: bool = True) -> str:
    """A valid ID number of nobody: the area code 999999 does not exist."""
    odd = sequence * 2 + (1 if male else 0)
    body = f"999999{birth:%Y%m%d}{odd % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def make_school(name: str = "云禾县青榕镇中心小学", **kw: Any) -> School:
    kw.setdefault("code", f"9900{next(_numbers):04}")
    kw.setdefault("short_name", name[-6:])
    return School.objects.create(name=name, **kw)


def make_term(school: School, **kw: Any) -> Term:
    values = {"year": 2026, "season": 1, "starts_on": TERM_START, "ends_on": TERM_END} | kw
    return Term.objects.create(school=school, **values)


def make_class(school: School | None = None, grade: int = 4, number: int = 1, on: date = TODAY) -> SchoolClass:
    school = school or make_school()
    entry = (on.year if on.month >= 8 else on.year - 1) - grade + 1
    found = SchoolClass.objects.filter(school=school, entry_year=entry, number=number).first()
    return found or SchoolClass.objects.create(school=school, entry_year=entry, number=number)


def make_staff(
    role: Role | None = None, at: School | SchoolClass | None = None, name: str = "罗老师", **kw: Any
) -> Staff:
    """An account with its own password already; with `role` also appointed at a school or class since TERM_START."""
    kw.setdefault("username", f"user{next(_numbers)}")
    kw.setdefault("background_checked_on", date(2026, 8, 20))
    staff = Staff(name=name, must_change_password=False, **kw)
    staff.set_password(PASSWORD)
    staff.save()
    if role is not None:
        appoint(staff, role, at or make_school())
    return staff


def appoint(staff: Staff, role: Role, at: School | SchoolClass, **kw: Any) -> Appointment:
    in_class = isinstance(at, SchoolClass) and role in CLASS_ROLES
    school = at.school if isinstance(at, SchoolClass) else at
    kw.setdefault("starts_on", TERM_START)
    return Appointment.objects.create(
        staff=staff, role=role, school=school, school_class=at if in_class else None, **kw
    )


def make_child(name: str = "李小兰", at: SchoolClass | None = None, *, came: date = TERM_START, **kw: Any) -> Child:
    """A pupil enrolled since `came`; parents at home unless `make_parent` says otherwise."""
    at = at or make_class()
    kw.setdefault("sex", codes.Sex.FEMALE)
    kw.setdefault("birth_date", date(2016, 5, 4))
    child = Child.objects.create(name=name, school=at.school, **kw)
    enrol(child=child, school_class=at, on=came, by=None)
    return child


def make_parent(
    child: Child,
    relation: str = codes.Relation.FATHER,
    status: str = codes.ParentStatus.AWAY_WORK,
    since: date | None = date(2025, 3, 1),
    *,
    phone: str = "",
    on: date = TODAY,
    **kw: Any,
) -> FamilyMember:
    kw.setdefault("name", "李大山" if relation == codes.Relation.FATHER else "罗春花")
    member = FamilyMember.objects.create(child=child, relation=relation, **kw)
    set_parent_status(member=member, status=status, since=since, by=None, on=on)
    if phone:
        Phone.objects.create(child=child, member=member, number=phone)
    return member


def make_left_behind(name: str = "李小兰", at: SchoolClass | None = None, *, both: bool = True, **kw: Any) -> Child:
    """A child whose father (and mother) work away since March 2025, cared for by the grandmother."""
    child = make_child(name, at, **kw)
    make_parent(child, codes.Relation.FATHER, phone="13800001111")
    make_parent(child, codes.Relation.MOTHER, codes.ParentStatus.AWAY_WORK if both else codes.ParentStatus.AT_HOME)
    carer = FamilyMember.objects.create(
        child=child, relation=codes.Relation.GRANDMOTHER, name="王桂英", status=codes.ParentStatus.AT_HOME
    )
    set_care(child=child, carer=carer, care_type=codes.CareType.GRANDPARENT, rating="fair", on=TERM_START, by=None)
    return child


def make_mentor(staff: Staff | None = None, school: School | None = None) -> Mentor:
    staff = staff or make_staff(Role.TEACHER, make_class(school))
    return mentor_for(staff, school or staff.posts()[0].school)


def make_outsider(school: School, name: str = "韦爷爷", **kw: Any) -> Mentor:
    """A retired teacher who agreed to help and was checked."""
    facts = {"kind": Mentor.Kind.FIVE_ELDERS, "consented_on": TERM_START, "background_checked_on": TODAY} | kw
    return Mentor.objects.create(school=school, name=name, **facts)


def agree_to_outsiders(child: Child, **kw: Any) -> Consent:
    """The family agrees to a mentor from outside."""
    said = {"given_by": "王桂英", "relation": codes.Relation.GRANDMOTHER, "given_on": TERM_START} | kw
    return Consent.objects.create(child=child, purpose=Consent.Purpose.OUTSIDE_MENTOR, **said)


def make_pairing(child: Child, mentor: Mentor | None = None, on: date = TERM_START) -> Pairing:
    return pair(child=child, mentor=mentor or make_mentor(school=child.school), on=on, by=None)


def make_record(child: Child, by: Staff, on: date = TODAY, kind: str = "talk", **kw: Any) -> CareRecord:
    kw.setdefault("content", "聊了学习和家里的情况。")
    kw.setdefault("detail", {"book": "夏洛的网"} if kind == "reading" else {})
    contact = Contact(kind=kind, on=on, **kw)
    records, _ = record_contact(children=[child], contact=contact, by=by, today=max(on, TODAY))
    return records[0]
