"""One mentor: the children, who was theirs before, the check, a deputy for a while, leaving."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from mentoring.absences import end_absence, plan_absence
from mentoring.candidates import pupils_of, rules_of, takers_of
from mentoring.duties import FIVE_GOODS
from mentoring.forms.handover import AbsenceForm, ChangeForm, LeaveForm
from mentoring.handover import Left, change_mentor, mentor_leaves, open_items, take_back_pairing
from mentoring.models import Mentor, MentorAbsence, Pairing
from mentoring.queries import followers, with_key_load, with_load
from mentoring.standing import standings
from mentoring.suggesting import suggest
from mentoring.views.reach import keepers, reached, schools_of, warn_of_load

HOME = (("结对", "mentoring:board"), ("代理家长", "mentoring:mentor_list"))
FORMER_SHOWN = 30


def mentor_at(request: HttpRequest, pk: int, *, active: bool = True) -> Mentor:
    """A mentor of a school at which this person arranges pairings; raises Http404 otherwise."""
    mentors = Mentor.objects.filter(school__in=schools_of(request.user, Act.PAIRING_EDIT))
    return get_object_or_404((mentors.active() if active else mentors).select_related("school", "staff"), pk=pk)


def others(mentor: Mentor) -> "QuerySet[Mentor]":
    """The other mentors of the school with their load, to choose from."""
    today = timezone.localdate()
    listed = Mentor.objects.of_school(mentor.school).working(today).exclude(pk=mentor.pk)
    counted = with_key_load(with_load(listed.select_related("school", "staff"), today), today)
    return counted.order_by("pinyin", "pk")


@require_safe
@allows(Act.PAIRING_EDIT)
def mentor_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one mentor in one place."""
    mentor, today = mentor_at(request, pk, active=False), timezone.localdate()
    mine = Pairing.objects.filter(
        mentor=mentor, child__in=reached(request.user, Act.PAIRING_EDIT).order_by().values("pk")
    )
    mine = mine.select_related("child__school_class__school")
    held = list(mine.not_over(today).order_by("child__pinyin", "pk"))
    all_former = Pairing.objects.filter(mentor=mentor, ends_on__lt=today, child__school=mentor.school)
    former = list(all_former.select_related("child__school_class__school").order_by("-ends_on", "-pk")[:FORMER_SHOWN])
    promised: dict[int, int] = {}
    for item in open_items([p.child_id for p in held]):
        promised[item.child_id] = promised.get(item.child_id, 0) + 1
    next_of = followers([*former, *held])
    standing = next(iter(standings(Mentor.objects.filter(pk=mentor.pk), today)))
    for pairing in held:
        note(request, Event.VIEW, pairing.child_id)
    context = {
        "mentor": mentor,
        "duties": FIVE_GOODS,
        "standing": standing,
        "held": [
            {
                "pairing": p,
                "class_name": p.child.class_name(today),
                "open": promised.get(p.child_id, 0),
                "next": next_of.get(p.pk),
                "begins": p.starts_on > today,
                "undo": p.starts_on >= today,
                "planned": next_of.get(p.pk) or (p if p.starts_on > today and p.replaces_id else None),
            }
            for p in held
        ],
        "former": [{"pairing": p, "next": next_of.get(p.pk)} for p in former],
        "absences": mentor.absences.not_over(today).select_related("deputy").order_by("starts_on"),
        "deputises": MentorAbsence.objects.not_over(today).filter(deputy=mentor).select_related("mentor"),
        "crumbs": [
            Crumb("结对", reverse("mentoring:board")),
            Crumb("代理家长", reverse("mentoring:mentor_list")),
            Crumb(mentor.name),
        ],
    }
    return render(request, "mentoring/mentor_show.html", context)


class OfMentor(FormPage):
    """A form about one mentor."""

    crumbs = HOME

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.mentor = mentor_at(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb(self.mentor.name, self.get_success_url())]

    def get_success_url(self) -> str:
        return reverse("mentoring:mentor_show", args=[self.mentor.pk])

    def get_cancel_url(self) -> str:
        return self.get_success_url()


@allows(Act.PAIRING_EDIT)
class PairingChange(FormPage):
    """Another mentor for one child; what is open moves along, the hand-over book can be printed after."""

    form_class = ChangeForm
    crumbs = HOME
    lead = "原来的代理家长从更换之日起不再看到这名学生；写过的记录仍然署名。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        children = reached(request.user, Act.PAIRING_EDIT).order_by().values("pk")
        pairings = Pairing.objects.on(timezone.localdate()).filter(child__in=children)
        self.pairing = get_object_or_404(
            pairings.select_related("child__school_class__school", "mentor__school", "mentor__staff"), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"为{self.pairing.child}更换{self.pairing.get_role_display()}"

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"mentors": others(self.pairing.mentor), "keepers": keepers(self.pairing.mentor)}
        return super().get_form_kwargs() | given | {"today": timezone.localdate()}

    def get_success_url(self) -> str:
        return reverse("mentoring:mentor_show", args=[self.pairing.mentor_id])

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def save(self, form: Any) -> Pairing:
        made = change_mentor(
            pairing=self.pairing,
            today=timezone.localdate(),
            by=self.request.user,  # type: ignore[arg-type]
            **form.cleaned_data,
        )
        note(self.request, Event.WRITE, made.child_id, f"pairing {self.pairing.pk} to {made.pk}")
        warn_of_load(self.request, [made])
        return made

    def get_saved_text(self, result: Pairing) -> str:
        planned = "，到时自动生效，在此之前可以撤销" if result.starts_on > timezone.localdate() else ""
        return (
            f"{result.child}从{chinese_date(result.starts_on)}起由{result.mentor}带{planned}。请打印移交书，双方签字。"
        )


