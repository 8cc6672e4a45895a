"""
Fill an empty installation with generate_scale, open accounts for measuring, and write the same data for the stock site.

Runs in a process of its own with CareTrack's settings: python -m bench.prepare PLAN FOLDER, the plan being that of
bench.sites as JSON.
"""

import io
import json
import os
import secrets
import sys
from pathlib import Path

from bench.sites import BY_CLASS, MATRIX, MATRIX_MONTH, MATRIX_TEN, MONTH, TOWNSHIP, Plan


def main(plan: Plan, folder: Path) -> None:
    """Writes facts.json (accounts, ids, addresses) and data.jsonl (rows for the stock site) into `folder`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caretrack.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    import reports.scale
    from caretrack.jobs.planner import look_at_tables

    if connection.vendor == "postgresql":  # a database for measuring, named on purpose: what it held goes
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0)
    reports.scale.SCHOOL_SIZE = plan.school_size
    if plan.hands_in:
        reports.scale.SCHOOLS_A_TOWNSHIP = plan.size
    call_command("generate_scale", children=plan.size, records_per_child=plan.records, seed=1, stdout=io.StringIO())
    if plan.hands_in:
        hand_in()
    look_at_tables()
    (folder / "facts.json").write_text(json.dumps(facts() | duties(), ensure_ascii=False))
    with (folder / "data.jsonl").open("w", encoding="utf-8") as file:
        for row in rows():
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def facts() -> dict:
    """Accounts with passwords and the children that are looked at."""
    from django.db.models import Count
    from django.urls import reverse
    from django.utils import timezone

    from caretrack.access.history import change_by
    from caretrack.access.policy import Role
    from caretrack.schools.models import Appointment, School, Staff
    from children.models import Child

    today = timezone.localdate()
    password = secrets.token_urlsafe(18)
    with change_by(None, "bench"):
        posts = Appointment.objects.current(today).select_related("staff", "school_class")
        # Nobody sees more than a school by design; the principal of one is the usual reader.
        last = School.objects.order_by("pk").last()
        principal = posts.get(role=Role.PRINCIPAL, school=last)
        # One person who is principal of every school sees as many children as the stock site's administrator.
        wide = posts.filter(role=Role.CARE_LEAD).order_by("pk").first()
        for school in School.objects.all():
            Appointment.objects.create(staff=wide.staff, role=Role.PRINCIPAL, school=school, starts_on=wide.starts_on)
        teachers = list(posts.filter(role=Role.HOMEROOM).order_by("pk")[:20])
        of_classes = posts.filter(role=Role.HOMEROOM, school=last).annotate(pupils=Count("school_class__children"))
        homeroom = of_classes.order_by("-pupils", "pk").first()
        superior = posts.filter(role=Role.SUPERIOR).order_by("pk").first()
        for staff in Staff.objects.filter(
            pk__in=[p.staff_id for p in (principal, wide, superior, homeroom, *teachers)]
        ):
            staff.set_password(password)
            staff.save()
    middle = Child.objects.filter(school=last).with_a_parent_away()
    looked_at = list(middle.order_by("pk").values_list("pk", flat=True)[:150])
    first = Child.objects.get(pk=looked_at[0])
    return {
        "password": password,
        "principal": principal.staff.username,
        "wide": wide.staff.username,
        "superior": superior.staff.username,
        "homeroom": homeroom.staff.username,
        "teachers": [
            {"username": p.staff.username, "child": Child.objects.filter(school_class=p.school_class).first().pk} for p in teachers
        ],
        "children": looked_at,
        "name": first.name,
        "initials": first.initials,
        "urls": {
            "login": reverse("login"),
            "workbench": reverse("workbench"),
            "list": reverse("children:child_list"),
            "dossier": reverse("children:child_show", args=[0]),
            "timeline": reverse("children:child_timeline", args=[0]),
            "add": reverse("activities:record_add"),
        },
    }  # fmt: skip


def duties() -> dict:
    """Addresses of the pages of P3 for the reader's school, and the spans that they show."""
    from django.urls import reverse
    from django.utils import timezone

    from activities.programmes import adopt
    from caretrack.access.history import change_by
    from caretrack.periods import Month
    from caretrack.schools.models import School, Term
    from reports.builders.unit import Unit

    today = timezone.localdate()
    school = School.objects.order_by("pk").last()
    month, term = Month.of(today, school.closing_day).previous(), Term.objects.current(school, today)
    with change_by(None, "bench"):
        ten = adopt("ten_ones", school, term.starts_on, None).pk
    six = school.programmes.get(code="six_ones").pk
    matrix = f"{reverse('activities:duty_matrix')}?school={school.pk}&span"
    groups = f"{reverse('activities:duty_groups')}?school={school.pk}&by=class&span"
    return {
        "promises": {
            MONTH: reverse("reports:month", args=[Unit(school).code, month.key]),
            MATRIX: f"{matrix}=term&programme={six}",
            MATRIX_TEN: f"{matrix}=term&programme={ten}",
            MATRIX_MONTH: f"{matrix}=month&programme={six}",
            BY_CLASS: f"{groups}=term&programme={six}",
            TOWNSHIP: f"{reverse('reports:submitted_programmes')}?month={month.key}",
        },
        "spans": {
            "school": school.pk,
            "month": [month.first.isoformat(), month.last.isoformat()],
            "term": [term.starts_on.isoformat(), term.ends_on.isoformat()],
        },
    }


