"""
亲情书信: when a letter went or came, its occasion, the reply, to whom it was passed on. Never what stands in it
(domain §7.4, §12 P-14).
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from activities.models import BoxOpening, CareRecord, Kind
from caretrack.schools.models import School, Staff

SENT, CAME = "寄出", "收到"


def letters(records: "QuerySet[CareRecord]") -> "QuerySet[CareRecord]":
    """Of `records`, the letters."""
    return records.filter(kind=Kind.LETTER)


def without_reply(records: "QuerySet[CareRecord]") -> "QuerySet[CareRecord]":
    """Of letters, those that were sent and to which no reply has come."""
    unanswered = Q(detail__reply_on__isnull=True) | Q(detail__reply_on="")
    return records.filter(unanswered, detail__direction=SENT)


def _letter(record: CareRecord) -> CareRecord:
    current = CareRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if current.kind != Kind.LETTER:
        raise ValidationError("这不是书信记录。")
    return current


@transaction.atomic
def reply_came(*, record: CareRecord, on: date, today: date) -> CareRecord:
    """The family answered a letter. Raises ValidationError for a day before the letter or to come."""
    current = _letter(record)
    if on > today:
        raise ValidationError("回信日期不能在今天以后。")
    if on < current.on:
        raise ValidationError("回信日期不能早于写信日期。")
    current.detail = current.detail | {"reply_on": on.isoformat()}
    current.save(update_fields=["detail"])
    return current


@transaction.atomic
def passed_on(*, record: CareRecord, to: str, today: date) -> CareRecord:
    """To whom a letter or the news of it was passed on. Raises ValidationError without a name."""
    if not to.strip():
        raise ValidationError("请写明转给了谁。")
    current = _letter(record)
    words = f"{to.strip()[:40]}（{today.month}月{today.day}日）"
    before = current.detail.get("forwarded", "")
    current.detail = current.detail | {"forwarded": "；".join(filter(None, [before, words]))[:100]}
    current.save(update_fields=["detail"])
    return current


def empty_box(
    *, school: School, box: str, on: date, letters: int, witness: str, passed_on: str, by: Staff, today: date
) -> BoxOpening:
    """A letter box was emptied. Raises ValidationError for a day to come."""
    if on > today:
        raise ValidationError({"on": "开箱日期不能在今天以后。"})
    return BoxOpening.objects.create(
        school=school,
        box=box,
        on=on,
        letters=letters,
        witness=witness.strip(),
        passed_on=passed_on.strip(),
        opened_by=by,
    )
