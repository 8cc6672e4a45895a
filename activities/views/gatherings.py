"""What the pages of activities and of meetings share: their lists, their form, who is asked to come, the roll."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activities.forms.gatherings import EventFilter
from activities.gathering_photos import delete_gathering
from activities.gatherings import (
    Attendance,
    Gathering,
    attendances,
    on_the_list,
)
from activities.leading import Hand, Listing, hand_of
from activities.models import Meeting
from activities.papers import Record, sign_in_paper
from activities.picking import classes_of
from activities.pictures import files_of
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act, Role
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import chinese_date
from caretrack.schools.models import SchoolClass, Term
from caretrack.web.components import Crumb, Tab
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint
from children.models import Child

SHEETS = (PRINT_SHEET, "print/events.css")
LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)
TABS = (
    ("活动", "activities:event_list"),
    ("会议", "activities:meeting_list"),
    ("兴趣小组", "activities:group_list"),
    ("专项行动", "activities:campaign_list"),
    ("节日和生日", "activities:festive_days"),
    ("评优表彰", "activities:award_round_list"),
)


def event_tabs(here: str) -> list[Tab]:
    """The pages about activities beside each other; `here` is a URL name."""
    return [Tab(label, reverse(name), name == here) for label, name in TABS]


def editing_classes(staff: Any) -> list[SchoolClass]:
    """The classes for which `staff` may set up something: one's own, as a lead all of the school that have pupils."""
    leads = staff.schools_as(*LEADS)
    own = {c.pk for c in staff.classes_as(Role.HOMEROOM, Role.TEACHER)}
    children = Child.objects.visible_to(staff).on_roll()
    classes = SchoolClass.objects.filter(pk__in=children.order_by().values("school_class")).select_related("school")
    ordered = classes.order_by("school_id", "-entry_year", "number")
    return [c for c in ordered if c.pk in own or c.school_id in {school.pk for school in leads}]


def terms_of(staff: Any) -> list[Term]:
    """The terms of the schools where `staff` holds a post, latest first."""
    schools = [school.pk for school in staff.schools_as(*ACTS[Act.EVENT_VIEW])]
    return list(Term.objects.filter(school__in=schools).order_by("-starts_on", "pk"))


