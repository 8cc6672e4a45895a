"""Handing a dossier to the next school: sent with a list of what goes along, accepted or acknowledged there."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from caretrack.periods import chinese_date
from caretrack.schools.models import School, SchoolClass, Staff
from children.corrections import can_be_corrected
from children.models import Child, Enrollment, StatusChange, Transfer, codes
from children.models.transfer import RECEIPT_WITHIN
from children.services import enrol, leave_school, set_on_child

Kind = codes.ChangeKind
# What a paper file usually holds (domain §3.1); the person who hands over ticks what really goes along.
MATERIALS = ("档案摘要", "基本情况登记表", "成长记录袋", "健康检查表", "学籍材料", "委托照护协议", "获奖证书")


#: With which leavings a dossier can go to the next school. Graduates' dossiers are handed over or kept (domain §5.3);
#: who broke off or paused may turn up at another school.
HANDED_OVER = (Kind.OUT_TRANSFER, Kind.GRADUATE, Kind.DROPOUT, Kind.SUSPENDED)

#: What is not asked of each row when many are checked at once: rows that exist.
_LINKS = ("change", "child", "line", "items", "from_school", "to_school", "sent_by")


def _letter_numbers(school: School, year: int) -> Iterator[str]:
    """
    〔2026〕3号, 〔2026〕4号 …: hand-overs of a school are numbered through the year; those after the highest that is used.

    Who numbers letters of one school at once waits for the other, so this belongs into the transaction that uses them.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    issued = Transfer.objects.filter(from_school=school, letter_no__startswith=f"〔{year}〕")
    told = (re.fullmatch(r"〔\d+〕(\d+)号", letter) for letter in issued.values_list("letter_no", flat=True))
    highest = max((int(found[1]) for found in told if found), default=0)
    return (f"〔{year}〕{number}号" for number in count(highest + 1))


@transaction.atomic
def send(
    *,
    child: Child,
    on: date,
    by: Staff | None,
    to_school: School | None = None,
    to_name: str = "",
    items: Sequence[str] = (),
    reason: str = "",
    evidence: str = "",
) -> Transfer:
    """
    Take the child off the roll as transferred and open the hand-over of its file.

    `on` is the last day in class. `to_school` is a school of this installation, else `to_name` names the next one.
    Raises ValidationError as `leave_school` does, without a destination, and when a hand-over is open already.
    """
    name = _destination(child.school, to_school, to_name)
    told = f"{name}；{reason}" if reason else name
    line = leave_school(child=child, on=on, kind=Kind.OUT_TRANSFER, by=by, reason=told, evidence=evidence)
    _refuse_open([line])
    return _begin([line], to_school, name, items, on, by)[0]


def without_hand_over(schools: Iterable[int], kinds: Iterable[str] = HANDED_OVER) -> QuerySet[StatusChange]:
    """
    Who left these schools by one of `kinds` and whose dossier is still there: lines of the register that hold.

    Children who are in a class again have nothing to hand over.
    """
    lines = StatusChange.objects.standing().filter(kind__in=list(kinds), transfer__isnull=True)
    gone = lines.filter(school__in=list(schools), child__school_class__isnull=True, child__school=F("school"))
    later = StatusChange.objects.standing().filter(
        child=OuterRef("child"), pk__gt=OuterRef("pk"), kind__in=codes.ENTERS_SCHOOL
    )
    return gone.exclude(Exists(later)).select_related("child", "school").order_by("-on", "-pk")


def wrong_leaving(transfer: Transfer) -> StatusChange | None:
    """The leaving to put right if the child has not left after all; None once it is in a class or the dossier was received."""
    if transfer.child.school_class_id is not None or transfer.received_on is not None:
        return None
    line = transfer.line
    if not transfer.is_open:
        # The leaving of one that was called back waits for another hand-over; the child may have come and gone again since.
        waiting = without_hand_over([transfer.from_school_id]).filter(child=transfer.child_id)
        line = waiting.filter(on__lte=transfer.sent_on).first()
    return line if line is not None and can_be_corrected(line) else None


