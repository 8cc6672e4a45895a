"""Pairing, charge and plans as lines of the timeline."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from caretrack.access.policy import Act, DataClass, Level
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children.models import Child
from children.timeline import TimelineItem, add_lines, pairs, register_source, stamp
from mentoring.agreements import PRESENT_CARE, complete
from mentoring.models import (
    Agreement,
    LeaderCharge,
    Pairing,
    PaperKind,
    PeerCheck,
    PeerPairing,
    PlanReview,
    SupportPlan,
)


def _within(first: date, last: date) -> Q:
    return Q(starts_on__gte=first, starts_on__lte=last) | Q(ends_on__gte=first, ends_on__lte=last)


def pairings(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """代理家长 and other mentors, when they began and ended; the child's words on it for who hears children, no mentor."""
    hears = staff is not None and staff.may(Act.PAIRING_HEAR)
    for row in _pairings(tuple(child.pk for child in children), first, last):
        role = row.get_role_display()
        if first <= row.starts_on <= last:
            view = (("儿童意见", row.child_view),) if hears and row.child_view else ()
            yield TimelineItem(
                row.child_id, "pairing", row.starts_on, f"结对：{role}", row.mentor.name, view, **stamp(row)
            )
        if row.ends_on is not None and first <= row.ends_on <= last:
            why = f"{row.get_end_reason_display()} {row.end_note}".strip()
            yield TimelineItem(
                row.child_id,
                "pairing",
                row.ends_on,
                f"结束结对：{role}",
                row.mentor.name,
                (("原因", why),),
                **stamp(row),
            )


@fixed
def _pairings(children: tuple[int, ...], first: date, last: date) -> QuerySet[Pairing]:
    return Pairing.objects.filter(_within(first, last), child__in=children).select_related("mentor", "change")


def charges(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Children in the charge of a school leader."""
    rows = LeaderCharge.objects.filter(_within(first, last), child__in=children)
    for charge in rows.select_related("leader", "change"):
        if first <= charge.starts_on <= last:
            title = "确定包干领导"
            yield TimelineItem(charge.child_id, "pairing", charge.starts_on, title, charge.leader.name, **stamp(charge))
        if charge.ends_on is not None and first <= charge.ends_on <= last:
            title = "结束领导包干"
            yield TimelineItem(charge.child_id, "pairing", charge.ends_on, title, charge.leader.name, **stamp(charge))


def peers(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Pupils who look after each other, and how that was checked."""
    checked = PeerCheck.objects.filter(pair=OuterRef("pk"), on__gte=first, on__lte=last)
    wanted = PeerPairing.objects.filter(_within(first, last) | Exists(checked), child__in=children)
    rows = list(wanted.select_related("peer", "change").order_by("pk"))
    checks: dict[int, list[PeerCheck]] = {}
    looked = PeerCheck.objects.filter(pair__in=rows, on__gte=first, on__lte=last)
    for check in looked.select_related("checked_by", "change").order_by("on", "pk"):
        checks.setdefault(check.pair_id, []).append(check)
    named = {row.peer_id for row in rows}
    if staff is not None and named:
        named = set(Child.objects.visible_to(staff).filter(pk__in=named).values_list("pk", flat=True))
    for row in rows:
        name = row.peer.name if row.peer_id in named else "一名同学"
        kind = row.get_kind_display()
        if first <= row.starts_on <= last:
            yield TimelineItem(row.child_id, "pairing", row.starts_on, f"同伴结对：{kind}", name, **stamp(row))
        for check in checks.get(row.pk, []):
            given: dict[str, Any] = stamp(check) | {"by": check.checked_by.name}
            told = pairs(("效果", check.get_effect_display()), ("具体情况", check.note))
            yield TimelineItem(row.child_id, "pairing", check.on, f"检查同伴结对：{kind}", name, told, **given)
        if row.ends_on is not None and first <= row.ends_on <= last:
            told = pairs(("效果", row.effect))
            yield TimelineItem(row.child_id, "pairing", row.ends_on, f"结束同伴结对：{kind}", name, told, **stamp(row))


def agreements(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """
    Pairing agreements, on the day of the last signature; an entrustment that all have signed is told with the care.

    One that was left half signed when the carer changed is told here: it stays on file.
    """
    given_up = Q(kind=Agreement.Kind.ENTRUSTMENT) & ~complete(PaperKind.ENTRUSTMENT) & ~PRESENT_CARE
    rows = Agreement.objects.filter(Q(kind=Agreement.Kind.PAIRING) | given_up, child__in=children)
    for row in rows.select_related("change", "carer"):
        signed = [
            day
            for day in (row.parent_signed_on, row.carer_signed_on, row.mentor_signed_on, row.school_signed_on)
            if day is not None
        ]
        if signed and first <= max(signed) <= last:
            title, told = f"签订{row.get_kind_display()}", pairs()
            if row.kind == Agreement.Kind.ENTRUSTMENT:
                title = "委托照护协议没有签完，监护人变更后不再有效"
                told = pairs(("被委托人", str(row.carer) if row.carer else ""))
            yield TimelineItem(row.child_id, "pairing", max(signed), title, details=told, **stamp(row))


def plans(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Support plans and how they were judged, as far as this person reads them."""
    rows = SupportPlan.objects.filter(child__in=children)
    if staff is not None:
        rows = rows.filter(pk__in=SupportPlan.objects.visible_to(staff).values("pk"))
    for row in rows.select_related("made_by", "change"):
        private = row.kind == SupportPlan.Kind.INDIVIDUAL
        if first <= row.starts_on <= last:
            given: dict[str, Any] = {"by": row.made_by.name}
            yield TimelineItem(
                row.child_id,
                "plan",
                row.starts_on,
                f"制订{row.get_kind_display()}",
                row.goals,
                (("学科", row.subject),) if row.subject else (),
                tone="private" if private else "neutral",
                private=private,
                page=("activities:support_show", row.pk),
                **(stamp(row) | given),
            )
    reviews = PlanReview.objects.filter(plan__in=rows.order_by(), on__gte=first, on__lte=last)
    for review in reviews.select_related("plan", "reviewed_by", "change"):
        given = {"by": review.reviewed_by.name}
        yield TimelineItem(
            review.plan.child_id,
            "plan",
            review.on,
            f"评估{review.plan.get_kind_display()}",
            review.effect,
            (("下一步", review.next_step),) if review.next_step else (),
            private=review.plan.kind == SupportPlan.Kind.INDIVIDUAL,
            **(stamp(review) | given),
        )


def register() -> None:
    """Called once, when the app is ready."""
    register_source(
        "pairing",
        "结对",
        pairings,
        data=DataClass.CONTACT,
        mark="person-hearts",
        tables=[(Pairing, "child")],
    )
    add_lines("pairing", charges, tables=[(LeaderCharge, "child")])
    add_lines("pairing", peers, tables=[(PeerPairing, "child")])
    add_lines("pairing", agreements, tables=[(Agreement, "child")])
    register_source(
        "plan",
        "帮扶计划",
        plans,
        data=DataClass.CARE,
        level=Level.READ,
        mark="list-check",
        tables=[(SupportPlan, "child")],
    )
