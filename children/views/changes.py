"""Registering a change: which child, which kind, then only what that kind asks; and putting a wrong line right."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage
from children.changes import change_phone, record_holiday
from children.forms.changes import FAMILY, FORMS, LEAVE, OPEN_TO_LEAVERS, OPEN_TO_PUPILS, WITHIN, WORDS
from children.models import Child, codes
from children.search import search
from children.services import change_class, enrol, leave_school, set_parent_status
from children.transfers import send, without_hand_over
from children.views.page import AboutChild, child_or_404, demand
from children.views.register import after_register, classes_to_fill
from children.views.transfers import own_schools
from mentoring.models import Pairing

Kind = codes.ChangeKind
INCIDENTS = (Kind.DEATH, Kind.MISSING)
FOUND_AT_MOST = 20


@allows(Act.CHILD_EDIT)
@require_safe
def change_pick(request: HttpRequest) -> HttpResponse:
    """Whose change it is: find the child, leavers included; a new child leads to a new dossier."""
    text = request.GET.get("q", "").strip()[:60]
    today = timezone.localdate()
    children = Child.objects.visible_to(request.user)
    found = (
        list(
            search(children, request.user, text)  # type: ignore[arg-type]
            .select_related("school_class__school")
            .by_name()[: FOUND_AT_MOST + 1]
        )
        if text
        else []
    )
    context = {
        "text": text,
        "hits": [(child, child.class_name(today)) for child in found[:FOUND_AT_MOST]],
        "more": len(found) > FOUND_AT_MOST,
        "crumbs": [Crumb("变动登记", reverse("reports:change_list")), Crumb("登记变动")],
    }
    return render(request, "children/change_pick.html", context)


@allows(Act.CHILD_EDIT)
@require_safe
def change_kinds(request: HttpRequest, pk: int) -> HttpResponse:
    """Which kinds of change are possible for this child now, each with a word of explanation."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.IDENTITY)
    offered = OPEN_TO_PUPILS if child.school_class_id else OPEN_TO_LEAVERS
    groups: dict[str, list[dict[str, str]]] = {}
    for kind in offered:
        groups.setdefault(WORDS[kind].group, []).append(
            {
                "label": Kind(kind).label,
                "what": WORDS[kind].what,
                "url": reverse("children:change_add", args=[pk, kind]),
            }
        )
    own = own_schools(request.user) if request.user.may(Act.TRANSFER) else ()  # type: ignore[union-attr]
    line = without_hand_over(own).filter(child=child).first()
    context = {
        "handing": reverse("children:transfer_late", args=[line.pk]) if line else "",
        "child": child,
        "class_name": child.class_name(timezone.localdate()),
        "groups": groups.items(),
        "crumbs": [
            Crumb("学生", reverse("children:child_list")),
            Crumb(child.name, reverse("children:child_show", args=[pk])),
            Crumb("登记变动"),
        ],
    }
    return render(request, "children/change_kinds.html", context)


def pairings_that_end(child: Child, on: date) -> list[str]:
    """A sentence that names who ceases to be the child's mentor; none for a child without."""
    held = Pairing.objects.not_over(on).filter(child=child).order_by("starts_on", "pk")
    mentors = "、".join(held.values_list("mentor__name", flat=True))
    return [f"与{mentors}的结对同时结束。"] if mentors else []


