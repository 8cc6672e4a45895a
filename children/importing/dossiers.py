"""What the database holds about the children of a school, loaded for five hundred rows at a time."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from caretrack.access.crypto import blind_index
from caretrack.schools.models import School, SchoolClass
from children.importing.normalise.dates import DAY
from children.importing.records import ChildRow
from children.importing.statements import Among
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    FormerStudentNumber,
    OtherSpelling,
    Phone,
    RestrictedNote,
    Transfer,
)

_READ: tuple[tuple[Any, str], ...] = (
    (School, "pk"),
    (SchoolClass, "school"),
    (Child, "school"),
    (FormerStudentNumber, "child__school"),
    (OtherSpelling, "child__school"),
    (FamilyMember, "child__school"),
    (Phone, "child__school"),
    (CareArrangement, "child__school"),
    (AbsenceSpan, "member__child__school"),
    (Enrollment, "child__school"),
    (Transfer, "child__school"),
)


@lru_cache(maxsize=1)
def _figures() -> str:
    """The statement that counts and sums up what a school has in each of these tables; made once."""
    parts = []
    for number, (model, path) in enumerate(_READ):
        rows, _ = model._base_manager.filter(**{path: 0}).order_by().values("pk", "version").query.sql_with_params()
        figures = 'COUNT(*), COALESCE(MAX("pk"), 0), COALESCE(SUM("version"), 0)'
        parts.append(f"SELECT {number}, {figures} FROM ({rows}) AS found")  # noqa: S608
    return " UNION ALL ".join(parts)


@dataclass(slots=True)
class Dossier:
    """A child with what a roster can change: family, phones, open care, open absences, open enrolment."""

    child: Child
    members: list[FamilyMember] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    spans: dict[int, AbsenceSpan] = field(default_factory=dict)
    care: CareArrangement | None = None
    enrollment: Enrollment | None = None
    left_on: dt.date | None = None
    """The last day in class of a child who is in none now."""
    transfer: Transfer | None = None
    """The hand-over under way of a child who is in no class."""
    restricted: RestrictedNote | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The little that is loaded of every child of the school, to recognise those without numbers."""

    pk: int
    name: str
    birth_date: dt.date | None
    birth_precision: str
    id_index: str
    class_id: int | None
    pinyin: str


