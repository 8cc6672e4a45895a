"""
The file that hands a dossier to a school with its own CareTrack: JSON sealed with a passphrase.

It holds what the next school needs to care for the child: identity, family, phones, care, health, results, aid,
awards. It holds no records of talks, no counselling, no incidents, no photo, no papers (least sight; features E4). Whatever comes in is validated as if
a person had typed it.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from caretrack.access.catalogue import entries
from caretrack.access.crypto import BlindIndexField, blind_index
from caretrack.jobs.sealing import Opener, Sealer, SealError
from caretrack.schools.models import SchoolClass, Staff, Term
from children.models import (
    AbsenceSpan,
    AidGrant,
    Award,
    CareArrangement,
    Child,
    FamilyMember,
    FormerStudentNumber,
    HealthCheck,
    Phone,
    Result,
    Transfer,
    codes,
)
from children.services import open_dossier

FORMAT = "caretrack-transfer-1"
LARGEST = 4 * 1024 * 1024
MOST_ROWS = 400
SHORTEST_PASSPHRASE = 8
# Bound to the former school or to consent given there, or decided anew by the next school.
_STAYS = frozenset(
    {"photo", "note", "support_level", "family_confirmed_on", "retain_until", "class_seq", "dorm_bed", "needs_bus"}
)
NOT_OURS = "这不是 CareTrack 的档案移交文件。"
WRONG_KEY = "打不开：口令不对，或文件已损坏。请向原学校核对口令，或请对方重新导出。"


class BadFile(Exception):
    """The file cannot be taken; the text is a Chinese sentence for the registrar."""


@dataclass(frozen=True)
class Package:
    """An opened file: what it says of itself and the rows in it."""

    from_school: str
    letter_no: str
    sent_on: str
    child: dict[str, Any]
    family: list[dict[str, Any]]
    care: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    awards: list[dict[str, Any]]
    results: list[dict[str, Any]]
    aid: list[dict[str, Any]]


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The plain facts of a model: no relations, no keys, no indexes, no housekeeping."""
    return [
        field
        for field in model._meta.concrete_fields
        if not field.is_relation
        and not field.primary_key
        and not isinstance(field, BlindIndexField | models.FileField)
        and field.editable
        and field.name not in {"version", "created_at"}
    ]


def child_fields() -> list[models.Field[Any, Any]]:
    """The facts of a child that go along."""
    known = {entry.field for entry in entries("children.Child")} - _STAYS
    return [field for field in _fields(Child) if field.name in known]


def _plain(row: models.Model, fields: Iterable[models.Field[Any, Any]]) -> dict[str, Any]:
    return {
        field.name: None if (value := field.value_from_object(row)) is None else _value(field, row, value)
        for field in fields
    }


def _value(field: models.Field[Any, Any], row: models.Model, value: Any) -> Any:
    return value if isinstance(value, bool | int | str | list) else field.value_to_string(row)


def pack(transfer: Transfer) -> dict[str, Any]:
    """The package of a hand-over as plain values."""
    child = transfer.child
    family = list(FamilyMember.objects.filter(child=child).order_by("pk"))
    place = {member.pk: at for at, member in enumerate(family)}
    members = []
    for member in family:
        row = _plain(member, _fields(FamilyMember))
        row["absences"] = [_plain(span, _fields(AbsenceSpan)) for span in member.absences.all()]
        row["phones"] = [_plain(phone, _fields(Phone)) for phone in member.phones.order_by("order", "pk")]
        members.append(row)
    care = [
        _plain(row, _fields(CareArrangement)) | {"carer": place.get(row.carer_id) if row.carer_id else None}
        for row in CareArrangement.objects.filter(child=child).order_by("pk")
    ]
    former = list(FormerStudentNumber.objects.filter(child=child).values_list("student_no", flat=True))
    return {
        "format": FORMAT,
        "from_school": transfer.from_school.name,
        "letter_no": transfer.letter_no,
        "sent_on": str(transfer.sent_on),
        "child": _plain(child, child_fields()) | {"former_numbers": former},
        "family": members,
        "care": care,
        "checks": [_plain(row, _fields(HealthCheck)) for row in HealthCheck.objects.filter(child=child)],
        "awards": [_plain(row, _fields(Award)) for row in Award.objects.filter(child=child)],
        "results": [_in_term(row) for row in Result.objects.filter(child=child).select_related("term")],
        "aid": [_in_term(row) for row in AidGrant.objects.filter(child=child).select_related("term")],
    }


def _in_term(row: Result | AidGrant) -> dict[str, Any]:
    """A row that belongs to a term: the term goes along as its school year and season, the same at every school."""
    return _plain(row, _fields(type(row))) | {"term": [row.term.year, row.term.season] if row.term else None}


