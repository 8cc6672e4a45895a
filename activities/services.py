"""The acts of recording. Atomic, idempotent by the form's key; ValidationError speaks Chinese and names the field."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from activities.birthdays import too_early
from activities.counselling import COUNSELLING_FOLLOW_UP, settle_appointments
from activities.follow_ups import check_owner, settle_retries, who_answers
from activities.kinds import spec_of
from activities.models import CareRecord, CounsellingNote, FollowUp, Kind, RecordAddendum, RecordGroup
from activities.models.record import Visibility
from activities.queries import own_children
from caretrack.access.history import save_if_unchanged
from caretrack.fixed import fixed
from caretrack.periods import chinese_date
from caretrack.schools.calendar import calendar_of
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child, Enrollment
from mentoring.models import Pairing


@dataclass(frozen=True)
class Contact:
    """What a person says happened. One of these becomes one record a child."""

    kind: str
    on: date
    content: str = ""
    at: time | None = None
    minutes: int | None = None
    place: str = ""
    place_note: str = ""
    way: str = "face"
    with_whom: str = ""
    reached: bool = True
    topics: tuple[str, ...] = ()
    state: str = ""
    advice: str = ""
    visibility: str = "normal"
    detail: dict[str, Any] = field(default_factory=dict)
    follow_up: str = ""
    follow_up_on: date | None = None
    follow_up_owner: Staff | None = None
    #: Without an owner it is the writer's only for the writer's own children, see `_owners`.
    follow_up_passes_on: bool = False


#: From this grade on a read book comes with what the child thought of it.
WRITES_FROM_GRADE = 3
#: Kinds whose text is not kept in the record: a letter is nobody's to read, counselling has a store of its own.
TEXT_ELSEWHERE = (Kind.LETTER, Kind.COUNSELLING)


def without_private_text(contact: Contact) -> Contact:
    """The contact as its record may hold it: others see of a counselling only that it took place."""
    if contact.kind == Kind.LETTER:
        return replace(contact, content="")
    if contact.kind == Kind.COUNSELLING:
        follow_up = COUNSELLING_FOLLOW_UP if contact.follow_up_on else ""
        return replace(
            contact, content="", topics=(), state="", advice="", detail={}, with_whom="", follow_up=follow_up
        )
    return contact


def check_contact(
    contact: Contact,
    children: Sequence[Child],
    *,
    today: date,
    private_lines: Mapping[int, str] | None = None,
    stands_on: date | None = None,
) -> None:
    """
    Raises ValidationError (by field) for what cannot be: a future day, a day before the child came, nothing said.

    `stands_on` is the day of a record that is corrected: a birthday kept on it is not asked about again.
    """
    lines = private_lines or {}
    errors: dict[str, str] = {}
    if contact.on > today:
        errors["on"] = "日期不能在今天以后。还没发生的事请登记为“跟进事项”。"
    else:
        first_days = dict(_first_days(tuple(child.pk for child in children)))
        early = [c for c in children if c.pk in first_days and contact.on < first_days[c.pk]]
        if early:
            errors["on"] = (
                "、".join(f"{c.name}是{chinese_date(first_days[c.pk])}才入学的，记录日期不能更早" for c in early[:3])
                + "。"
            )
    asked = contact.reached and contact.on != stands_on and "on" not in errors
    if asked and (not_yet := _not_yet(contact, children)):
        errors["on"] = not_yet
    told = bool(contact.content.strip()) or all(lines.get(child.pk, "").strip() for child in children)
    if contact.reached:
        errors |= _unsaid(contact, children, told)
    if contact.follow_up and contact.follow_up_on is None:
        errors["follow_up_on"] = "请选择什么时候跟进。"
    if contact.follow_up_on is not None:
        if not contact.follow_up.strip():
            errors["follow_up"] = "请写明要跟进什么。"
        if contact.follow_up_on < contact.on:
            errors["follow_up_on"] = "跟进日期不能早于记录日期。"
    if contact.follow_up_on is not None and contact.follow_up_owner is not None:
        try:
            check_owner(contact.follow_up_owner, children)
        except ValidationError as refusal:
            errors |= {name: texts[0] for name, texts in refusal.message_dict.items()}
    if not children:
        errors["children"] = "请至少选择一名学生。"
    if errors:
        raise ValidationError(errors)


def _not_yet(contact: Contact, children: Sequence[Child]) -> str:
    """Whose birthday is entered before its time, which the list of birthdays does not offer either; empty for none."""
    if contact.kind != Kind.BIRTHDAY or not children:
        return ""
    early = too_early(children, calendar_of(children[0].school), contact.on)
    if not early:
        return ""
    told = "；".join(
        f"{child.name}{chinese_date(day.on)}过生日，{chinese_date(day.opens)}起才能记" for child, day in early[:3]
    )
    more = f"等 {len(early)} 人" if len(early) > 3 else ""
    return f"还没到生日：{told}{more}。日期选错了请改正；提前一起过的，请登记“集体生日”活动。"


def _unsaid(contact: Contact, children: Sequence[Child], told: bool) -> dict[str, str]:
    """What a record that came about must say to prove anything, by field; `told` if there is text for every child."""
    says = spec_of(contact.kind).says
    if says and not (("content" in says and told) or any(contact.detail.get(name) for name in says)):
        if contact.kind in (Kind.TALK, Kind.HOME_VISIT):
            return {"content": "请写几句谈了什么、看到了什么；没有谈成或没见到人，请改选结果。"}
        return {says[0]: "请填写书名。" if contact.kind == Kind.READING else "请写几句做了什么，或选好上面的项目。"}
    # 读后感 from grade 3 on (domain §8.2, no. 7).
    if contact.kind == Kind.READING and not told and not contact.detail.get("review"):
        classes = SchoolClass.objects.filter(pk__in={child.school_class_id for child in children})
        if any(place.grade_on(contact.on) >= WRITES_FROM_GRADE for place in classes.select_related("school")):
            return {"content": "三年级以上请写几句读后感，或填写书评。"}
    return {}


def record_contact(
    *,
    children: Sequence[Child],
    contact: Contact,
    by: Staff,
    today: date,
    client_key: uuid.UUID | None = None,
    private_lines: dict[int, str] | None = None,
    own_states: Mapping[int, str] | None = None,
    counselling: dict[str, Any] | None = None,
    retry_owner: Staff | None = None,
) -> tuple[list[CareRecord], bool]:
    """
    Write one record for each child; several children share a RecordGroup.

    `client_key` comes with the form: the same key again returns the records already made and False. `private_lines`
    adds a line for one child of a group, `own_states` says how one was who was not as the group. `retry_owner` tries again what was not reached, else the writer does. `counselling` holds the fields of a CounsellingNote, kept in its own store;
    the record of a counselling keeps no text, state or advice itself, nor a letter its content (domain §7.4, §7.8).
    Raises ValidationError as check_contact does.
    """
    key = client_key or uuid.uuid4()
    keys = [key if i == 0 else uuid.uuid5(key, str(child.pk)) for i, child in enumerate(children)]
    if made := _made_before(tuple(keys), by.pk):
        return made, False
    check_contact(contact, children, today=today, private_lines=private_lines)
    try:
        with transaction.atomic():
            told = (private_lines or {}, own_states or {}, counselling)
            return _write(children, contact, by, keys, *told, today, retry_owner or by), True
    except IntegrityError:
        # The second press of the button arrived while the first was being saved.
        if made := _made_before(tuple(keys), by.pk):
            return made, False
        raise


@fixed
def _made_before(keys: tuple[uuid.UUID, ...], by: int) -> QuerySet[CareRecord]:
    return CareRecord.objects.filter(client_key__in=keys, author=by).select_related("child")


def _write(
    children: Sequence[Child],
    contact: Contact,
    by: Staff,
    keys: list[uuid.UUID],
    private_lines: dict[int, str],
    own_states: Mapping[int, str],
    counselling: dict[str, Any] | None,
    today: date,
    retry_owner: Staff,
) -> list[CareRecord]:
    ids = tuple(child.pk for child in children)
    classes, mentors = dict(_classes_on(contact.on, ids)), dict(_own_pairings(contact.on, ids, by.pk))
    group = RecordGroup.objects.create(kind=contact.kind, on=contact.on) if len(children) > 1 else None
    contact = without_private_text(contact)
    owners = _owners(contact, ids, by, today)
    records = []
    for child, key in zip(children, keys, strict=True):
        record = CareRecord(
            child=child,
            school_id=child.school_id,
            school_class_id=classes.get(child.pk, child.school_class_id),
            kind=contact.kind,
            on=contact.on,
            at=contact.at,
            minutes=contact.minutes,
            place=contact.place,
            place_note=contact.place_note,
            way=contact.way,
            with_whom=contact.with_whom,
            reached=contact.reached,
            topics=list(contact.topics),
            content=text_for(contact, private_lines.get(child.pk, "")),
            state=own_states.get(child.pk, contact.state),
            advice=contact.advice.strip(),
            visibility=contact.visibility,
            detail=contact.detail,
            group=group,
            author=by,
            mentor_id=mentors.get(child.pk),
            client_key=key,
        )
        record.save()
        if counselling is not None:
            CounsellingNote.objects.create(record=record, **counselling)
            settle_appointments(record)
        if contact.follow_up_on is not None:
            owner = owners.get(child.pk, by)
            FollowUp.objects.create(
                child=child,
                record=record,
                what=contact.follow_up.strip(),
                due_on=contact.follow_up_on,
                owner=owner,
                given_by=None if owner == by else by,
            )
        settle_retries(record, owner=retry_owner, today=today)
        records.append(record)
    return records


def _owners(contact: Contact, children: tuple[int, ...], by: Staff, today: date) -> dict[int, Staff]:
    """
    Child (id) → whose the follow-up becomes where it is not the writer's.

    One that passes on comes to the class teacher or 代理家长 of a child that is none of the writer's; what few may know
    stays with who wrote it.
    """
    if contact.follow_up_on is None or contact.follow_up_owner is not None:
        return dict.fromkeys(children, contact.follow_up_owner) if contact.follow_up_owner else {}
    if not contact.follow_up_passes_on or contact.visibility != Visibility.NORMAL:
        return {}
    own = set(Child.objects.filter(own_children(by), pk__in=children).values_list("pk", flat=True))
    return who_answers([pk for pk in children if pk not in own], today)


@fixed
def _first_days(children: tuple[int, ...]) -> QuerySet[Enrollment, Any]:
    days = Enrollment.objects.filter(child__in=children).order_by("child", "-starts_on")
    return days.values_list("child", "starts_on")


@fixed
def _classes_on(day: date, children: tuple[int, ...]) -> QuerySet[Enrollment, Any]:
    return Enrollment.objects.on(day).filter(child__in=children).values_list("child", "school_class")


@fixed
def _own_pairings(day: date, children: tuple[int, ...], staff: int) -> QuerySet[Pairing, Any]:
    own = Pairing.objects.on(day).filter(child__in=children, mentor__staff=staff)
    return own.values_list("child", "mentor")


def text_for(contact: Contact, line: str = "") -> str:
    """The text of one child's record: what was said to all and the line for this child, where the kind keeps text."""
    if contact.kind in TEXT_ELSEWHERE:
        return ""
    return "\n".join(filter(None, [contact.content.strip(), line.strip()]))


