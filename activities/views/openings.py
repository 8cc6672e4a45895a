"""特批查看: asking for it, the hour in which it stands open, the list, whoever it concerns signs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from activities.forms.sealed import OpeningForm
from activities.models import CareRecord, CounsellingNote, Kind, SealedNote, SpecialOpening
from activities.openings import SIGN_OFF, acknowledge, concerning, listed_for, open_specially
from activities.views.reading import NOTE_LABELS
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.templatetags.care import cn_date


@allows(Act.SPECIAL_OPENING)
class OpeningAsk(FormPage):
    """Why it has to be opened, and the password again; `what` is record or note."""

    form_class = OpeningForm
    template_name = "activities/opening_form.html"
    keeps_draft = False
    record: CareRecord | None = None
    letter: SealedNote | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        schools = request.user.schools_as(Role.PRINCIPAL)  # type: ignore[union-attr]
        if kwargs["what"] == "record":
            seen = CareRecord.objects.visible_to(request.user).filter(kind=Kind.COUNSELLING, school__in=schools)
            self.record = get_object_or_404(seen.select_related("child", "author"), pk=kwargs["pk"])
        elif kwargs["what"] == "note":
            found = SealedNote.objects.filter(school__in=schools).exclude(addressee=request.user.pk).defer("text")
            self.letter = get_object_or_404(found.select_related("child", "addressee"), pk=kwargs["pk"])
        else:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return "特批查看心理辅导内容" if self.record else "特批拆看孩子的信"

    def get_lead(self) -> str:
        if self.record:
            return f"{self.record.child} {cn_date(self.record.on)}，由{self.record.author}记录。"
        if self.letter:
            return (
                f"{self.letter.child or '没有署名'} {cn_date(self.letter.received_on)}写给{self.letter.addressee}的信。"
            )
        return ""

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("特批查看", reverse("activities:opening_list"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"staff": self.request.user, "address": self.request.META.get("REMOTE_ADDR", "")}
        return super().get_form_kwargs() | given | {"safety_only": self.letter is not None}

    def get_cancel_url(self) -> str:
        if self.record:
            return reverse("activities:record_show", args=[self.record.pk])
        return reverse("activities:note_list")

    def save(self, form: Any) -> SpecialOpening:
        told = form.cleaned_data
        made = open_specially(
            staff=self.request.user,  # type: ignore[arg-type]
            category=told["category"],
            reason=told["reason"],
            now=timezone.now(),
            record=self.record,
            note=self.letter,
        )
        child = self.record.child_id if self.record else self.letter.child_id if self.letter else None
        note(self.request, Event.BREAK_GLASS, child, f"{made.category} opening {made.pk}")
        return made

    def get_saved_text(self, result: SpecialOpening) -> str:
        return "已打开，60 分钟内可以查看。当事教师会收到告知。"

    def get_redirect_url(self, result: SpecialOpening) -> str:
        return reverse("activities:opening_show", args=[result.pk])


@never_cache
@require_safe
@allows(Act.SPECIAL_OPENING)
def opening_show(request: HttpRequest, pk: int) -> HttpResponse:
    """What was opened, while the hour lasts, for who opened it."""
    now = timezone.now()
    seen = SpecialOpening.objects.in_force(request.user, now).select_related(
        "record__child", "record__author", "note__child", "note__addressee"
    )
    opening = get_object_or_404(seen, pk=pk)
    record, letter = opening.record, opening.note
    child = record.child if record else letter.child if letter else None
    note(request, Event.BREAK_GLASS, child, f"looked {opening.pk}")
    facts: list[tuple[str, str]] = []
    if record is not None and (found := CounsellingNote.objects.filter(record=record).first()):
        told = [
            (name, getattr(found, f"get_{name}_display", lambda n=name: getattr(found, n))()) for name in NOTE_LABELS
        ]
        facts = [(str(CounsellingNote._meta.get_field(name).verbose_name), str(v)) for name, v in told if v]  # type: ignore[union-attr]
    context = {
        "opening": opening,
        "child": child,
        "facts": facts,
        "text": letter.text if letter else "",
        "minutes": max(int((opening.ends_at - now).total_seconds() // 60), 0),
        "crumbs": [Crumb("特批查看", reverse("activities:opening_list")), Crumb("内容")],
    }
    return render(request, "activities/opening_show.html", context)


@require_safe
@allows(Act.RECORD_LIST)
def opening_list(request: HttpRequest) -> HttpResponse:
    """Who opened what and why: one's own, those that concern one, for the principal all of the school."""
    now = timezone.now()
    found: QuerySet[SpecialOpening] = listed_for(request.user).select_related(
        "staff", "record__child", "note__child", "acknowledged_by"
    )
    mine = set(concerning(request.user).exclude(staff=request.user.pk).values_list("pk", flat=True))
    rows = [
        {
            "opening": row,
            "about": "心理辅导记录" if row.record_id else "悄悄话",
            "child": row.record.child if row.record else row.note.child if row.note else None,
            "open": row.staff_id == request.user.pk and row.ends_at > now,
            "sign": row.acknowledged_at is None and row.pk in mine,
            "late": row.acknowledged_at is None and row.opened_at + SIGN_OFF < now,
        }
        for row in found[:100]
    ]
    return render(request, "activities/opening_list.html", {"rows": rows})


@require_POST
@allows(Act.RECORD_LIST)
def opening_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom it concerns signs that they know."""
    opening = get_object_or_404(concerning(request.user).exclude(staff=request.user.pk), pk=pk)
    try:
        acknowledge(opening=opening, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        messages.success(request, "已签知悉。")
    return redirect(reverse("activities:opening_list"))
