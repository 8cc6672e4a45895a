"""Import, then undo: the tables are as before; what was edited since stays."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass
from children.history_text import sentences
from children.importing import batches
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    ImportBatch,
    Phone,
    StatusChange,
)
from children.sight import Sight
from tests.support.factories import make_class, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
SHEETS = Path(__file__).parents[2] / "sheets"
DAY = dt.date(2026, 11, 20)
EVERYTHING = Sight(frozenset({Role.HOMEROOM}))
TABLES = (Child, FamilyMember, Phone, AbsenceSpan, CareArrangement, Enrollment, StatusChange, SchoolClass)


def imported(school: School, number: str, **answers: str) -> ImportBatch:
    content = next(SHEETS.glob(f"{number}_*.xlsx")).read_bytes()
    batch = batches.take_file(school=school, by=None, name=number, content=content, on=DAY)
    batches.answer(batch, answers=answers)
    batches.check(batch, None)
    batches.confirm(batch, by=None, token=batches.plan_token(batch))
    batch.refresh_from_db()
    return batch


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows without what history counts up."""
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}
    for table in rows.values():
        for row in table:
            del row["version"], row["change_id"]
    return rows


def test_an_import_of_new_children_leaves_no_trace(school: School) -> None:
    before = everything()
    batch = imported(school, "a11")
    number, spared = batches.undo(batch, by=None)
    assert (number, spared) == (20, [])
    assert everything() == before


def test_changed_fields_get_their_old_values_back(school: School) -> None:
    imported(school, "a11")
    child = Child.objects.get(name="石梓桐")
    other = make_class(school, 1, 2)
    Child.objects.filter(pk=child.pk).update(school_class=other, address="别处", commute_km="1.5")
    child.enrollments.update(school_class=other)
    uncle = FamilyMember.objects.create(child=child, relation="81", name="石大伯")
    child.care.update(carer=uncle, rating="poor")
    child.family.filter(relation="51").update(status="at_home", name="石某")
    AbsenceSpan.objects.filter(member__child=child).delete()
    Phone.objects.filter(child=child, number="13800002120").delete()
    before = everything()
    batch = imported(school, "a11")
    assert batch.counts["changed"] == 1
    assert everything() != before
    batches.undo(batch, by=None)
    assert everything() == before


def test_a_child_edited_since_is_spared_and_named(school: School) -> None:
    batch = imported(school, "a11")
    child = Child.objects.get(name="谭燕")
    child.wishes = "当老师"
    child.save()
    number, spared = batches.undo(batch, by=None)
    assert (number, spared) == (19, ["谭燕"])
    assert Child.objects.get().family.count() > 0


def test_an_undo_happens_once_and_within_seven_days(school: School) -> None:
    batch = imported(school, "a11")
    ImportBatch.objects.filter(pk=batch.pk).update(done_at=timezone.now() - dt.timedelta(days=8))
    with pytest.raises(ValidationError):
        batches.undo(batch, by=None)
    ImportBatch.objects.filter(pk=batch.pk).update(done_at=timezone.now())
    batches.undo(batch, by=None)
    with pytest.raises(ValidationError):
        batches.undo(batch, by=None)


def test_a_class_made_by_the_import_goes_with_it(school: School) -> None:
    SchoolClass.objects.filter(school=school, number=2).delete()
    batch = batches.take_file(
        school=school, by=None, name="a", content=next(SHEETS.glob("a11_*.xlsx")).read_bytes(), on=DAY
    )
    checked = batches.check(batch, None)
    asked = [question.key for question in checked.roster.questions if question.finding.what == "class_unknown"]
    assert asked
    assert checked.counts["waiting"] > 0
    batches.answer(batch, answers=dict.fromkeys(asked, "create"))
    batches.check(batch, None)
    batches.confirm(batch, by=None, token=batches.plan_token(batch))
    assert Child.objects.filter(school_class__number=2).count() > 0
    batch.refresh_from_db()
    batches.undo(batch, by=None)
    assert not SchoolClass.objects.filter(school=school, number=2).exists()


def test_the_dossier_tells_who_took_back_what_an_import_had_added(school: School) -> None:
    imported(school, "a11")
    child = Child.objects.get(name="石梓桐")
    Phone.objects.filter(child=child).delete()
    batch = imported(school, "a11")
    assert Phone.objects.filter(child=child).exists()
    batches.undo(batch, by=make_staff(name="罗春燕"))
    lines = [f"{said.who}：{said.what}" for said in sentences(Child.objects.get(pk=child.pk), EVERYTHING)]
    assert any(line.startswith("罗春燕：删除了电话") for line in lines)
