"""The bare floor: calamine reads the columns by position, bulk_create writes the same rows with the same encryption."""

import datetime as dt
import io
from typing import Any

import python_calamine
from django.db import transaction

from bench.imports.rosters import GRADES, SCHOOL_YEAR
from caretrack.schools.models import School, SchoolClass
from children.models import AbsenceSpan, CareArrangement, Child, Enrollment, FamilyMember, Phone, StatusChange, codes

SINCE = dt.date(2026, 9, 1)


def write_rows(content: bytes) -> None:
    """Everything in one transaction, a thousand rows a statement where the database takes them."""
    school = School.objects.get()
    classes = {(found.entry_year, found.number): found for found in SchoolClass.objects.all()}
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    children, members, phones, spans, cares, enrolled, register = [], [], [], [], [], [], []
    for row in sheet.to_python(skip_empty_area=False)[2:]:
        (_, student_no, name, sex, born, _, id_no, grade, number, boarding, _, address, *people) = row
        found = classes[SCHOOL_YEAR - GRADES.index(grade[0]), int(number[:-1])]
        child = Child(
            school=school, school_class=found, name=name, ethnic="01",
            sex=codes.Sex.MALE if sex == "男" else codes.Sex.FEMALE, birth_date=born, id_no=id_no, student_no=student_no,
            boarding=codes.Boarding.BOARDER if boarding == "住校" else codes.Boarding.DAY, address=address,
            commute=codes.Commute.WALK, note=people[15],
        )  # fmt: skip
        children.append(child)
        for place, relation in ((0, codes.Relation.FATHER), (5, codes.Relation.MOTHER)):
            _parent(child, relation, people[place : place + 5], members, spans, phones)
        carer = FamilyMember(child=child, relation=codes.Relation.GRANDMOTHER, name=people[10])
        members.append(carer)
        phones.append(Phone(child=child, member=carer, number=people[12]))
        cares.append(
            CareArrangement(
                child=child, carer=carer, care_type=codes.CareType.GRANDPARENT, rating=codes.CareRating.GOOD, starts_on=SINCE
            )
        )  # fmt: skip
        enrolled.append(Enrollment(child=child, school_class=found, school=school, starts_on=SINCE))
        register.append(
            StatusChange(
                child=child, school=school, school_class=found, kind=codes.ChangeKind.ENROL_NEW, on=SINCE,
                after=f"{grade}{number}", reason="bench",
            )
        )  # fmt: skip
    with transaction.atomic():
        for model, rows in (
            (Child, children), (FamilyMember, members), (AbsenceSpan, spans), (Phone, phones), (CareArrangement, cares),
            (Enrollment, enrolled), (StatusChange, register),
        ):  # fmt: skip
            model.objects.bulk_create(rows, batch_size=1_000)


def _parent(child: Any, relation: str, stated: list[Any], members: list, spans: list, phones: list) -> None:
    name, status, since, place, phone = stated
    away = status == "外出务工"
    began = dt.date.fromisoformat(f"{since}-01") if since else None
    member = FamilyMember(
        child=child, relation=relation, name=name, work_place=place, away_since=began,
        away_precision="month" if began else "day",
        status=codes.ParentStatus.AWAY_WORK if away else codes.ParentStatus.AT_HOME,
    )  # fmt: skip
    members.append(member)
    phones.append(Phone(child=child, member=member, number=phone))
    if away:
        spans.append(AbsenceSpan(member=member, status=codes.ParentStatus.AWAY_WORK, starts_on=began, work_place=place))
