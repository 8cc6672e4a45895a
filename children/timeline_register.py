"""What the register and the family tell of a child: dossier, changes, absences, care, decisions, cards, consents, papers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from caretrack.access.policy import DataClass
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children import timeline_life
from children.census.review import in_words
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Census,
    CensusRow,
    Child,
    ChildFile,
    Consent,
    ContactCard,
    SiblingLink,
    SpecialStanding,
    StatusChange,
    SupportDecision,
    SurveySheet,
    Transfer,
    codes,
)
from children.models.transfer import CAME_BACK, STAYED
from children.timeline import TimelineItem, add_lines, pairs, register_source, stamp

ONE_DAY = timedelta(days=1)


def _ids(children: list[Child]) -> tuple[int, ...]:
    return tuple(child.pk for child in children)


def opened(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """The day the dossier was opened, and the day the family confirmed it."""
    for child in children:
        made = timezone.localdate(child.created_at)
        if first <= made <= last:
            yield TimelineItem(child.pk, "dossier", made, "建立档案", entered=made)
        confirmed = child.family_confirmed_on
        if confirmed is not None and first <= confirmed <= last:
            by = child.family_confirmed_by
            yield TimelineItem(child.pk, "dossier", confirmed, "家长或监护人确认档案", details=pairs(("确认人", by)))


def changes(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """变动登记: each with what was before and after (domain §5.3)."""
    for row in _changes(_ids(children), first, last):
        yield TimelineItem(
            child_id=row.child_id,
            kind="register",
            on=row.on,
            title=row.get_kind_display(),
            details=pairs(
                ("原情况", row.before), ("现情况", row.after), ("原因或去向", row.reason), ("依据", row.evidence)
            ),
            entered=timezone.localdate(row.entered_at),
            by=row.made_by.name if row.made_by else "",
        )


@fixed
def _changes(children: tuple[int, ...], first: date, last: date) -> QuerySet[StatusChange]:
    return StatusChange.objects.filter(child__in=children, on__gte=first, on__lte=last).select_related("made_by")


def absences(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Parents leaving and coming back, as far as the day is known."""
    for span in _spans(_ids(children), first, last, first - ONE_DAY):
        who = span.member.get_relation_display()
        child_id = span.member.child_id
        if span.starts_on is not None and first <= span.starts_on <= last:
            yield TimelineItem(
                child_id,
                "family",
                span.starts_on,
                f"{who}{span.get_status_display()}",
                details=pairs(("务工地点", span.work_place)),
                **stamp(span),
            )
        if span.ends_on is not None and first <= span.ends_on + ONE_DAY <= last:
            yield TimelineItem(
                child_id, "family", span.ends_on + ONE_DAY, f"{who}结束“{span.get_status_display()}”", **stamp(span)
            )


@fixed
def _spans(children: tuple[int, ...], first: date, last: date, eve: date) -> QuerySet[AbsenceSpan]:
    known = Q(starts_on__gte=first, starts_on__lte=last) | Q(ends_on__gte=eve, ends_on__lt=last)
    return AbsenceSpan.objects.filter(known, member__child__in=children).select_related("member", "change")


