"""The acts of reading over: the leaders ask or thank, the author of the record answers (features P3, issue 4 part 2)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from activities.models import CareRecord, Kind, RecordRemark
from caretrack.access.policy import Role
from caretrack.schools.models import Staff

THANKS = "已阅，谢谢！"
LONGEST = 500


def may_review(record: CareRecord, staff: Staff) -> bool:
    """The leads of the record's school, for what a colleague wrote; counselling is not theirs to read over."""
    leads = {school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)}
    return record.school_id in leads and record.author_id != staff.pk and record.kind != Kind.COUNSELLING


def _check(record: CareRecord, by: Staff) -> None:
    if not may_review(record, by):
        raise ValidationError("只有本校的德育主任和校长可以批阅其他老师的记录，心理辅导记录除外。")


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise ValidationError({"text": "请写几句话。"})
    if len(words) > LONGEST:
        raise ValidationError({"text": f"最多 {LONGEST} 个字，请删减。"})
    return words


def ask(*, record: CareRecord, text: str, by: Staff) -> RecordRemark:
    """A leader's question on a record. Raises ValidationError without words or right."""
    _check(record, by)
    return RecordRemark.objects.create(record=record, kind=RecordRemark.Kind.QUESTION, text=_words(text), author=by)


def thank(*, record: CareRecord, by: Staff, text: str = "") -> tuple[RecordRemark, bool]:
    """'Read, with thanks', once by each leader; False when it was said before. Raises ValidationError without right."""
    _check(record, by)
    return RecordRemark.objects.get_or_create(
        record=record,
        author=by,
        kind=RecordRemark.Kind.THANKS,
        defaults={"text": _words(text or THANKS)},
    )


@transaction.atomic
def answer(*, question: RecordRemark, text: str, by: Staff) -> RecordRemark:
    """
    The author of the record answers a question.

    Raises ValidationError without words, by somebody else, and when it is answered already.
    """
    asked = RecordRemark.objects.select_for_update(of=("self",)).select_related("record").get(pk=question.pk)
    if asked.kind != RecordRemark.Kind.QUESTION or asked.record.author_id != by.pk:
        raise ValidationError("提问由写这条记录的老师答复。")
    if RecordRemark.objects.filter(answers=asked).exists():
        raise ValidationError("这个提问已经答复过了。")
    return RecordRemark.objects.create(
        record=asked.record, kind=RecordRemark.Kind.ANSWER, text=_words(text), answers=asked, author=by
    )


def may_take_back(remark: RecordRemark, staff: Staff, *, answered: bool, today: date) -> bool:
    """Its writer, on the day it was written, while nobody has answered it."""
    return remark.author_id == staff.pk and timezone.localdate(remark.created_at) == today and not answered


@transaction.atomic
def take_back(*, remark: RecordRemark, by: Staff, today: date) -> None:
    """
    Said on the wrong record: the remark goes, the history keeps it. A question taken back waits for nobody.

    Raises ValidationError after the day or once it is answered.
    """
    held = RecordRemark.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if not may_take_back(held, by, answered=RecordRemark.objects.filter(answers=held).exists(), today=today):
        raise ValidationError("批阅只能由写的人当天撤回，已经答复的提问不能撤回。")
    held.delete()