def batches(schools: Iterable[int], kind: Kind, since: date) -> QuerySet[Transfer, Any]:
    """
    What these schools sent of the children who left a class by `kind` since then: a row for each class and batch.

    Each names its `school_class`, how many went (`number`), how many were `received`, and the `first` hand-over.
    """
    lines = Q(line__kind=kind, line__on__gte=since, line__school_class__isnull=False)
    sent = Transfer.objects.filter(lines, from_school__in=list(schools), cancelled_on__isnull=True)
    grouped = sent.order_by().values("to_name", "sent_on", school_class=F("line__school_class"))
    figures = {"number": Count("pk"), "received": Count("received_on"), "first": Min("pk"), "left": Max("line__on")}
    return grouped.annotate(**figures).order_by("-sent_on", "first")


@transaction.atomic
def send_later(
    *,
    lines: Collection[StatusChange],
    on: date,
    by: Staff | None,
    to_school: School | None = None,
    to_name: str = "",
    items: Sequence[str] = (),
) -> list[Transfer]:
    """
    Open the hand-over of children of one school whose leaving stands in the register already.

    `on` is the day of the letter; all go to one school, as a class of graduates does. Raises ValidationError without a
    destination, when one is open already, or `on` is before a child left.
    """
    list(Child.objects.select_for_update(of=("self",)).filter(pk__in=[line.child_id for line in lines]).values("pk"))
    found = fit_to_send(lines, on)
    return _begin(found, to_school, _destination(found[0].school, to_school, to_name), items, on, by)


def fit_to_send(lines: Collection[StatusChange], on: date) -> list[StatusChange]:
    """
    `lines` of one school by name, each child loaded, if their dossiers can go on the day.

    Raises ValidationError when one is open already, or `on` is before a child left.
    """
    school = next(iter(lines)).school
    waiting = without_hand_over([school.pk]).filter(pk__in=[line.pk for line in lines])
    found = sorted(waiting, key=lambda line: (line.child.pinyin, line.pk))
    if len(found) < len(lines):
        raise ValidationError("有学生的移交已经办理，请刷新页面。")
    last = max(found, key=lambda line: line.on)
    if on < last.on:
        raise ValidationError({"on": f"移交日期不能早于{last.child.name}的离校日期{chinese_date(last.on)}。"})
    _refuse_open(found)
    return found


def school_named(name: str, schools: Iterable[School]) -> School | None:
    """The one of `schools` that bears this name or, as the only one, this short name."""
    listed = list(schools)
    full = [school for school in listed if school.name == name]
    found = full or [school for school in listed if school.short_name == name]
    return found[0] if len(found) == 1 else None


_ENDINGS = "学校|小学|中学|初中|高中|职中|职高|幼儿园|教学点|中心校|完小|附小|附中|学院"
_SCHOOL = re.compile(rf"({_ENDINGS}|[一二三四五六七八九十\d][中小])$")
_ANY_SCHOOL = re.compile(rf"(外地|外[省市县]|其[他它]|别的|某|普通|中等|职业|技工|[初高]级)*({_ENDINGS})")


def where_to(reason: str, schools: Iterable[School]) -> str:
    """
    The school in what was noted of a leaving, empty if none is: 升入青榕镇初级中学 names 青榕镇初级中学, 毕业 and 学校待定 none.

    `schools` are those of this installation, known by name whatever it looks like.
    """
    name = re.sub("^(毕业后?)?(升入|考入|进入|转入|转到|去|前往|就读于?)", "", reason.strip())
    looks = _SCHOOL.search(name) and not _ANY_SCHOOL.fullmatch(name)
    return name if looks or school_named(name, schools) else ""


def told_destination(line: StatusChange) -> dict[str, School | str]:
    """What a leaving says of the next school, as fields of the hand-over; empty if it names none, as with a pause."""
    schools = list(School.objects.exclude(pk=line.school_id))
    name = where_to(line.reason, schools)
    return named_destination(name, schools) if name else {}


