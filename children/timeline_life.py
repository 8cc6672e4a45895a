"""What happens to a pupil and is counted, as lines of the timeline: health, results, aid, awards, transport, boarding, pledges."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from caretrack.access.policy import DataClass, Level
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import AidGrant, Award, BoardingTerm, BusRide, Child, HealthCheck, Result, SafetyPledge
from children.timeline import TimelineItem, pairs, register_source, stamp


def health(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """健康检查 with its values, and the second look."""
    rows = HealthCheck.objects.filter(child__in=children, on__gte=first, on__lte=last).select_related("change")
    for row in rows:
        sight = " / ".join(str(value) for value in (row.sight_left, row.sight_right) if value is not None)
        yield TimelineItem(
            row.child_id,
            "health",
            row.on,
            "健康检查",
            text=row.finding,
            details=pairs(
                ("身高（厘米）", row.height_cm),
                ("体重（千克）", row.weight_kg),
                ("视力（左/右）", sight),
                ("检查单位", row.place),
                ("复查日期", row.followed_up_on),
                ("复查结果", row.follow_up_result),
            ),
            tone="warn" if row.needs_follow_up and row.followed_up_on is None else "neutral",
            **stamp(row),
        )


def results(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Results of one occasion together, on the day they were entered: an occasion has no day of its own."""
    rows = Result.objects.filter(child__in=children)
    rows = rows.visible_to(staff) if staff is not None else rows
    together: dict[tuple[int, int, str], list[Result]] = defaultdict(list)
    for row in rows.select_related("term", "change").order_by("pk"):
        together[row.child_id, row.term_id, row.occasion].append(row)
    for (child_id, _, occasion), group in together.items():
        on = timezone.localdate(group[0].change.made_at)
        if first <= on <= last:
            said = tuple(
                (row.subject, row.level or (f"{row.mark:g}" if row.mark is not None else "—")) for row in group
            )
            yield TimelineItem(
                child_id,
                "result",
                on,
                f"登记{group[0].term}{occasion}成绩",
                details=said,
                entered=on,
                by=group[0].change.staff_name,
            )


def aid(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """资助: programme, money or goods."""
    rows = AidGrant.objects.filter(child__in=children, on__gte=first, on__lte=last).select_related("change")
    for row in rows:
        yield TimelineItem(
            row.child_id,
            "aid",
            row.on,
            f"资助：{row.programme}",
            details=pairs(
                ("金额（元）", row.amount), ("物资", row.goods), ("资金来源", row.source), ("签收人", row.received_by)
            ),
            **stamp(row),
        )


def awards(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """奖励 with their scope."""
    rows = Award.objects.filter(child__in=children, on__gte=first, on__lte=last).select_related("change")
    for row in rows:
        yield TimelineItem(
            row.child_id,
            "award",
            row.on,
            f"获奖：{row.title}",
            text=row.evidence,
            details=pairs(("级别", row.get_scope_display())),
            tone="good",
            **stamp(row),
        )


def rides(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """When a pupil began and ceased to ride on a route."""
    inside = Q(starts_on__gte=first, starts_on__lte=last) | Q(ends_on__gte=first, ends_on__lte=last)
    for row in BusRide.objects.filter(inside, child__in=children).select_related("route", "change"):
        for on, words in ((row.starts_on, "开始乘车"), (row.ends_on, "停止乘车")):
            if on is not None and first <= on <= last:
                details = pairs(("线路", row.route.direction), ("上下车地点", row.stop), ("接送人", row.met_by))
                yield TimelineItem(row.child_id, "bus", on, words, details=details, **stamp(row))


def pledges(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """安全责任书 signed."""
    rows = SafetyPledge.objects.filter(child__in=children, signed_on__gte=first, signed_on__lte=last)
    for row in rows.select_related("change", "recorded_by"):
        given: dict[str, Any] = {"by": row.recorded_by.name if row.recorded_by else ""}
        yield TimelineItem(
            row.child_id,
            "pledge",
            row.signed_on or first,
            f"签订安全责任书（{row.get_party_display()}）",
            details=pairs(("签字人", row.signed_by)),
            **(stamp(row) | given),
        )


def boarding(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Each term at the dormitory, on the day it begins; the comment stays with the boarding pages."""
    rows = BoardingTerm.objects.filter(child__in=children, term__starts_on__gte=first, term__starts_on__lte=last)
    for row in rows.select_related("term", "keeper", "change"):
        details = pairs(
            ("宿舍床位", row.bed),
            ("入住日期", chinese_date(row.since)),
            ("负责教师", row.keeper.name if row.keeper else ""),
        )
        yield TimelineItem(
            row.child_id, "boarding", row.term.starts_on, f"{row.term}住校", details=details, **stamp(row)
        )


def register() -> None:
    """Called once, when the app is ready."""
    register_source(
        "health", "健康检查", health, data=DataClass.HEALTH, mark="heart-pulse", tables=[(HealthCheck, "child")]
    )
    register_source(
        "result",
        "学习成绩",
        results,
        data=DataClass.CARE,
        level=Level.OWN,
        mark="journal-text",
        tables=[(Result, "child")],
    )
    register_source("aid", "资助", aid, data=DataClass.ECONOMY, mark="gift", tables=[(AidGrant, "child")])
    register_source("award", "奖励", awards, data=DataClass.IDENTITY, mark="award", tables=[(Award, "child")])
    register_source("bus", "乘车", rides, data=DataClass.CONTACT, mark="bus-front", tables=[(BusRide, "child")])
    register_source(
        "boarding", "住校", boarding, data=DataClass.IDENTITY, mark="building", tables=[(BoardingTerm, "child")]
    )
    register_source(
        "pledge", "安全责任书", pledges, data=DataClass.CONTACT, mark="shield-check", tables=[(SafetyPledge, "child")]
    )
