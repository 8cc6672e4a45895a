"""
A township in which every confidential field holds a canary: a text that must reach nobody but those named here.

Who may see which canary is written by hand, not read from the policy table: the test must be able to disagree.
"""

import hashlib
import io
import re
import uuid
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from activities.models import CareRecord, FollowUp, Incident, IncidentChild
from activities.services import Contact, record_contact
from caretrack.access.policy import Role
from caretrack.periods import Month
from caretrack.schools.models import School, SchoolClass, Staff
from children.left_behind import Definition
from children.models import AidGrant, Child, Consent, FamilyMember, Phone, codes
from mentoring.models import LeaderCharge, Mentor, Pairing
from mentoring.services import end_pairing, mentor_for, pair
from reports.builders.unit import Unit
from reports.services import move_report, open_month, take_snapshot
from tests.support.factories import appoint, id_number, make_class, make_left_behind, make_school, make_staff, make_term

ANON = "anon"
OWN_CLASS = {"home1"}
LEADS = {"lead", "principal"}
CASE = {"home1", "mentor", "teacher1", "counsellor", "lead", "principal", "registrar"}
# Reads of the children in charge, and changes nothing.
LEADER = {"leader"}
PEOPLE = (
    "home1", "home2", "mentor", "teacher1", "counsellor", "lead", "principal", "registrar", "sysadmin", "superior",
    "former", "ex_mentor", "leader", "other_principal", "other_registrar", "other_home",
)  # fmt: skip
OTHER_CASE = {"other_principal", "other_registrar", "other_home"}

# canary → who may ever see it, on any page
MAY_SEE: dict[str, set[str]] = {
    "IDENTITY": CASE | LEADER,
    "CONTACT": CASE - {"teacher1"} | LEADER,
    "ECONOMY": {"home1", "lead", "principal", "registrar"},
    "HEALTH": {"home1", "counsellor", "lead", "principal", "registrar"},
    "CARE": {"home1", "counsellor", "lead", "principal", "leader"},
    "MENTORCARE": {"mentor", "home1", "counsellor", "lead", "principal", "leader"},
    "RESTRICTED": {"home1", "lead", "principal"},
    "COUNSELLING": {"counsellor"},
    "INCIDENT": {"counsellor", "lead", "principal"},
    "WORRY": {"teacher1", "lead", "principal"},
    "WORRYDONE": {"lead", "principal"},
    "NAMEDONLY": {"mentor"},
    "STRANGER": OTHER_CASE,
    "STRANGERCARE": {"other_principal", "other_home"},
    "OWNPHRASE": {"home1"},
    "SEALED": {"teacher1"},
    "ASKED": {"home1", "counsellor"},
}
# Written by every request, allowed or not.
NEVER_COMPARED = {"access_accessentry", "django_session", "schools_loginattempt", "access_changeset", "web_draft"}


def canary(name: str) -> str:
    return f"CANARY{name}"


