"""
Before a dossier is opened: is the child here already? (issue: duplicate warning; domain P-28: no number is told.)

Whom the person sees is shown with the reason. Of a child of another school nothing is told but that there is one, and
that its former school hands the dossier over.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from caretrack.access.crypto import blind_index
from caretrack.access.scopes import children_reached_by
from caretrack.readings import readings
from caretrack.schools.models import Staff
from children.models import Child, FormerStudentNumber
from children.sight import NUMBER_ROLES

NEAR = timedelta(days=31)
SHOWN = 10


@dataclass(frozen=True)
class Suspect:
    """A child whom the person sees, and why it may be the same one."""

    child: Child
    reason: str
    number: bool = False


@dataclass(frozen=True)
class Suspects:
    """Those to look at, and whether somebody out of sight may be the same child too."""

    seen: tuple[Suspect, ...] = ()
    elsewhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.seen) or self.elsewhere


def suspects(*, name: str, birth_date: date | None, id_no: str, student_no: str, staff: Staff) -> Suspects:
    """Who may be the same child as the one to be entered, in three statements."""
    indexes = [blind_index(number) for number in (id_no, student_no) if number]
    rows = FormerStudentNumber.objects.filter(student_no_index__in=indexes)
    former = set(rows.values_list("child", flat=True)) if indexes else set()
    numbers = (
        Q(pk__in=former) | Q(id_no_index__in=indexes) | Q(student_no_index__in=indexes) if indexes else Q(pk__in=[])
    )
    same_name = Q(name=name)
    if birth_date is None:
        alike = same_name
    else:
        close = Q(birth_date__gte=birth_date - NEAR, birth_date__lte=birth_date + NEAR)
        alike = same_name & (close | Q(birth_date__isnull=True)) | Q(pinyin=readings(name).pinyin) & close
    told = numbers & children_reached_by(staff, NUMBER_ROLES)
    seen = Child.objects.visible_to(staff).filter(told | alike).select_related("school_class__school").order_by("pk")
    found = tuple(_suspect(child, name, birth_date, indexes, former) for child in seen[:SHOWN])
    strict = numbers if birth_date is None else numbers | (same_name & Q(birth_date=birth_date))
    hidden = Child.objects.filter(strict).exclude(pk__in=Child.objects.visible_to(staff).values("pk"))
    return Suspects(found, hidden.exists())


def _suspect(child: Child, name: str, birth_date: date | None, indexes: list[str], former: set[int]) -> Suspect:
    if child.id_no_index in indexes:
        return Suspect(child, "身份证号相同", number=True)
    if child.student_no_index in indexes:
        return Suspect(child, "学籍号相同", number=True)
    if child.pk in former:
        return Suspect(child, "以前用过这个学籍号", number=True)
    if child.name != name:
        return Suspect(child, "姓名同音，出生日期相近")
    if birth_date is not None and child.birth_date == birth_date:
        return Suspect(child, "姓名和出生日期都相同")
    return Suspect(child, "同名")