def hand_in() -> None:
    """Nine of ten schools hand in last month, as their care leads do."""
    from django.utils import timezone

    from caretrack.access.history import change_by
    from caretrack.access.policy import Role
    from caretrack.periods import Month
    from caretrack.schools.models import Appointment
    from children.left_behind import Definition
    from reports.builders.unit import Unit
    from reports.services import move_report, open_month

    today = timezone.localdate()
    leads = Appointment.objects.filter(role=Role.CARE_LEAD).select_related("staff", "school").order_by("school")
    for number, post in enumerate(leads):
        if number % 10 == 9:
            continue
        month = Month.of(today, post.school.closing_day).previous()
        with change_by(post.staff, "bench"):
            report = open_month(unit=Unit(post.school), month=month, definition=Definition.SEED, by=post.staff)
            move_report(report=report, move="submit", by=post.staff, on=today)


def rows():
    """Neutral rows, parents before what hangs on them."""
    from activities.models import CareRecord
    from caretrack.schools.models import School, SchoolClass
    from children.models import Child, FamilyMember, Phone

    for school in School.objects.all():
        yield {"kind": "school", "id": school.pk, "name": school.name}
    for group in SchoolClass.objects.all():
        yield {"kind": "class", "id": group.pk, "school": group.school_id, "name": str(group)}
    for child in Child.objects.iterator(chunk_size=2000):
        yield {
            "kind": "child", "id": child.pk, "school": child.school_id, "school_class": child.school_class_id, "name": child.name,
            "sex": child.sex, "birth_date": child.birth_date, "id_no": child.id_no, "student_no": child.student_no,
            "address": child.address, "support_level": child.support_level,
        }  # fmt: skip
    phones = dict(Phone.objects.values_list("member", "number"))
    for member in FamilyMember.objects.iterator(chunk_size=2000):
        yield {
            "kind": "parent", "id": member.pk, "child": member.child_id, "name": member.name, "relation": member.relation,
            "status": member.status, "phone": phones.get(member.pk, ""), "work_place": member.work_place,
        }  # fmt: skip
    for record in CareRecord.objects.iterator(chunk_size=2000):
        yield {
            "kind": "note", "id": record.pk, "child": record.child_id, "on": record.on, "note_kind": record.kind,
            "content": record.content, "state": record.state, "advice": record.advice,
        }  # fmt: skip


def counted() -> dict[str, int]:
    """How many records there are, and whether the worker has kept the months of every school."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caretrack.settings")
    import django

    django.setup()
    from activities.models import CareRecord
    from caretrack.schools.models import School
    from reports.models import MonthSums, MonthTouch

    kept = MonthSums.objects.filter(part=MonthSums.WHOLE).values("school_id").distinct().count()
    settled = kept == School.objects.count() and not MonthTouch.objects.exists()
    return {"records": CareRecord.objects.count(), "settled": settled}


if __name__ == "__main__":
    if sys.argv[1] == "count":
        print(json.dumps(counted()))
    else:
        main(Plan(**json.loads(sys.argv[1])), Path(sys.argv[2]))