@dataclass
class World:
    school: School
    other_school: School
    class1: SchoolClass
    class2: SchoolClass
    child: Child
    classmate: Child
    neighbour: Child
    stranger: Child
    record: CareRecord
    stranger_record: CareRecord
    follow_up: FollowUp
    pairing: Pairing
    mentor: Mentor
    people: dict[str, Staff]
    extra: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Open a session for everybody: what a request does to it is rolled back with the request."""
        for who, person in self.people.items():
            client = Client()
            client.force_login(person)
            self.sessions[who] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, who: str) -> Client:
        """A fresh browser, signed in as `who`."""
        client = Client(raise_request_exception=True)
        if who != ANON:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client


def build() -> World:
    """The world: a central school with two classes, another school with one, sixteen people, four children."""
    today = timezone.localdate()
    start = today - timedelta(days=60)
    school, other = make_school("甲校"), make_school("乙校")
    above = make_school("上级中心校")
    School.objects.filter(pk__in=[school.pk]).update(parent=above)
    school.refresh_from_db()
    for each in (school, other):
        make_term(each, starts_on=start, ends_on=today + timedelta(days=60))
    class1, class2 = make_class(school, 4, 1, today), make_class(school, 4, 2, today)
    other_class = make_class(other, 3, 1, today)
    posts: dict[str, tuple[Role | None, School | SchoolClass]] = {
        "home1": (Role.HOMEROOM, class1),
        "home2": (Role.HOMEROOM, class2),
        "mentor": (None, school),
        "teacher1": (Role.TEACHER, class1),
        "counsellor": (Role.COUNSELLOR, school),
        "lead": (Role.CARE_LEAD, school),
        "principal": (Role.PRINCIPAL, school),
        "registrar": (Role.REGISTRAR, school),
        "sysadmin": (Role.SYSADMIN, school),
        "superior": (Role.SUPERIOR, above),
        "former": (None, school),
        "ex_mentor": (None, school),
        "leader": (Role.LEADER, school),
        "other_principal": (Role.PRINCIPAL, other),
        "other_registrar": (Role.REGISTRAR, other),
        "other_home": (Role.HOMEROOM, other_class),
    }
    people = {}
    for key, (role, at) in posts.items():
        people[key] = make_staff(name=f"人员{key}", username=key, background_checked_on=today - timedelta(days=30))
        if role is not None:
            appoint(people[key], role, at, starts_on=start)
    appoint(people["former"], Role.HOMEROOM, class1, starts_on=start, ends_on=today - timedelta(days=1))

    child = _child(canary("IDENTITY"), class1, start, 1)
    classmate = _child("同班同学", class1, start, 2)
    neighbour = _child("隔壁班同学", class2, start, 3)
    stranger = _child(canary("STRANGER"), other_class, start, 4)
    Child.objects.filter(pk=child.pk).update(
        address=canary("CONTACT"),
        emergency_contact=canary("CONTACT"),
        aid_received=canary("ECONOMY"),
        income_sources=canary("ECONOMY"),
        illness=canary("HEALTH"),
        temper_note=canary("HEALTH"),
        support_level=codes.SupportLevel.KEY,
    )
    Child.objects.filter(pk=stranger.pk).update(address=canary("STRANGER"), illness=canary("STRANGER"))
    FamilyMember.objects.filter(child=child).update(work_unit=canary("CONTACT"))
    Phone.objects.create(child=child, number="13800007777", answered_by=canary("CONTACT"))
    AidGrant.objects.create(child=child, programme=canary("ECONOMY"), amount=300, on=start)

    mentor = mentor_for(people["mentor"], school)
    pairing = pair(child=child, mentor=mentor, on=start + timedelta(days=5), by=None)
    old = pair(child=classmate, mentor=mentor_for(people["ex_mentor"], school), on=start, by=None)
    end_pairing(pairing=old, on=today - timedelta(days=1), reason="replaced", by=None)

    LeaderCharge.objects.create(child=child, leader=people["leader"], starts_on=start)
    record = _record(child, people["home1"], today, canary("CARE"), follow_up=canary("CARE"))
    _record(child, people["mentor"], today, canary("MENTORCARE"))
    restricted = _record(child, people["home1"], today, canary("RESTRICTED"), visibility="restricted")
    counselling, _ = record_contact(
        children=[child],
        contact=Contact(kind="counselling", on=today, content=""),
        by=people["counsellor"],
        today=today,
        counselling={"complaint": canary("COUNSELLING"), "process": canary("COUNSELLING"), "risk": "high"},
    )
    stranger_record = _record(stranger, people["other_home"], today, canary("STRANGERCARE"))
    incident = Incident.objects.create(
        school=school,
        kind="other",
        found_at=timezone.now(),
        account=canary("INCIDENT"),
        reported_by=people["home1"],
    )
    IncidentChild.objects.create(incident=incident, child=child)
    for person in people.values():
        person.forget_posts()
    consent = Consent.objects.create(
        child=child,
        purpose=Consent.Purpose.PHOTO,
        given_by="王桂英",
        relation=codes.Relation.GRANDMOTHER,
        given_on=start,
    )
    month = Month.of(today)
    draft = open_month(unit=Unit(school), month=month, definition=Definition.SEED, by=people["lead"])
    earlier = open_month(unit=Unit(school), month=month.previous(), definition=Definition.SEED, by=people["lead"])
    submitted = move_report(report=earlier, move="submit", by=people["lead"], on=today)
    take_snapshot(
        school=school, term=school.terms.get(), cut_off=today, definition=Definition.SEED, by=people["principal"]
    )
    extra = {
        "restricted": restricted,
        "counselling": counselling[0],
        "month": month,
        "draft": draft,
        "submitted": submitted,
        "cell": "t1.all",
        "consent": consent,
    }
    return World(
        school, other, class1, class2, child, classmate, neighbour, stranger, record, stranger_record,
        FollowUp.objects.get(record=record), pairing, mentor, people, extra,
    )  # fmt: skip


def _child(name: str, at: SchoolClass, start: date, number: int) -> Child:
    birth = date(2016, 5, 4)
    return make_left_behind(name, at, came=start, birth_date=birth, id_no=id_number(birth, number, male=False))


def _record(child: Child, by: Staff, on: date, text: str, *, follow_up: str = "", **kw: Any) -> CareRecord:
    contact = Contact(
        kind="talk",
        on=on,
        content=text,
        advice=text,
        follow_up=follow_up,
        follow_up_on=on + timedelta(days=7) if follow_up else None,
        **kw,
    )
    records, _ = record_contact(children=[child], contact=contact, by=by, today=on, client_key=uuid.uuid4())
    return records[0]


def text_of(response: Any) -> str:
    """What a reader gets: HTML as it is, a PDF's text (or its HTML, see `papers_before_layout`), a workbook's parts."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if not body:
        return ""
    if kind.startswith("application/pdf") and body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            return "\n".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())
    return body.decode("utf-8", "replace")


def canaries_in(text: str) -> set[str]:
    return {name for name in re.findall(r"CANARY([A-Z]+)", text) if name in MAY_SEE}


def fingerprint() -> dict[str, str]:
    """A hash of every table that a refused request must leave alone."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table in NEVER_COMPARED:
                continue
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return found