def care(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Who really cares, from when; the written entrustment and the notice to the school."""
    for row in _arrangements(_ids(children)):
        carer = str(row.carer) if row.carer else ""
        told = (
            (row.starts_on, "照护安排：" + (row.get_care_type_display() or "未登记"), pairs(("实际监护人", carer), ("监护情况评估", row.get_rating_display()))),
            (row.entrusted_on, "签订委托照护协议", pairs(("被委托人", carer), ("到期", row.entrusted_until))),
            (row.school_told_on, "父母书面告知学校委托照护情况", ()),
        )  # fmt: skip
        for on, title, details in told:
            if on is not None and first <= on <= last:
                yield TimelineItem(row.child_id, "care", on, title, details=details, **stamp(row))


@fixed
def _arrangements(children: tuple[int, ...]) -> QuerySet[CareArrangement]:
    return CareArrangement.objects.filter(child__in=children).select_related("carer", "change")


def decisions(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """帮扶级别: who decided, why, when it is looked at again."""
    rows = SupportDecision.objects.filter(child__in=children, on__gte=first, on__lte=last)
    for row in rows.select_related("decided_by", "change"):
        given: dict[str, Any] = {"by": row.decided_by.name if row.decided_by else ""}
        yield TimelineItem(
            row.child_id,
            "decision",
            row.on,
            f"帮扶级别认定为“{row.get_level_display()}”",
            text=row.reason,
            details=pairs(("规则提示", row.suggested_by), ("复核日期", row.review_on)),
            tone="warn" if row.level in codes.KEY_LEVELS else "neutral",
            **(stamp(row) | given),
        )


def standing(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """三特生, each group for those who may know the fact behind it."""
    rows = SpecialStanding.objects.filter(child__in=children)
    rows = rows.visible_to(staff) if staff is not None else rows
    for row in rows.select_related("change"):
        if first <= row.starts_on <= last:
            yield TimelineItem(row.child_id, "special", row.starts_on, f"登记为{row}", text=row.note, **stamp(row))
        if row.ends_on is not None and first <= row.ends_on <= last:
            yield TimelineItem(row.child_id, "special", row.ends_on, f"不再列为{row}", **stamp(row))


def cards(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """联系卡 printed and void."""
    for row in ContactCard.objects.filter(child__in=children).select_related("printed_by"):
        printed = timezone.localdate(row.printed_at)
        if first <= printed <= last:
            by = row.printed_by.name if row.printed_by else ""
            yield TimelineItem(row.child_id, "card", printed, f"打印联系卡第{row.number}版", entered=printed, by=by)
        if row.replaced_on is not None and first <= row.replaced_on <= last:
            yield TimelineItem(row.child_id, "card", row.replaced_on, f"联系卡第{row.number}版作废")


def consents(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """What the family agreed to, refused, took back."""
    for row in Consent.objects.filter(child__in=children).select_related("change"):
        if first <= row.given_on <= last:
            said = "不同意" if row.refused else "同意"
            who = f"{row.given_by}（{row.get_relation_display()}）"
            yield TimelineItem(
                row.child_id,
                "consent",
                row.given_on,
                f"家长或监护人{said}：{row.get_purpose_display()}",
                details=pairs(("签字人", who)),
                **stamp(row),
            )
        if row.withdrawn_on is not None and first <= row.withdrawn_on <= last:
            title = f"撤回同意：{row.get_purpose_display()}"
            yield TimelineItem(row.child_id, "consent", row.withdrawn_on, title, **stamp(row))


def papers(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Papers put into the dossier; a restricted one only for those who must know."""
    rows = ChildFile.objects.kept().filter(child__in=children, on__gte=first, on__lte=last)
    rows = rows.visible_to(staff) if staff is not None else rows
    for row in rows.select_related("uploaded_by"):
        yield TimelineItem(
            row.child_id,
            "file",
            row.on,
            f"存入附件：{row.get_kind_display()}",
            text=row.title,
            entered=timezone.localdate(row.created_at) if row.created_at else None,
            by=row.uploaded_by.name if row.uploaded_by else "",
            tone="private" if row.restricted else "neutral",
            private=row.restricted,
        )


def census(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Each round about the parents in which somebody looked at the child, with the answer."""
    for row in _answered(children).exclude(census__kind=Census.Kind.POVERTY):
        on = timezone.localdate(row.answered_at)
        if first <= on <= last:
            yield _looked_at(row, "census", on, on)


def poverty(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Each round about poverty, on the day that it asks about, with what of the economy was found to have changed."""
    for row in _answered(children).filter(census__kind=Census.Kind.POVERTY, census__cut_off__range=(first, last)):
        found = in_words(row.proposed) if row.review == CensusRow.Review.CONFIRMED else []
        item = _looked_at(row, "poverty", row.census.cut_off, timezone.localdate(row.answered_at))
        yield replace(item, text="；".join(found))


def _answered(children: list[Child]) -> QuerySet[CensusRow]:
    rows = CensusRow.objects.filter(child__in=children, answered_at__isnull=False)
    return rows.exclude(answer=CensusRow.Answer.OPEN).select_related("census", "answered_by")


def _looked_at(row: CensusRow, kind: str, on: date, entered: date) -> TimelineItem:
    return TimelineItem(
        row.child_id,
        kind,
        on,
        f"{row.census.get_kind_display()}核对：{row.get_answer_display()}",
        entered=entered,
        by=row.answered_by.name if row.answered_by else "",
    )


def surveys(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """The questionnaires that a pupil or the family answered by name; the answers stay on their own page."""
    rows = SurveySheet.objects.filter(child__in=children, entered_on__range=(first, last))
    for row in rows.select_related("survey", "change"):
        if row.child_id is not None and row.entered_on is not None:
            yield TimelineItem(
                row.child_id,
                "survey",
                row.entered_on,
                f"{row.survey.get_audience_display()}填写问卷：{row.survey.title}",
                **stamp(row),
            )


def siblings(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """When a brother or sister at school was registered; by name only where both are in sight."""
    ids = {child.pk for child in children}
    rows = SiblingLink.objects.filter(Q(first__in=ids) | Q(second__in=ids), confirmed=True, on__gte=first, on__lte=last)
    listed = list(rows.select_related("first", "second", "change"))
    others = {row.first_id for row in listed} | {row.second_id for row in listed}
    seen = others if staff is None or not others else set(
        Child.objects.visible_to(staff, DataClass.CONTACT).filter(pk__in=others).values_list("pk", flat=True)
    )  # fmt: skip
    for row in listed:
        for child, other in ((row.first, row.second), (row.second, row.first)):
            if child.pk in ids and other.pk in seen:
                yield TimelineItem(child.pk, "family", row.on, "登记在校兄弟姐妹", text=other.name, **stamp(row))


def transfers(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """
    The dossier on its way to another school, for those who handle it. One called back is told with its reason; one whose
    leaving was a mistake is not.
    """
    rows = Transfer.objects.filter(child__in=children).exclude(
        cancelled_on__isnull=False, cancel_reason__in=("", STAYED)
    )
    rows = rows.visible_to(staff) if staff is not None else rows
    for row in rows.select_related("sent_by", "from_school", "change"):
        by, to = row.sent_by.name if row.sent_by else "", row.to_name
        receipt = pairs(("接收人", row.received_by), ("说明", row.receipt_note))
        sent = stamp(row) | {"by": by}
        # The calling back is the last that happened to the row; nobody did it if the child's coming back did.
        back = {} if row.cancel_reason == CAME_BACK else stamp(row) | {"by": row.change.staff_name}
        told = (
            (row.sent_on, sent, f"{row.from_school}移交档案给{to}", pairs(("移交函编号", row.letter_no))),
            (row.received_on, sent, f"{to}接收档案", receipt),
            (row.cancelled_on, back, f"移交{to}的档案已撤回", pairs(("原因", row.cancel_reason))),
        )
        for on, given, title, details in told:
            if on is not None and first <= on <= last:
                yield TimelineItem(row.child_id, "transfer", on, title, details=details, **given)


def register() -> None:
    """Called once, when the app is ready."""
    register_source("dossier", "建档", opened, data=DataClass.IDENTITY, mark="folder-plus")
    register_source(
        "register",
        "变动登记",
        changes,
        data=DataClass.CONTACT,
        mark="arrow-left-right",
        tables=[(StatusChange, "child")],
    )
    register_source(
        "transfer", "档案移交", transfers, data=DataClass.IDENTITY, mark="send", tables=[(Transfer, "child")]
    )
    register_source(
        "family",
        "家庭变化",
        absences,
        data=DataClass.CONTACT,
        mark="people",
        tables=[(AbsenceSpan, "member__child")],
    )
    add_lines("family", siblings, tables=[(SiblingLink, "first"), (SiblingLink, "second")])
    register_source(
        "care", "照护安排", care, data=DataClass.CONTACT, mark="house-heart", tables=[(CareArrangement, "child")]
    )
    register_source(
        "decision", "帮扶级别", decisions, data=DataClass.CARE, mark="flag", tables=[(SupportDecision, "child")]
    )
    register_source(
        "special", "三特生", standing, data=DataClass.IDENTITY, mark="star", tables=[(SpecialStanding, "child")]
    )
    register_source(
        "card", "联系卡", cards, data=DataClass.CONTACT, mark="person-vcard", tables=[(ContactCard, "child")]
    )
    register_source("consent", "知情同意", consents, data=DataClass.CONTACT, mark="pen", tables=[(Consent, "child")])
    register_source(
        "census", "普查", census, data=DataClass.CONTACT, mark="clipboard-check", tables=[(CensusRow, "child")]
    )
    register_source(
        "poverty", "贫困摸底", poverty, data=DataClass.ECONOMY, mark="clipboard-check", tables=[(CensusRow, "child")]
    )
    register_source(
        "survey", "问卷", surveys, data=DataClass.CARE, mark="clipboard-check", tables=[(SurveySheet, "child")]
    )
    register_source("file", "档案附件", papers, data=DataClass.CONTACT, mark="paperclip", tables=[(ChildFile, "child")])
    timeline_life.register()
