"""Parents coming home, for a class at once: after the Spring Festival in one page instead of forty."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from activities.campaigns import homecomings_of, note_homecomings
from activities.forms.homecomings import LABELS, HomecomingsForm
from activities.models import Campaign, Homecoming
from activities.picking import classes_of
from activities.views.campaigns import campaign_or_404, show_url
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.numbers import number
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import roll_order

MOST_LINES = 200
#: Without a campaign what was noted in so many days before and after today is shown beside a name.
NEAR = timedelta(days=60)


@allows(Act.EVENT_EDIT)
class HomecomingMany(FormPage):
    """Who came home to the children of a class (?school_class=), those of a campaign's list (?campaign=) or all."""

    form_class = HomecomingsForm
    template_name = "activities/events/homecoming_many.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        asked = number(request.GET.get("campaign"))
        self.campaign: Campaign | None = campaign_or_404(request.user, asked) if asked else None
        self.groups = classes_of(self.writable(), self.today)
        chosen = request.GET.get("school_class", "") or (str(self.groups[0][0]) if len(self.groups) == 1 else "")
        self.group = next(((pk, name) for pk, name in self.groups if str(pk) == chosen), None)
        if chosen and self.group is None:
            raise Http404
        if self.group is None:
            context = {"groups": self.groups, "campaign": self.campaign, **self.head_context()}
            return render(request, "activities/events/homecoming_classes.html", context)
        ordered = self.writable().filter(school_class=self.group[0]).order_by(*roll_order())
        self.children = list(ordered.select_related("school_class__school")[:MOST_LINES])
        return super().dispatch(request, *args, **kwargs)

    def writable(self) -> ChildQuerySet:
        """The children on the roll of whom this person notes family facts: those of the list, else with a parent away."""
        children = Child.objects.visible_to(self.request.user, DataClass.CONTACT, Level.WRITE).on_roll()
        if self.campaign is None:
            return children.with_a_parent_away()
        return children.filter(pk__in=self.campaign.targets.order_by().values("child"))

    def get_heading(self) -> str:
        return f"登记{self.group[1]}的返乡团聚" if self.group else "按班登记返乡团聚"

    def get_crumbs(self) -> list[Crumb]:
        found = [Crumb("专项行动", reverse("activities:campaign_list"))]
        return [*found, Crumb(self.campaign.name, show_url(self.campaign))] if self.campaign else found

    def get_initial(self) -> dict[str, Any]:
        return {} if self.campaign else {"came_on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        ids = [child.pk for child in self.children]
        first, last = self.today - NEAR, self.today + NEAR
        if self.campaign is not None:
            first, last = self.campaign.starts_on, self.campaign.ends_on
        taken = Homecoming.objects.filter(child__in=ids).order_by().values_list("child", "came_on")
        return super().get_form_kwargs() | {
            "children": self.children,
            "noted": homecomings_of(ids, first, last),
            "taken": taken,
        }

    def draft_key(self) -> str:
        campaign = self.campaign.pk if self.campaign else ""
        return f"homecomings:{self.group[0]}:{campaign}"  # type: ignore[index]

    def save(self, form: Any) -> int:
        for row in form.rows:
            note(self.request, Event.WRITE, row.child_id, "homecomings")
        return note_homecomings(form.rows, by=self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: Any) -> str:
        return f"{self.group[1]}：已登记 {result} 名学生的返乡团聚。"  # type: ignore[index]

    def get_cancel_url(self) -> str:
        return show_url(self.campaign) if self.campaign else reverse("activities:campaign_list")

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        whole = reverse("activities:homecoming_many")
        return super().get_context_data(**kwargs) | {
            "groups": self.groups,
            "labels": list(LABELS.values()),
            "full": len(self.children) >= MOST_LINES,
            "choose_url": f"{whole}?campaign={self.campaign.pk}" if self.campaign else whole,
            "here": self.request.get_full_path(),
        }