def may_edit(record: CareRecord, staff: Staff, *, today: date) -> bool:
    """The author may correct a record within the school's edit window (days after entry). Needs `school` loaded."""
    return record.author_id == staff.pk and today <= timezone.localdate(record.created_at) + timedelta(
        days=record.school.edit_days
    )


@transaction.atomic
def correct_record(
    *,
    record: CareRecord,
    contact: Contact,
    version: int,
    by: Staff,
    today: date,
    counselling: dict[str, Any] | None = None,
) -> CareRecord:
    """
    Change a record that was opened at `version`; its kind stays. `counselling` replaces the fields of its note.

    Raises ValidationError after the edit window or for impossible facts, Stale if somebody saved it meanwhile.
    """
    if not may_edit(record, by, today=today):
        raise ValidationError(f"登记超过 {record.school.edit_days} 天的记录不能改写，请用“补充说明”。")
    contact = without_private_text(replace(contact, kind=record.kind))
    check_contact(contact, [record.child], today=today, stands_on=record.on if record.reached else None)
    for name in (
        "on", "at", "minutes", "place", "place_note", "way", "with_whom", "reached", "state", "visibility", "detail",
    ):  # fmt: skip
        setattr(record, name, getattr(contact, name))
    record.topics, record.content, record.advice = list(contact.topics), contact.content.strip(), contact.advice.strip()
    save_if_unchanged(record, version=version)
    if counselling is not None:
        note = CounsellingNote.objects.filter(record=record).first() or CounsellingNote(record=record)
        for name, value in counselling.items():
            setattr(note, name, value)
        note.save()
    settle_retries(record, owner=by, today=today)
    return record


def add_addendum(*, record: CareRecord, text: str, reason: str, by: Staff) -> RecordAddendum:
    """
    Add to a record without rewriting it.

    Raises ValidationError without text or reason, or when somebody else than its author adds.
    """
    if record.author_id != by.pk:
        raise ValidationError("只有记录人本人可以补充说明。")
    missing = {name: "请填写。" for name, value in (("text", text), ("reason", reason)) if not value.strip()}
    if missing:
        raise ValidationError(missing)
    return RecordAddendum.objects.create(record=record, text=text.strip(), reason=reason.strip(), author=by)
