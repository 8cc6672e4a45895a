"""悄悄话: envelopes for me, an envelope that came, a child at the screen, opening, what follows from it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from activities.forms.sealed import ChildWritesForm, EnvelopeForm, ReaddressForm, WordsForm
from activities.models import SealedNote
from activities.sealed import (
    addressees,
    keep_words,
    mark_answered,
    neglected,
    open_note,
    readdress,
    receive,
    to_be_asked_about,
)
from activities.views.calls.frame import school_of, tabs_for
from activities.views.picking import pick_child
from activities.views.reading import care_children
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Role
from caretrack.web import workbench
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.workbench import Line, Panel, lines_panel
from children.models import Child

SHOWN = 40


def crumbs() -> list[Crumb]:
    return [Crumb("悄悄话", reverse("activities:note_list"))]


@require_safe
@allows(Act.RECORD_LIST)
def note_list(request: HttpRequest) -> HttpResponse:
    """Envelopes for me; of the others that a lead may know of only that they exist, and for whom."""
    staff: Any = request.user
    mine = SealedNote.objects.addressed_to(staff).select_related("child").defer("text")
    leading = staff.schools_as(Role.PRINCIPAL, Role.CARE_LEAD)
    others = SealedNote.objects.filter(school__in=leading).exclude(addressee=staff).defer("text")
    principal = {school.pk for school in staff.schools_as(Role.PRINCIPAL)}
    context = {
        "tabs": tabs_for(staff, "activities:note_list"),
        "mine": list(mine.order_by("opened_at", "-received_on")[:SHOWN]),
        "others": list(others.select_related("addressee", "child").order_by("-received_on", "-pk")[:SHOWN]),
        "leads": bool(leading),
        "movable": set(to_be_asked_about(staff, timezone.localdate()).values_list("pk", flat=True)) if leading else (),
        "principal": bool(principal),
        "may_write": staff.may(Act.RECORD_WRITE),
    }
    return render(request, "activities/note_list.html", context)


@require_safe
@allows(Act.RECORD_WRITE)
def note_pick(request: HttpRequest, way: str) -> HttpResponse:
    """Whose envelope it is, or who wants to write; `way` is new or write."""
    on_screen = way == "write"
    name = "activities:note_write" if on_screen else "activities:note_add"
    anonymous = format_html(
        '<p class="mt-3 mb-0"><a href="{}">信封上没写名字</a></p>', reverse("activities:note_add_unnamed")
    )
    return pick_child(
        request,
        care_children(request.user),
        heading="谁想写悄悄话" if on_screen else "谁的信封",
        lead="选好以后把座位让给孩子，请回避。" if on_screen else "只登记信封，不拆看。",
        crumbs=crumbs(),
        link=lambda child: reverse(name, args=[child.pk]),
        below="" if on_screen else anonymous,
    )


class _NewNote(FormPage):
    child: Child | None = None
    keeps_draft = False
    via = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "pk" in kwargs:
            self.child = get_object_or_404(care_children(request.user).select_related("school"), pk=kwargs["pk"])
        self.school = self.child.school if self.child else school_of(request)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return crumbs()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": addressees(self.school, timezone.localdate())}

    def get_cancel_url(self) -> str:
        return reverse("activities:note_list")

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def keep(self, **told: Any) -> SealedNote:
        """Write it down, and that it was; never what it says."""
        made, _ = receive(
            school=self.school,
            child=self.child,
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            **told,
        )
        note(self.request, Event.WRITE, self.child, "sealed note")
        return made


@allows(Act.RECORD_WRITE)
class NoteAdd(_NewNote):
    """A paper envelope has come."""

    form_class = EnvelopeForm
    lead = "登记后把信封原样交给收信的老师。信的内容谁也不录入、不拆看。"

    def get_heading(self) -> str:
        return f"登记信封：{self.child}" if self.child else "登记没有署名的信封"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": timezone.localdate()}

    def save(self, form: Any) -> SealedNote:
        return self.keep(**form.cleaned_data)

    def get_saved_text(self, result: SealedNote) -> str:
        return f"信封已登记，请交给{result.addressee}。"


@allows(Act.RECORD_WRITE)
class NoteWrite(_NewNote):
    """The child itself at the screen; the page has no menu and keeps nothing back."""

    form_class = ChildWritesForm
    template_name = "activities/note_write.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        return response

    def get_heading(self) -> str:
        return "写给老师的悄悄话"

    def get_lead(self) -> str:
        return f"{self.child}，写好后点“封好”。封好以后，除了你选的老师，谁也打不开。"

    def save(self, form: Any) -> SealedNote:
        told = form.cleaned_data
        return self.keep(
            addressee=told["addressee"],
            via=SealedNote.Via.SCREEN,
            received_on=timezone.localdate(),
            client_key=told["client_key"],
            text=told["secret_words"],
        )

    def get_saved_text(self, result: SealedNote) -> str:
        return f"已经封好。只有{result.addressee}能打开。"


@allows(Act.RECORD_WRITE)
class NoteReaddress(FormPage):
    """The child was asked: another teacher shall have the letter that nobody opened."""

    form_class = ReaddressForm
    heading = "换一位收信的老师"
    lead = "只问孩子愿意交给谁，不问信里写了什么；信谁也不拆。孩子不愿意，就不换。"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        letters = to_be_asked_about(request.user, timezone.localdate()).select_related("child", "school", "addressee")  # type: ignore[arg-type]
        self.letter = get_object_or_404(letters.defer("text"), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [*crumbs(), Crumb(f"{self.letter.child}写给{self.letter.addressee}的信")]

    def get_form_kwargs(self) -> dict[str, Any]:
        people = addressees(self.letter.school, timezone.localdate())
        others = people.exclude(pk__in=(self.letter.addressee_id, self.request.user.pk))
        return super().get_form_kwargs() | {"people": others}

    def get_cancel_url(self) -> str:
        return reverse("activities:note_list")

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> SealedNote:
        staff: Any = self.request.user
        moved = readdress(note=self.letter, by=staff, today=timezone.localdate(), **form.cleaned_data)
        note(self.request, Event.WRITE, moved.child_id, "sealed note readdressed")
        return moved

    def get_saved_text(self, result: SealedNote) -> str:
        paper = "" if result.via == SealedNote.Via.SCREEN else "请把信封原样交过去。"
        return f"已改由{result.addressee}收信。{paper}"


def letters_waiting(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: for whom letters of children lie unopened; not whose."""
    if not staff.may(Act.WORRY_TRIAGE):
        return None
    url = reverse("activities:note_list")
    lines = [
        Line(
            f"写给{one.addressee}的悄悄话", f"{one.number} 封没拆", url, "bad" if one.gone else "warn",
            "收信人已不在本校，没有人能拆：请问孩子愿意交给谁" if one.gone else f"最早的已放 {(today - one.oldest).days} 天，请提醒老师",
        )
        for one in neglected(staff, today)
    ]  # fmt: skip
    return lines_panel("悄悄话没人拆", lines, url, "悄悄话")