@dataclass(slots=True)
class Found:
    """
    What the numbers of a chunk of rows lead to.

    ``taken`` are indexes used by children of other schools, ``indexes`` the index of each number of the rows,
    ``former`` the indexes of numbers that a child of the school had earlier.
    """

    indexes: dict[str, str] = field(default_factory=dict)
    by_student_no: dict[str, int] = field(default_factory=dict)
    by_id_no: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    former: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Register:
    """The children of one school as the importer sees them; no other school's child is ever loaded."""

    school: School
    classes: dict[int, SchoolClass] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=dict)
    by_birth: dict[dt.date, list[Known]] = field(default_factory=dict)
    spellings: dict[str, set[int]] = field(default_factory=dict)
    """Names that lists give to children and that are not to be taken over, with the children."""
    with_restricted: bool = False
    """Whether the file says something for few eyes, so that what is stored of that kind must be known."""

    def state(self) -> str:
        """
        Names all that a plan is made from: equal as long as nobody has written to the school's dossiers.

        Adding raises the highest key, changing the sum of versions, deleting lowers the number. One statement.
        """
        with connection.cursor() as cursor:
            cursor.execute(_figures(), [self.school.pk] * len(_READ))
            figures = sorted(tuple(map(int, row)) for row in cursor.fetchall())
        return hashlib.sha256(repr(figures).encode()).hexdigest()

    def load_classes(self) -> None:
        """All classes of the school by number, one statement; each knows its school without asking again."""
        self.classes = {}
        for school_class in SchoolClass.objects.filter(school=self.school):
            school_class.school = self.school
            self.classes[school_class.pk] = school_class

    def load_names(self) -> None:
        """Names and birth dates of the whole school, and how lists write some of them; two statements."""
        named: dict[str, list[Known]] = defaultdict(list)
        born: dict[dt.date, list[Known]] = defaultdict(list)
        columns = ("pk", "name", "birth_date", "birth_precision", "id_no_index", "school_class_id", "pinyin")
        for values in Child.objects.of_school(self.school).values_list(*columns):
            known = Known(*values)
            named[known.name].append(known)
            if known.birth_date is not None and known.birth_precision == DAY:
                born[known.birth_date].append(known)
        self.by_name, self.by_birth = named, born
        spelled: dict[str, set[int]] = defaultdict(set)
        for name, pk in OtherSpelling.objects.filter(child__school=self.school).values_list("name", "child"):
            spelled[name].add(pk)
        self.spellings = spelled

    def find(self, rows: Iterable[ChildRow]) -> Found:
        """Look up 学籍号 (present and former) and ID numbers; three statements."""
        rows = list(rows)
        numbers_of = {number for row in rows for number in (row.student_no, row.id_no) if number}
        found = Found({number: blind_index(number) for number in numbers_of})
        student_nos = {found.indexes[row.student_no] for row in rows if row.student_no}
        id_nos = {found.indexes[row.id_no] for row in rows if row.id_no}
        if not student_nos and not id_nos:
            return found
        numbers = Q(Among("student_no_index", student_nos, words=True)) | Q(Among("id_no_index", id_nos, words=True))
        columns = ("pk", "school_id", "student_no_index", "id_no_index")
        for pk, school_id, student_no, id_no in Child.objects.filter(numbers).values_list(*columns):
            if school_id != self.school.pk:
                found.taken |= {student_no, id_no} - {""}
                continue
            if student_no:
                found.by_student_no[student_no] = pk
            if id_no:
                found.by_id_no[id_no] = pk
        former = FormerStudentNumber.objects.filter(
            Among("student_no_index", student_nos, words=True), child__school=self.school
        )
        for pk, student_no in former.values_list("child_id", "student_no_index"):
            if student_no not in found.by_student_no:
                found.by_student_no[student_no] = pk
                found.former.add(student_no)
        return found

    def load(self, pks: Iterable[int]) -> dict[int, Dossier]:
        """
        The dossiers of these children of the school, six statements for any number; two more if some have left, and one
        with restricted notes.
        """
        wanted = set(pks)
        if not wanted:
            return {}
        children = Child.objects.of_school(self.school).filter(Among("pk", wanted))
        dossiers = {child.pk: Dossier(child) for child in children}
        members: dict[int | None, FamilyMember | None] = {None: None}
        for dossier in dossiers.values():
            child = dossier.child
            child.school = self.school
            child.school_class = self.classes[child.school_class_id] if child.school_class_id else None
        for member in FamilyMember.objects.filter(Among("child", dossiers)).order_by("pk"):
            dossiers[member.child_id].members.append(member)
            members[member.pk] = member
        for phone in Phone.objects.filter(Among("child", dossiers)).order_by("order", "pk"):
            phone.member = members[phone.member_id]
            dossiers[phone.child_id].phones.append(phone)
        for care in CareArrangement.objects.open().filter(Among("child", dossiers)):
            care.carer = members[care.carer_id]
            dossiers[care.child_id].care = care
        for span in AbsenceSpan.objects.filter(Among("member__child", dossiers), ends_on__isnull=True):
            owner = members[span.member_id]
            if owner is not None:
                dossiers[owner.child_id].spans[owner.pk] = span
        for enrollment in Enrollment.objects.filter(Among("child", dossiers), ends_on__isnull=True):
            enrollment.school_class = self.classes[enrollment.school_class_id]
            dossiers[enrollment.child_id].enrollment = enrollment
        off_roll = [pk for pk, dossier in dossiers.items() if dossier.enrollment is None]
        if off_roll:
            ended = Enrollment.objects.filter(Among("child", off_roll)).order_by()
            for pk, left_on in ended.values_list("child").annotate(Max("ends_on")):
                dossiers[pk].left_on = left_on
            for transfer in Transfer.objects.open().filter(Among("child", off_roll)):
                dossiers[transfer.child_id].transfer = transfer
        if self.with_restricted:
            for note in RestrictedNote.objects.filter(Among("child", dossiers)):
                dossiers[note.child_id].restricted = note
        return dossiers
