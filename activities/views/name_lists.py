"""Making a list of children: whole classes in one press, single pupils by name, taking off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from activities.forms.gatherings import InviteForm
from activities.gatherings import invite, of_gathering, take_off, wanted
from activities.models import ActivityParticipant
from activities.picking import classes_of
from activities.views.gatherings import crumbs_of, roll_url, show_url
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.web.components import Crumb
from caretrack.web.numbers import number
from children.models import Child
from children.search import search

FOUND_AT_MOST = 20


@dataclass(frozen=True)
class NameList:
    """
    A list of children that a page makes: whole classes in one press, single pupils by name, taking off.

    `add` takes a queryset of children and returns how many were new (ValidationError: why not); `remove` one child.
    """

    name: str
    title: str
    school_id: int
    class_id: int | None
    there: Callable[[], set[int]]
    add: Callable[[Any], int]
    remove: Callable[[Child], Any]
    crumbs: list[Crumb]
    done_url: str
    next_url: str
    next_words: str
    log: str


def list_of(gathering: Any, today: date) -> NameList:
    """The list of an activity or a meeting."""
    participants = ActivityParticipant.objects.filter(of_gathering(gathering))
    of_school = Child.objects.filter(school=gathering.school_id)
    return NameList(
        gathering.name,
        "请谁来",
        gathering.school_id,
        gathering.school_class_id,
        lambda: set(participants.values_list("child", flat=True)),
        lambda children: invite(gathering, children, today=today),
        lambda child: take_off(gathering, of_school.filter(pk=child.pk), but=()),
        crumbs_of(gathering),
        show_url(gathering),
        roll_url(gathering),
        "去点名",
        f"{gathering._meta.model_name} {gathering.pk}",
    )


def list_page(request: HttpRequest, names: NameList) -> HttpResponse:
    """The page of a NameList; everything goes through what this person may see."""
    staff: Any = request.user
    today = timezone.localdate()
    seen = Child.objects.visible_to(staff).filter(school=names.school_id)
    classes = classes_of(seen, today)
    posted = request.method == "POST"
    one = request.POST.get("child", "") or request.POST.get("off", "")
    if posted and one:
        child = get_object_or_404(seen.on_roll(), pk=number(one) or 0)
        _add_or_remove(request, names, seen.filter(pk=child.pk), child)
        return redirect(request.get_full_path())
    form = InviteForm(request.POST if posted else None, classes=classes, chosen=names.class_id)
    if posted and form.is_valid():
        given = form.cleaned_data
        try:
            new = names.add(wanted(seen, given["audience"], given["classes"]))
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            if new:
                messages.success(request, f"名单加入 {new} 人。")
            else:
                messages.info(request, "没有新加入的学生：符合条件的都已在名单里。")
            note(request, Event.WRITE, detail=f"{names.log} list +{new}")
            return redirect(names.next_url if new else request.get_full_path())
    words = request.GET.get("q", "").strip()[:40]
    there = names.there()
    found: Sequence[Child] = ()
    if words:
        found = search(seen.on_roll(), staff, words).select_related("school_class__school")[:FOUND_AT_MOST]
    context = {
        "page_heading": f"{names.name}：{names.title}",
        "page_crumbs": [*names.crumbs, Crumb(names.title)],
        "form": form,
        "names": names,
        "count": len(there),
        "q": words,
        "found": [(child, child.class_name(today), child.pk in there) for child in found],
    }
    return render(request, "activities/events/invite.html", context, status=422 if posted else 200)


def _add_or_remove(request: HttpRequest, names: NameList, children: Any, child: Child) -> None:
    if request.POST.get("off"):
        names.remove(child)
        messages.success(request, f"{child.name}已从名单里移出。")
        return
    try:
        new = names.add(children)
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        messages.success(request, f"{child.name}{'已加入名单' if new else '本来就在名单里'}。")


def invite_page(request: HttpRequest, gathering: Any) -> HttpResponse:
    """Who is asked to come to an activity or a meeting."""
    return list_page(request, list_of(gathering, timezone.localdate()))
