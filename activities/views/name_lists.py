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

from activities.forms.name_lists import InviteForm, NamedForm
from activities.gatherings import invite, of_gathering, take_off, wanted
from activities.leading import Hand, pupil_named
from activities.models import ActivityParticipant
from activities.picking import classes_of
from activities.views.gatherings import crumbs_of, roll_url, show_url
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.schools.models import SchoolClass
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

    hand: Hand
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


def list_of(gathering: Any, hand: Hand, today: date) -> NameList:
    """The list of an activity or a meeting."""
    participants = ActivityParticipant.objects.filter(of_gathering(gathering))
    of_school = Child.objects.filter(school=gathering.school_id)
    return NameList(
        hand,
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
    """The page of a NameList: whom this person may choose, and for its leader whoever is on it already."""
    staff: Any = request.user
    today = timezone.localdate()
    seen = names.hand.children
    classes = classes_of(seen, today)
    posted = request.method == "POST"
    there = names.there()
    unseen = Child.objects.filter(pk__in=there).exclude(pk__in=seen.order_by().values("pk"))
    listed = unseen if names.hand.leads else unseen.none()
    if posted and (one := request.POST.get("child", "")):
        child = get_object_or_404(seen.on_roll(), pk=number(one) or 0)
        _add(request, names, seen.filter(pk=child.pk), child)
        return redirect(request.get_full_path())
    if posted and (one := request.POST.get("off", "")):
        child = get_object_or_404(seen.on_roll() | listed.order_by(), pk=number(one) or 0)
        names.remove(child)
        note(request, Event.WRITE, child.pk, f"{names.log} list off")
        messages.success(request, f"{child.name}已从名单里移出。")
        return redirect(request.get_full_path())
    by_name = posted and "of" in request.POST
    others = _other_classes(names, classes, today)
    named = NamedForm(request.POST if by_name else None, classes=others)
    if by_name and named.is_valid() and _add_named(request, names, named):
        return redirect(request.get_full_path())
    chosen = names.class_id or (classes[0][0] if len(classes) == 1 else None)
    whole = posted and not by_name
    form = InviteForm(request.POST if whole else None, classes=classes, chosen=chosen)
    if whole and form.is_valid():
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
    found: Sequence[Child] = ()
    if words:
        found = [
            *search(seen.on_roll(), staff, words).select_related("school_class__school")[:FOUND_AT_MOST],
            *listed.named(words).select_related("school_class__school").by_name()[:FOUND_AT_MOST],
        ]
    context = {
        "page_heading": f"{names.name}：{names.title}",
        "page_crumbs": [*names.crumbs, Crumb(names.title)],
        "form": form,
        "named": named if others else None,
        "names": names,
        "count": len(there),
        "q": words,
        "found": [(child, child.class_name(today), child.pk in there) for child in found],
    }
    return render(request, "activities/events/invite.html", context, status=422 if posted else 200)


def _other_classes(names: NameList, seen: Sequence[tuple[int, str]], today: date) -> list[tuple[int, str]]:
    """The classes of the school whose pupils the leader of a list adds only by their full name."""
    if not names.hand.leads:
        return []
    shown = {pk for pk, _ in seen}
    taught = SchoolClass.objects.taught_on(today).filter(school=names.school_id).select_related("school")
    return [(c.pk, c.name_on(today)) for c in taught.order_by("-entry_year", "number") if c.pk not in shown]


def _add_named(request: HttpRequest, names: NameList, form: NamedForm) -> bool:
    """Whether the pupil was found and is on the list now; otherwise the form says why not."""
    try:
        child = pupil_named(form.cleaned_data["of"], form.cleaned_data["name"])
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    note(request, Event.WRITE, child.pk, f"{names.log} list by name")
    _add(request, names, Child.objects.filter(pk=child.pk), child)
    return True


def _add(request: HttpRequest, names: NameList, children: Any, child: Child) -> None:
    try:
        new = names.add(children)
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        messages.success(request, f"{child.name}{'已加入名单' if new else '本来就在名单里'}。")


def invite_page(request: HttpRequest, gathering: Any, hand: Hand) -> HttpResponse:
    """Who is asked to come to an activity or a meeting."""
    return list_page(request, list_of(gathering, hand, timezone.localdate()))