def seal(package: dict[str, Any], passphrase: str) -> bytes:
    """The package as a sealed file. Raises ValidationError for a passphrase that is too short."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise ValidationError({"passphrase": f"口令至少{SHORTEST_PASSPHRASE}个字符。"})
    file = io.BytesIO()
    sealer = Sealer(file, passphrase)
    sealer.write(json.dumps(package, ensure_ascii=False).encode())
    sealer.finish()
    return file.getvalue()


def unseal(content: bytes, passphrase: str) -> Package:
    """Open a sealed file. Raises BadFile if it is none of ours, the passphrase is wrong, or it holds something else."""
    if len(content) > LARGEST:
        raise BadFile("文件太大，不是档案移交文件。")
    try:
        plain = Opener(io.BytesIO(content), passphrase).read(LARGEST + 1)
    except SealError as error:
        raise BadFile(NOT_OURS if content[:9] != b"CARETRACK" else WRONG_KEY) from error
    try:
        data = json.loads(plain or b"")
        if data["format"] != FORMAT or not isinstance(data["child"], dict):
            raise BadFile(NOT_OURS)
        # Results and aid are of later; a file of before has none.
        lists = {name: data[name] for name in ("family", "care", "checks", "awards")}
        lists |= {name: data.get(name, []) for name in ("results", "aid")}
        if any(not isinstance(rows, list) or len(rows) > MOST_ROWS for rows in lists.values()):
            raise BadFile(NOT_OURS)
        head = {name: str(data[name])[:100] for name in ("from_school", "letter_no", "sent_on")}
        return Package(
            from_school=head["from_school"],
            letter_no=head["letter_no"],
            sent_on=head["sent_on"],
            child=data["child"],
            **lists,
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFile(NOT_OURS) from error


def _fill(row: models.Model, data: Any, fields: Iterable[models.Field[Any, Any]]) -> None:
    """Set known fields from a package; unknown names are ignored. Raises BadFile for a value of a wrong kind."""
    if not isinstance(data, dict):
        raise BadFile(NOT_OURS)
    for field in fields:
        value = data.get(field.name)
        if value is None:
            continue
        try:
            setattr(row, field.name, field.to_python(value))
        except (ValidationError, ValueError, TypeError) as error:
            raise BadFile(f"文件里“{field.verbose_name}”的内容不对，请对方重新导出。") from error


def known_child(package: Package) -> Child | None:
    """The child of the package if this installation has it already, by ID number, 学籍号 or a former 学籍号."""
    given = package.child
    numbers = {blind_index(str(given.get(name) or "")) for name in ("id_no", "student_no")}
    former = given.get("former_numbers")
    numbers |= {blind_index(str(number)) for number in (former if isinstance(former, list) else [])[:20]}
    numbers -= {""}
    if not numbers:
        return None
    earlier = FormerStudentNumber.objects.filter(student_no_index__in=numbers).values("child")
    found = Child.objects.filter(
        models.Q(id_no_index__in=numbers) | models.Q(student_no_index__in=numbers) | models.Q(pk__in=earlier)
    )
    return found.select_related("school", "school_class__school").first()


def as_child(package: Package) -> Child:
    """The child as the file tells it, not saved. Raises BadFile for values that cannot be."""
    fresh = Child()
    _fill(fresh, package.child, child_fields())
    return fresh


def fitting_terms(package: Package, school: int | None) -> dict[tuple[int, int], Term]:
    """(school year, season) → the term of the school; results of other terms cannot be kept there."""
    return {(term.year, term.season): term for term in Term.objects.filter(school=school)}


def arrival(package: Package, on: date, by: Staff) -> dict[str, Any]:
    """What `open_dossier` and `enrol` are told of a child that comes with a file."""
    return {"on": on, "by": by, "kind": codes.ChangeKind.IN_TRANSFER, "reason": f"从{package.from_school}转入"}


@transaction.atomic
def take(package: Package, *, school_class: SchoolClass, on: date, by: Staff) -> Child:
    """
    Begin the dossier of a package in a class from `on`. A child that comes back is for `transfer_return.take_back`.

    Results come in for the terms that the school has set up.
    Raises ValidationError as `open_dossier` does, BadFile for contents that cannot be.
    """
    child = open_dossier(child=as_child(package), school_class=school_class, **arrival(package, on, by))
    members = [new_member(child, row) for row in package.family]
    for row in package.care:
        save_row(CareArrangement(child=child, carer=carer_of(row, members)), row)
    for model, rows in ((HealthCheck, package.checks), (Award, package.awards)):
        for row in rows:
            save_row(model(child=child), row)
    _in_terms(child, package, by)
    return child


def _in_terms(child: Child, package: Package, by: Staff) -> None:
    terms = fitting_terms(package, child.school_id)
    for data in package.aid:
        save_row(AidGrant(child=child, term=term_of(data, terms)), data)
    for data in package.results:
        if (term := term_of(data, terms)) is not None:
            save_row(Result(child=child, term=term, entered_by=by), data)


def term_of(data: Any, terms: dict[tuple[int, int], Term]) -> Term | None:
    """The school's own term in which a row of a package lies; None if the school has not set it up."""
    told = data.get("term") if isinstance(data, dict) else None
    return terms.get((told[0], told[1])) if isinstance(told, list) and len(told) == 2 else None


def read_row(row: Any, data: Any) -> Any:
    """Fill a new row from a package, not saved; returns it. Raises BadFile for values that cannot be."""
    _fill(row, data, _fields(type(row)))
    return row


def save_row(row: Any, data: Any) -> Any:
    """Fill a new row from a package and save it. Raises BadFile for contents that cannot be."""
    read_row(row, data)
    try:
        row.full_clean(exclude=["change"])
    except ValidationError as error:
        raise BadFile(f"文件里“{row._meta.verbose_name}”的内容不对：{error.messages[0]}") from error
    row.save()
    return row


def new_member(child: Child, data: Any) -> FamilyMember:
    """A family member of a package with absences and phones. Raises BadFile for contents that cannot be."""
    member: FamilyMember = save_row(FamilyMember(child=child), data)
    for name, model in (("absences", AbsenceSpan), ("phones", Phone)):
        rows = data.get(name, [])
        if not isinstance(rows, list) or len(rows) > MOST_ROWS:
            raise BadFile(NOT_OURS)
        for row in rows:
            made = AbsenceSpan(member=member) if model is AbsenceSpan else Phone(member=member, child=child)
            save_row(made, row)
    return member


def carer_of(data: Any, members: list[FamilyMember]) -> FamilyMember | None:
    """Which of the package's `members` (in its order) an arrangement names."""
    at = data.get("carer") if isinstance(data, dict) else None
    return members[at] if isinstance(at, int) and 0 <= at < len(members) else None
