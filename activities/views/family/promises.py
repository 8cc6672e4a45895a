"""What parents away promised: who of a class is behind this month, a reminder to copy, that a family agreed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from activities.compliance.words import how_often
from activities.family import promises
from activities.family.feedback import families
from activities.family.month import teacher_name
from activities.mistakes import may_take_back
from activities.picking import classes_of
from activities.views.family.frame import in_roll_order, month_of, tabs
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.numbers import numbers
from caretrack.web.ticks import list_address, ticked, with_ticks


@allows(Act.FAMILY)
@require_safe
def promise_list(request: HttpRequest) -> HttpResponse:
    """The families of one class in a month."""
    staff: Any = request.user
    today = timezone.localdate()
    month, seen = month_of(request, today), families(staff)
    classes = classes_of(seen, today)
    asked = request.GET.get("school_class", "")
    known = {str(pk): pk for pk, _ in classes}
    chosen = known.get(asked) or (classes[0][0] if classes else None)
    behind = request.GET.get("behind") == "1"
    context: dict[str, Any] = {
        "tabs": tabs("promise_list", staff),
        "classes": classes,
        "chosen": chosen,
        "month": month,
        "before": month.previous().key,
        "behind": behind,
        "today": today,
        "kept": None,
        "may_adopt": staff.may(Act.PROGRAMME_EDIT),
    }
    if chosen is not None:
        children = in_roll_order(seen.filter(school_class=chosen))
        first = children.first()
        if first is not None:
            told = promises.kept(first.school, children, month.key, teacher=teacher_name(staff), today=today)
            shown = [one for one in told.families if one.behind or not behind]
            for one in shown:
                note(request, Event.VIEW, one.child, f"promises {month.key}")
            noted = [one.agreed for one in shown if one.agreed is not None]
            context |= {
                "kept": told,
                "retractable": may_take_back(noted, staff, today=today),
                "here": list_address(request),
                "ticks": ticked(request, "child"),
                "day": next(iter(ticked(request, "on")), "") or str(today),
                "shown": shown,
                "heads": [(column.rule.name, how_often(column.rule)) for column in told.columns],
                "number_behind": sum(one.behind for one in told.families),
                "number_agreed": sum(one.agreed is not None for one in told.families),
            }
    return render(request, "activities/family/promise_list.html", context)


@allows(Act.FAMILY)
@require_POST
def promise_agree(request: HttpRequest) -> HttpResponse:
    """The ticked families agreed on a day."""
    staff: Any = request.user
    ids = numbers(request.POST.getlist("child"))
    children = list(families(staff).filter(pk__in=ids))
    back = way_back(request, reverse("activities:promise_list"))
    again = with_ticks(back, request, "child", "on")
    try:
        on = parse_date(request.POST.get("on", ""))
    except ValueError:
        on = None
    if on is None:
        messages.error(request, "请填约定日期。")
        return redirect(again)
    if not children:
        messages.info(request, "请先勾选学生。")
        return redirect(again)
    try:
        count = promises.agree(children, on=on, by=staff, today=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
        return redirect(again)
    for child in children:
        note(request, Event.WRITE, child, "promise")
    messages.success(request, f"已记下 {count} 个家庭的约定。")
    return redirect(back)