@require_POST
@allows(Act.PAIRING_EDIT)
def pairing_change_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """A pairing that begins today or later was a mistake, or the change is called off: it is taken back."""
    children = reached(request.user, Act.PAIRING_EDIT).order_by().values("pk")
    wrong = get_object_or_404(Pairing.objects.filter(child__in=children).select_related("child", "mentor"), pk=pk)
    try:
        stays = take_back_pairing(pairing=wrong, today=timezone.localdate(), by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
        return redirect("mentoring:mentor_show", pk=wrong.mentor_id)
    note(request, Event.WRITE, wrong.child_id, f"pairing {pk} taken back")
    if stays is None:
        messages.success(request, f"已撤销{wrong.mentor}与{wrong.child}的结对，请为{wrong.child}重新安排。")
        return redirect("mentoring:board")
    messages.success(request, f"已撤销更换，{wrong.child}仍由{stays.mentor}带。")
    return redirect("mentoring:mentor_show", pk=stays.mentor_id)


@allows(Act.PAIRING_EDIT)
class MentorLeave(OfMentor):
    """A mentor leaves: every child is spoken of, with a proposal."""

    form_class = LeaveForm
    lead = "先把学生一个个交代清楚：由谁接着带，或者暂时没有人带。"

    def get_heading(self) -> str:
        return f"{self.mentor}退出代理家长"

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        acting = Pairing.objects.open().acting_parents().filter(mentor=self.mentor).values("child")
        children = reached(self.request.user, Act.PAIRING_EDIT).filter(pk__in=acting)
        pupils = pupils_of(children, today)
        takers = [taker for taker in takers_of(self.mentor.school, today) if taker.id != self.mentor.pk]
        proposals = suggest(pupils, takers, rules_of(self.mentor.school))
        proposed = {
            p.pupil.id: (p.taker.id if p.taker else None, "；".join((*p.reasons, *p.cautions))) for p in proposals
        }
        listed = children.select_related("school_class__school").by_name()  # type: ignore[attr-defined]
        return super().get_form_kwargs() | {
            "children": list(listed),
            "proposed": proposed,
            "mentors": others(self.mentor),
            "keepers": keepers(self.mentor),
            "today": today,
        }

    def save(self, form: Any) -> Left:
        told = form.cleaned_data
        left = mentor_leaves(
            mentor=self.mentor,
            on=told["on"],
            today=timezone.localdate(),
            by=self.request.user,  # type: ignore[arg-type]
            heirs=form.heirs(),
            note=told["note"],
            keeper=told["keeper"],
        )
        warn_of_load(self.request, left.moved)
        for pairing in left.moved:
            note(self.request, Event.WRITE, pairing.child_id, f"pairing {pairing.pk} after leaving")
        for child in left.orphaned:
            note(self.request, Event.WRITE, child.pk, "pairing ended, mentor left")
        if left.orphaned:
            names = "、".join(child.name for child in left.orphaned)
            messages.warning(self.request, f"这些学生现在没有代理家长，请尽快安排：{names}。")
        return left

    def get_saved_text(self, result: Left) -> str:
        return f"{self.mentor}已退出，{len(result.moved)} 名学生交给了新的代理家长。请打印移交书，双方签字，并在结对工作台登记孩子的意见。"


@allows(Act.PAIRING_EDIT)
class AbsenceAdd(OfMentor):
    """A planned absence with its deputy."""

    form_class = AbsenceForm

    def get_heading(self) -> str:
        return f"{self.mentor}暂离，由谁代管"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"mentors": others(self.mentor), "today": timezone.localdate()}

    def save(self, form: Any) -> MentorAbsence:
        return plan_absence(mentor=self.mentor, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]

    def get_saved_text(self, result: MentorAbsence) -> str:
        return f"{chinese_date(result.starts_on)}至{chinese_date(result.ends_on)}，{self.mentor}的学生由{result.deputy}代管。"


@require_POST
@allows(Act.PAIRING_EDIT)
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The mentor is back today, or the absence is taken back."""
    absences = MentorAbsence.objects.filter(mentor__school__in=schools_of(request.user, Act.PAIRING_EDIT))
    absence = get_object_or_404(absences.select_related("mentor"), pk=pk)
    try:
        end_absence(absence=absence, on=timezone.localdate(), by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    else:
        messages.success(request, f"{absence.mentor}的代管已结束。")
    return redirect("mentoring:mentor_show", pk=absence.mentor_id)