def register_all() -> None:
    """Put the panel on the workbench."""
    workbench.register(letters_waiting, 12)


def _mine(request: HttpRequest, pk: int) -> SealedNote:
    return get_object_or_404(SealedNote.objects.addressed_to(request.user).select_related("child"), pk=pk)


@require_POST
@allows(Act.RECORD_WRITE)
def note_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Break the seal."""
    row = _mine(request, pk)
    open_note(note=row, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    note(request, Event.VIEW, row.child_id, "sealed note opened")
    return redirect(reverse("activities:note_show", args=[pk]))


@never_cache
@require_safe
@allows(Act.RECORD_LIST)
def note_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The words, for the addressee; what may follow from them."""
    row = _mine(request, pk)
    staff: Any = request.user
    note(request, Event.VIEW, row.child_id, "sealed note")
    sees = bool(row.child_id) and Child.objects.visible_to(staff, DataClass.IDENTITY).filter(pk=row.child_id).exists()
    follow = bool(row.child_id) and care_children(staff).filter(pk=row.child_id).exists()
    context = {
        "note": row,
        "text": row.text if row.opened_at else "",
        "words_form": WordsForm(initial={"secret_words": row.text}),
        "may_worry": staff.may(Act.WORRY_REPORT),
        "sees_child": sees,
        "may_follow": follow,
        "crumbs": [*crumbs(), Crumb("一封信")],
    }
    return render(request, "activities/note_show.html", context)


def _acted(request: HttpRequest, row: SealedNote, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, row.child_id, "sealed note")
        messages.success(request, said)
    return redirect(reverse("activities:note_show", args=[row.pk]))


@require_POST
@allows(Act.RECORD_WRITE)
def note_words(request: HttpRequest, pk: int) -> HttpResponse:
    """The addressee's own memo of a paper envelope."""
    row, text = _mine(request, pk), request.POST.get("secret_words", "")
    return _acted(request, row, lambda: keep_words(note=row, text=text, by=request.user), "摘记已保存，只有您看得到。")  # type: ignore[arg-type]


@require_POST
@allows(Act.RECORD_WRITE)
def note_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The addressee has answered the child."""
    row, today = _mine(request, pk), timezone.localdate()
    return _acted(request, row, lambda: mark_answered(note=row, by=request.user, on=today), "已记为回应。")  # type: ignore[arg-type]