class GatheringList(FilteredListView):
    """Activities or meetings, newest first, with 应到 and 实到."""

    meetings = False

    def get_filter(self) -> EventFilter:
        staff: Any = self.request.user
        today = timezone.localdate()
        classes = classes_of(Child.objects.visible_to(staff), today)
        return EventFilter(
            self.request.GET, staff=staff, meetings=self.meetings, classes=classes, terms=terms_of(staff)
        )

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        rows = super().get_queryset(staff)
        return rows.select_related("school_class__school", "school").order_by("-on", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = list(context["rows"])
        counted = attendances(rows)
        return context | {
            "rows": [{"row": row, "of": whose(row), **told(row, counted[row.pk])} for row in rows],
            "may_write": self.request.user.may(Act.EVENT_EDIT),  # type: ignore[union-attr]
            "today": timezone.localdate(),
        }


def told(gathering: Gathering, heads: Attendance) -> dict[str, int | None]:
    """
    应到, 实到 and 未点 for a list: of children, or of the carers, with the other grown-ups; without names what was typed.

    实到 is None before a roll was called.
    """
    return _counts(gathering, heads) | {"waiting": heads.waiting if heads.roll_called else 0}


def _counts(gathering: Gathering, heads: Attendance) -> dict[str, int | None]:
    called = heads.roll_called or heads.grown_ups_called
    if isinstance(gathering, Meeting):
        if not heads.expected and not heads.grown_ups:
            return {"expected": gathering.expected, "present": gathering.present}
        came = heads.carers if gathering.for_carers else heads.came
        return {
            "expected": heads.expected + heads.grown_ups,
            "present": came + heads.grown_ups_came if called else None,
        }
    return {"expected": heads.expected, "present": heads.came if called else None}


def whose(gathering: Gathering) -> str:
    """Class and day name, or the whole school."""
    return gathering.school_class.name_on(gathering.on) if gathering.school_class else "全校"


class AboutGathering(FormPage):
    """What adding and changing an activity or a meeting share: what the form needs, what is said and logged."""

    model: type[Any]
    what = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.staff: Any = request.user
        self.today = timezone.localdate()
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        leads = self.staff.schools_as(*LEADS)
        classes = editing_classes(self.staff)
        schools = {s.pk: s for s in [*leads, *(c.school for c in classes), *self.staff.schools_as(Role.COUNSELLOR)]}
        own = self.staff.classes_as(Role.HOMEROOM) or classes
        return super().get_form_kwargs() | {
            "schools": list(schools.values()),
            "classes": classes,
            "today": self.today,
            "leads": bool(leads),
            "own_class": own[0].pk if len(own) == 1 and not leads else None,
        }

    def get_saved_text(self, result: Any) -> str:
        return f"{self.what}“{result.name}”已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return show_url(result)


class GatheringAdd(AboutGathering):
    """Add an activity or a meeting; pressing twice adds one."""

    def get_instance(self) -> Any:
        """A new row with what the address says."""
        return self.model()

    def complete(self, row: Any) -> None:
        """What a new row holds besides the fields of the form."""

    def draft_key(self) -> str:
        return f"{self.model._meta.model_name}:new"

    def save(self, form: Any) -> Any:
        row, key = form.instance, form.cleaned_data["client_key"]
        if (saved := self.model.objects.filter(client_key=key).first()) is not None:
            return saved
        self.complete(row)
        row.client_key = key
        row.full_clean(exclude=["change"])
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            return self.model.objects.get(client_key=key)
        note(self.request, Event.WRITE, detail=f"{self.model._meta.model_name} {row.pk}")
        return row


class GatheringEdit(AboutGathering, KeepsVersion):
    """Change an activity or a meeting; of two people the second is shown both texts."""

    def find_row(self) -> Any:
        rows = self.model.objects.changeable_by(self.request.user).select_related("change")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"修改“{self.row.name}”"

    def draft_key(self) -> str:
        return f"{self.model._meta.model_name}:{self.row.pk}"

    def get_cancel_url(self) -> str:
        return show_url(self.row)

    def save(self, form: Any) -> Any:
        form.instance.full_clean(exclude=["change"])
        row = super().save(form)
        note(self.request, Event.WRITE, detail=f"{self.model._meta.model_name} {row.pk}")
        return row


def show_url(gathering: Gathering) -> str:
    """The page of an activity or a meeting."""
    kind = "meeting" if isinstance(gathering, Meeting) else "event"
    return reverse(f"activities:{kind}_show", args=[gathering.pk])


def invite_url(gathering: Gathering) -> str:
    """Where the list of who is asked to come is made."""
    kind = "meeting" if isinstance(gathering, Meeting) else "event"
    return reverse(f"activities:{kind}_invite", args=[gathering.pk])


def crumbs_of(gathering: Gathering) -> list[Crumb]:
    """The way to a page below an activity or a meeting."""
    meeting = isinstance(gathering, Meeting)
    root = ("会议", "activities:meeting_list") if meeting else ("活动", "activities:event_list")
    return [Crumb(root[0], reverse(root[1])), Crumb(gathering.name, show_url(gathering))]


def roll_url(gathering: Gathering) -> str:
    """Where the roll is called."""
    kind = "meeting" if isinstance(gathering, Meeting) else "event"
    return reverse(f"activities:{kind}_roll", args=[gathering.pk])


def named_participants(gathering: Gathering, staff: Any) -> tuple[list[dict[str, Any]], int]:
    """Those on the list whom `staff` learns by name, with their class, and how many others there are."""
    rows, hidden = on_the_list(gathering, staff)
    seen = seen_of((row.child_id for row in rows), staff)
    return [
        {"row": row, "class_name": row.child.class_name(gathering.on), "seen": row.child_id in seen} for row in rows
    ], hidden


def seen_of(ids: Iterable[int], staff: Any) -> set[int]:
    """Of children on a list, those whose dossier `staff` may open."""
    return set(Child.objects.visible_to(staff).filter(pk__in=list(ids)).values_list("pk", flat=True))


def may_change(model: Any, staff: Any, pk: int) -> bool:
    """Whether `staff` may change this row."""
    return bool(staff.may(Act.EVENT_EDIT)) and model.objects.changeable_by(staff).filter(pk=pk).exists()


def may_enter(listing: Listing, staff: Any) -> bool:
    """Whether `staff` puts own pupils on this list and calls their roll, without leading it."""
    hand = hand_of(listing, staff) if staff.may(Act.EVENT_EDIT) else None
    return hand is not None and not hand.leads


def find_to_enter(model: Any, staff: Any, pk: int) -> tuple[Any, Hand]:
    """A list and what `staff` does with it. Raises Http404 out of sight, PermissionDenied for who only reads it."""
    row = get_object_or_404(model.objects.visible_to(staff).select_related("school"), pk=pk)
    if (hand := hand_of(row, staff)) is None:
        raise refuse(row)
    return row, hand


def refuse(gathering: Gathering) -> PermissionDenied:
    """The sentence for somebody who sees a gathering and may not change it."""
    return PermissionDenied(f"“{gathering.name}”由德育主任、校长和负责人修改。如果内容不对，请告诉他们。")


def find_to_change(model: Any, staff: Any, pk: int) -> Any:
    """The row, if `staff` may change it. Raises Http404 out of sight, PermissionDenied otherwise."""
    row = get_object_or_404(model.objects.visible_to(staff).select_related("school", "school_class__school"), pk=pk)
    if not may_change(model, staff, pk):
        raise refuse(row)
    return row


class GatheringDelete(ConfirmPage):
    """Delete an activity or a meeting that was entered by mistake."""

    model: type[Any]
    what = ""
    list_url = ""
    consequence = ""
    button = "删除"
    tone = "danger"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row = find_to_change(self.model, request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"删除“{self.row.name}”"

    def get_question(self) -> str:
        return f"删除{chinese_date(self.row.on)}的{self.what}“{self.row.name}”？"

    def get_consequences(self) -> list[str]:
        return [self.consequence, "谁在什么时候删除的，系统仍有记录。"]

    def save(self, form: Any) -> Any:
        note(self.request, Event.WRITE, detail=f"{self.model._meta.model_name} {self.row.pk} delete")
        delete_gathering(self.row, on=timezone.localdate())
        return self.row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.what}“{result.name}”已删除。"

    def get_cancel_url(self) -> str:
        return show_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return reverse(self.list_url)


def sign_in_response(request: HttpRequest, gathering: Gathering) -> HttpResponse:
    """The sheet to sign at the door; children out of sight stand on the sheets of those who see them."""
    paper = sign_in_paper(gathering, request.user, blank=request.GET.get("filled") != "1")  # type: ignore[arg-type]
    note_each(request, Event.PRINT, paper.named, f"{gathering._meta.model_name} {gathering.pk} sign-in")
    return _paper_response(request, "print/sign_in.html", paper, paper.title)


def record_response(request: HttpRequest, gathering: Gathering, paper: Record) -> HttpResponse:
    """活动记录表 or 会议记录."""
    note(request, Event.PRINT, detail=f"{gathering._meta.model_name} {gathering.pk}")
    photos = files_of(paper.pictures)
    title = f"{gathering.on}{gathering.name}{paper.title}"
    return _paper_response(request, "print/gathering.html", paper, title, photos)


def _paper_response(
    request: HttpRequest, template: str, paper: Any, title: str, photos: Mapping[str, Path] | None = None
) -> HttpResponse:
    context = {"paper": paper, "imprint": imprint(request.user, timezone.localtime())}
    pdf = render_pdf(template, context, title=title, stylesheets=SHEETS, photos=photos)
    return pdf_response(pdf, f"{title}.pdf")
