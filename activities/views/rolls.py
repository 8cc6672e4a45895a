"""The roll of an activity or a meeting, and how many of which class stand on it."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from activities.forms.gatherings import RollForm
from activities.gatherings import ROLL_AT_MOST, call_roll, of_gathering
from activities.models import ActivityParticipant, Meeting
from activities.views.gatherings import crumbs_of, find_to_enter, invite_url, show_url
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb, Tab
from caretrack.web.lists import FormPage
from children.queries import roll_order


class RollPage(FormPage):
    """The roll of an activity or a meeting: everybody for its leader, the own pupils for a class teacher."""

    form_class = RollForm
    template_name = "activities/events/roll.html"
    keeps_draft = False
    model: type[Any]
    gathering: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.staff: Any = request.user
        self.gathering, hand = find_to_enter(self.model, self.staff, kwargs["pk"])
        every = ActivityParticipant.objects.filter(of_gathering(self.gathering))
        mine = every if hand.leads else every.filter(child__in=hand.children.order_by().values("pk"))
        self.classes = class_counts(mine, self.gathering.on)
        asked = request.GET.get("class", "")
        self.chosen = next((pk for pk, _, _ in self.classes if str(pk) == asked), None)
        if self.chosen is None and sum(n for _, _, n in self.classes) > ROLL_AT_MOST:
            self.chosen = self.classes[0][0]
        rows = mine.filter(child__school_class=self.chosen) if self.chosen else mine
        self.rows = list(
            rows.select_related("child__school_class__school", "change").order_by(
                *roll_order("child__"),
            )[:ROLL_AT_MOST]
        )
        self.hidden = every.count() - mine.count()
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.gathering.name}：点名"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": self.rows, "on": self.gathering.on}

    @transaction.atomic
    def save(self, form: RollForm) -> int:
        call_roll(self.rows, form.changed)
        note(self.request, Event.WRITE, detail=f"{self.gathering._meta.model_name} {self.gathering.pk} roll")
        return len(form.changed)

    def get_saved_text(self, result: Any) -> str:
        return f"点名已保存，改动 {result} 人。" if result else "点名已保存，没有改动的人。"

    def get_redirect_url(self, result: Any) -> str:
        return self.back()

    def get_cancel_url(self) -> str:
        return self.back()

    def back(self) -> str:
        """The page of the gathering."""
        return show_url(self.gathering)

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.gathering)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        tabs = []
        if len(self.classes) > 1:
            path = self.request.path
            whole = sum(n for _, _, n in self.classes)
            if whole <= ROLL_AT_MOST:
                tabs.append(Tab("全部", path, self.chosen is None, whole))
            tabs += [Tab(name, f"{path}?class={pk}", pk == self.chosen, n) for pk, name, n in self.classes]
        meeting = isinstance(self.gathering, Meeting)
        return context | {
            "lines": context["form"].lines(),
            "gathering": self.gathering,
            "meeting": meeting,
            "carers": meeting,
            "tabs": tabs,
            "hidden": self.hidden,
            "invite_url": invite_url(self.gathering),
        }


def class_counts(rows: QuerySet[ActivityParticipant], on: date) -> list[tuple[int, str, int]]:
    """(class, name on the day, children) of the classes in `rows`, lowest grade first; two statements."""
    counted: dict[int, int] = {}
    for pk in rows.values_list("child__school_class", flat=True):
        counted[pk] = counted.get(pk, 0) + 1
    classes = SchoolClass.objects.filter(pk__in=[pk for pk in counted if pk]).select_related("school")
    ordered = classes.order_by("school_id", "-entry_year", "number")
    return [(c.pk, c.name_on(on), counted[c.pk]) for c in ordered]
