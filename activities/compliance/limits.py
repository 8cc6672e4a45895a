"""What limits an item to some children: the support level decided by a day, a learning plan that runs on it."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import QuerySet

from activities.compliance.rules import Span
from caretrack.fixed import fixed
from children.models import SupportDecision
from mentoring.models import SupportPlan


def levels_of(ids: tuple[int, ...]) -> dict[int, list[tuple[date, str]]]:
    """Child → its support levels as decided, oldest first, each with its day. One statement."""
    found: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for child, on, level in _decisions(ids):
        found[child].append((on, level))
    return dict(found)


@fixed
def _decisions(ids: tuple[int, ...]) -> QuerySet[SupportDecision, Any]:
    return SupportDecision.objects.filter(child__in=ids).order_by("on", "pk").values_list("child", "on", "level")


def plan_spans(ids: tuple[int, ...]) -> dict[int, list[Span]]:
    """
    Child → the spans of its 学习帮扶计划; individual plans are nobody's limit. One statement.

    A pupil with such a plan is who 九个一 means by a weak pupil (domain §8.3): found weak, and helped.
    """
    found: dict[int, list[Span]] = defaultdict(list)
    for child, first, last in _plans(ids):
        found[child].append(Span(first, last))
    return dict(found)


@fixed
def _plans(ids: tuple[int, ...]) -> QuerySet[SupportPlan, Any]:
    plans = SupportPlan.objects.filter(child__in=ids, kind=SupportPlan.Kind.LEARNING).order_by("starts_on", "pk")
    return plans.values_list("child", "starts_on", "ended_on")