def named_destination(name: str, schools: Iterable[School]) -> dict[str, School | str]:
    """The next school by what it was called, as fields of the hand-over: one of `schools`, else the name."""
    known = school_named(name, schools)
    return {"to_school": known} if known else {"to_name": name}


def _destination(leaves: School, to_school: School | None, to_name: str) -> str:
    if to_school is None and not to_name.strip():
        raise ValidationError({"to_name": "请填写转往哪所学校；暂时不知道的写到哪个县、乡镇。"})
    if to_school is not None and to_school.pk == leaves.pk:
        raise ValidationError({"to_school": "转入学校不能是本校；校内换班请办理调班。"})
    return to_school.name if to_school else to_name.strip()


def _refuse_open(lines: Sequence[StatusChange]) -> None:
    open_ones = Transfer.objects.open().filter(child__in=[line.child_id for line in lines])
    if busy := "、".join(open_ones.order_by("pk").values_list("child__name", flat=True)):
        raise ValidationError(f"{busy}以前的档案移交还没有收到回执，请先办结。")


def _begin(
    lines: Sequence[StatusChange], to_school: School | None, name: str, items: Sequence[str], on: date, by: Staff | None
) -> list[Transfer]:
    begun = []
    for line, letter_no in zip(lines, _letter_numbers(lines[0].school, on.year), strict=False):
        transfer = Transfer(
            child=line.child,
            line=line,
            from_school=line.school,
            to_school=to_school,
            to_name=name,
            letter_no=letter_no,
            items=[item for item in MATERIALS if item in items],
            sent_on=on,
            due_on=on + RECEIPT_WITHIN,
            sent_by=by,
        )
        transfer.clean_fields(exclude=_LINKS)
        begun.append(transfer)
    return list(Transfer.objects.bulk_create(begun))


def batch_of(transfer: Transfer) -> QuerySet[Transfer]:
    """The hand-overs sent with this one: from the same school to the same one on the same day."""
    sent = Transfer.objects.filter(from_school=transfer.from_school_id, sent_on=transfer.sent_on)
    return sent.filter(to_name=transfer.to_name, cancelled_on__isnull=True).order_by("pk")


@transaction.atomic
def accept(*, transfer: Transfer, school_class: SchoolClass, on: date, by: Staff, note: str = "") -> Enrollment:
    """
    The next school of this installation takes the child into a class from `on`; the dossier goes with it.

    Raises ValidationError if the hand-over is closed, addressed to another school, or the days do not fit.
    """
    current = _locked(transfer)
    graduate = current.line is not None and current.line.kind == Kind.GRADUATE
    if current.to_school_id != school_class.school_id:
        raise ValidationError("这份档案不是移交给这所学校的。")
    if on <= current.left_on:
        raise ValidationError({"on": f"入班日期要晚于在原校的最后一天{chinese_date(current.left_on)}。"})
    # Graduates sit in their new class before the dossier follows.
    _close(current, max(on, current.sent_on), str(by), note)
    entered = enrol(
        child=current.child,
        school_class=school_class,
        on=on,
        by=by,
        kind=Kind.ENROL_NEW if graduate else Kind.IN_TRANSFER,
        reason=f"从{current.from_school.name}{'毕业升入' if graduate else '转入'}",
        evidence=f"档案移交函{current.letter_no}",
    )
    # What belongs to the place, not to the child, stays behind.
    set_on_child(current.child, class_seq="", dorm_bed="")
    return entered


@transaction.atomic
def accept_all(
    *, transfers: Iterable[Transfer], school_class: SchoolClass, on: date, by: Staff, note: str = ""
) -> list[Enrollment]:
    """The next school takes several children into one class, all or none. Raises ValidationError that names the child."""
    entered = []
    for transfer in transfers:
        try:
            entered.append(accept(transfer=transfer, school_class=school_class, on=on, by=by, note=note))
        except ValidationError as refusal:
            raise ValidationError([f"{transfer.child.name}：{text}" for text in refusal.messages]) from refusal
    return entered