@allows(Act.CHILD_EDIT)
class ChangeAdd(AboutChild, ConfirmPage):
    """One change of one child."""

    template_name = "children/change_add.html"
    keeps_draft = True
    kind: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kwargs["kind"]
        if self.kind not in WORDS:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def prepare(self) -> None:
        demand(self.sight, DataClass.CONTACT if WORDS[self.kind].group == FAMILY else DataClass.IDENTITY)
        if self.kind not in (OPEN_TO_PUPILS if self.child.school_class_id else OPEN_TO_LEAVERS):
            state = "在班" if self.child.school_class_id else "不在班"
            self.refused = f"{self.child.name}现在{state}，不能登记“{Kind(self.kind).label}”。"
        else:
            self.refused = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.refused:
            return redirect("children:change_kinds", self.child.pk)
        if self.kind == Kind.CARE_CHANGE:
            return redirect("children:care_edit", self.child.pk)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.kind == Kind.CARE_CHANGE:
            return redirect("children:care_edit", self.child.pk)
        return super().post(request, *args, **kwargs)

    def get_form_class(self) -> Any:
        return FORMS[self.kind]

    def get_form_kwargs(self) -> dict[str, Any]:
        if WORDS[self.kind].group == WITHIN:
            classes = SchoolClass.objects.taught_on(self.today).filter(school=self.child.school_id)
            classes = classes.select_related("school")
        else:
            classes = classes_to_fill(self.request.user, self.today)  # type: ignore[arg-type]
        return super().get_form_kwargs() | {
            "kind": self.kind,
            "child": self.child,
            "today": self.today,
            "classes": classes,
            "initial": {"on": self.today},
        }

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.button = FORMS[self.kind].button
        form.button_tone = "danger" if WORDS[self.kind].group == LEAVE else "primary"
        return form

    def draft_key(self) -> str:
        return f"change:{self.child.pk}:{self.kind}"

    def get_heading(self) -> str:
        return f"{self.child.name}：{Kind(self.kind).label}"

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb("登记变动", reverse("children:change_kinds", args=[self.child.pk]))]

    def get_cancel_url(self) -> str:
        return reverse("children:change_kinds", args=[self.child.pk])

    def get_question(self) -> str:
        at = self.child.class_name(self.today)
        return f"{self.child.name}现在{'在' + at if self.child.school_class_id else '不在班'}。{WORDS[self.kind].what}"

    def get_consequences(self) -> list[str]:
        told = list(WORDS[self.kind].tells)
        if WORDS[self.kind].group == LEAVE:
            told += pairings_that_end(self.child, self.today)
        if self.kind == Kind.CLASS_CHANGE:
            told += [
                "原班的在班经历到前一天为止，变动登记里会记一笔。",
                "原班主任从今天起看不到这名学生，新班主任可以看到。",
            ]
        return told

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        nobody = not getattr(context["form"], "has_parents", True)
        return context | {"nobody": nobody, "family_url": reverse("children:member_add", args=[self.child.pk])}

    def save(self, form: Any) -> Any:
        if self.refused:
            raise ValidationError(self.refused)
        given = form.cleaned_data
        with transaction.atomic():
            result = self._act(given)
        note(self.request, Event.WRITE, self.child, detail=self.kind)
        return result

    def _act(self, given: dict[str, Any]) -> Any:
        staff: Any = self.request.user
        told = {"on": given["on"], "by": staff, "reason": given["reason"], "evidence": given["evidence"]}
        group = WORDS[self.kind].group
        if self.kind == Kind.CLASS_CHANGE:
            return change_class(child=self.child, to=given["to"], **told)
        if self.kind == Kind.OUT_TRANSFER:
            if given["with_parents"]:
                told["reason"] = "；".join(filter(None, ["随父母到务工地就读", told["reason"]]))
            return send(
                child=self.child,
                to_school=given.get("to_school"),
                to_name=given["to_name"],
                items=given["items"],
                **told,
            )
        if group == LEAVE:
            return leave_school(child=self.child, kind=self.kind, **told)
        if self.kind == Kind.CONTACT_CHANGE:
            return change_phone(
                member=given["member"],
                number=given["number"],
                replaces=given["replaces"],
                answered_by=given["answered_by"],
                **told,
            )
        if self.kind in (Kind.NEW_AWAY, Kind.PARENT_BACK, Kind.TYPE_CHANGE):
            return self._parent(given, told)
        return enrol(child=self.child, school_class=given["to"], kind=self.kind, **told)

    def _parent(self, given: dict[str, Any], told: dict[str, Any]) -> Any:
        if given.get("how") == "holiday":
            return record_holiday(member=given["member"], until=given["until"], **told)
        home, away = codes.ParentStatus.AT_HOME, codes.ParentStatus.AWAY_WORK
        status = given.get("status") or (home if self.kind == Kind.PARENT_BACK else away)
        set_parent_status(
            member=given["member"],
            status=status,
            since=told.pop("on"),
            on=self.today,
            work_place=given.get("work_place", ""),
            **told,
        )
        return given["member"]

    def get_saved_text(self, result: Any) -> str:
        said = f"{self.child.name}的“{Kind(self.kind).label}”已登记。"
        if self.kind in INCIDENTS and not self.opens_incident:
            said += "请马上告诉德育主任和校长，由他们建立事件档案。"
        return said

    @property
    def opens_incident(self) -> bool:
        """Whether this line goes on to an incident file, opened by the same person (domain §5.3: death, missing)."""
        return self.kind in INCIDENTS and self.request.user.may(Act.INCIDENT_EDIT)  # type: ignore[union-attr]

    def get_redirect_url(self, result: Any) -> str:
        if self.opens_incident:
            return f"{reverse('activities:incident_add')}?change={result.pk}"
        if self.kind == Kind.OUT_TRANSFER and self.request.user.may(Act.TRANSFER):  # type: ignore[union-attr]
            return reverse("children:transfer_show", args=[result.pk])
        return after_register(self.request.user, self.child, self.dossier_url)