@transaction.atomic
def acknowledge(*, transfer: Transfer, on: date, received_by: str, note: str = "") -> Transfer:
    """
    The receipt of a school outside came back.

    Raises ValidationError if the hand-over is closed, goes to a school of this installation (which accepts it
    itself), or `on` is before it was sent.
    """
    current = _locked(transfer)
    if current.to_school_id is not None:
        raise ValidationError(f"{current.to_name}也使用本系统，由对方接收后自动记回执。")
    return _close(current, on, received_by, note)


@transaction.atomic
def acknowledge_all(*, notes: Mapping[Transfer, str], on: date, received_by: str) -> list[Transfer]:
    """
    The receipts of hand-overs to a school outside came back together; `notes` says of each what its receipt says.

    All or none; raises ValidationError as `acknowledge` does.
    """
    asked = {transfer.pk: note for transfer, note in notes.items()}
    rows = list(Transfer.objects.select_for_update(of=("self",)).filter(pk__in=asked, to_school=None).order_by("pk"))
    if len(rows) < len(asked) or not all(row.is_open for row in rows):
        raise ValidationError("有学生的移交已经办结，请刷新页面。")
    last = max(row.sent_on for row in rows)
    if on < last:
        raise ValidationError({"on": f"接收日期不能早于移交日期{chinese_date(last)}。"})
    for row in rows:
        row.received_on, row.received_by, row.receipt_note = on, received_by, asked[row.pk]
        row.clean_fields(exclude=_LINKS)
    Transfer.objects.bulk_update(rows, ["received_on", "received_by", "receipt_note"])
    return rows


@transaction.atomic
def take_back_receipt(*, transfer: Transfer) -> Transfer:
    """
    A receipt of a school outside was entered by mistake: the hand-over waits for it again.

    Raises ValidationError without such a receipt, and of a child that came back since, though it may have left again.
    """
    rows = Transfer.objects.select_for_update(of=("self",)).select_related("child", "line")
    current: Transfer = rows.get(pk=transfer.pk)
    if current.received_on is None or current.to_school_id is not None:
        raise ValidationError("没有可以撤销的回执。")
    if Transfer.objects.open().filter(child=current.child_id).exists():
        raise ValidationError("这名学生的档案正在再次移交，以前的回执不能撤销。")
    came_again = Enrollment.objects.filter(child=current.child_id, starts_on__gt=current.left_on)
    if current.child.school_class_id is not None or came_again.exists():
        raise ValidationError("学生后来已重新入班，不再等待这份回执。")
    current.received_on, current.received_by, current.receipt_note = None, "", ""
    current.save(update_fields=["received_on", "received_by", "receipt_note"])
    return current


@transaction.atomic
def withdraw(*, transfer: Transfer, on: date, reason: str) -> Transfer:
    """
    The former school calls a dossier back before anybody has received it; it can be handed over anew.

    Raises ValidationError if the hand-over is closed, and without a reason.
    """
    current = _locked(transfer)
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么撤回。"})
    # The leaving stands, and waits for another hand-over.
    current.cancelled_on, current.cancel_reason, current.line = on, reason, None
    current.save(update_fields=["cancelled_on", "cancel_reason", "line"])
    return current


def _locked(transfer: Transfer) -> Transfer:
    current: Transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
    if not current.is_open:
        raise ValidationError("这份档案的移交已经办结。")
    return current


def _close(transfer: Transfer, on: date, received_by: str, note: str) -> Transfer:
    transfer.received_on, transfer.received_by, transfer.receipt_note = on, received_by, note
    transfer.full_clean(exclude=["change", "child", "items", "sent_by"])
    transfer.save(update_fields=["received_on", "received_by", "receipt_note"])
    return transfer


def summary_of(child: Child, on: date) -> dict[str, Any]:
    """What the receiving registrar is told before accepting: who comes, nothing of the family."""
    return {"name": child.name, "sex": child.get_sex_display(), "age": child.age_on(on)}
