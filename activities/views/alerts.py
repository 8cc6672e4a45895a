"""The warnings of today, their answers, and the school's thresholds."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activities.alerts.access import watched
from activities.alerts.facts import known_of
from activities.alerts.findings import Finding, answer, findings, rules_by_school
from activities.alerts.keeping import check
from activities.alerts.rules import all_rules
from activities.forms.alerts import HANDLED_FOR, AlertFilter, AnswerForm, RulesForm, SettledForm, named
from activities.models import AlertAnswer, CareRules, rules_of
from activities.recordable import children_asked_for
from activities.views.links import add_url
from activities.views.safety import SafetyTabs
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.schools.models import School
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion
from children.models import Child
from children.queries import places_of


def with_children(found: list[Finding], today: Any) -> list[dict[str, Any]]:
    """Findings with their children and class names, in one statement."""
    children = Child.objects.select_related("school_class__school").in_bulk({f.child_id for f in found})
    places = places_of(children.values(), today)
    return [{"finding": f, "child": children[f.child_id], "class_name": places[f.child_id]} for f in found]


@allows(Act.ALERT_VIEW)
class AlertList(SafetyTabs, FilteredListView):
    """Every warning says why; it is handled, or dismissed with a reason and until when."""

    heading = "预警"
    lead = "按今天的档案和记录计算。预警只是提醒，由人来判断。"
    place = "activities:alert_list"
    template_name = "activities/alert_list.html"
    rows_template = "activities/_alert_rows.html"
    unit = "条"
    empty_text = "现在没有预警。"
    empty_hint = "条件由德育主任或校长在“预警条件”里设置。"
    no_match_text = "没有符合条件的预警。"

    def get_filter(self) -> AlertFilter:
        if not hasattr(self, "filter"):
            children, today = watched(self.request.user), timezone.localdate()
            self.filter = AlertFilter(self.request.GET, staff=self.request.user, children=children, today=today)
        return self.filter

    def get_queryset(self, staff: Any) -> Any:
        form = self.get_filter()
        children = form.children_asked(watched(staff))
        if not form.is_valid():
            return []
        return [f for f in findings(children, timezone.localdate()) if form.wants(f.rule.code, f.rule.tone)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["rows"] = with_children(list(context["rows"]), timezone.localdate())
        context["list_actions"] = [(reverse("activities:alert_answered"), "已答复的")]
        if self.request.user.may(Act.CARE_RULES):  # type: ignore[union-attr]
            context["list_actions"].append((reverse("activities:care_rules"), "预警条件"))
        return context


@allows(Act.ALERT_VIEW)
class AlertAnswerPage(FormPage):
    """Answer one warning that stands."""

    template_name = "activities/alert_answer.html"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        seen = watched(request.user).select_related("school_class__school", "school")
        self.child = get_object_or_404(seen, pk=kwargs["pk"])
        self.rule = next((rule for rule in all_rules() if rule.code == kwargs["rule"]), None)
        if self.rule is None:
            raise Http404
        note(request, Event.VIEW, self.child, "alert")
        (known,) = known_of(Child.objects.filter(pk=self.child.pk), self.today)
        limits = rules_by_school([self.child.school_id])[self.child.school_id]
        self.words = self.rule.ask(known, self.today, limits) or ""
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{named(self.child, self.today)}：{self.rule.name}"  # type: ignore[union-attr]

    def get_lead(self) -> str:
        return self.words or "这条预警的情况已经不在了，不用答复，按一下就从名单里去掉。"

    def get_form_class(self) -> Any:
        return AnswerForm if self.words else SettledForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, child=self.child, ways=self._ways())

    def _ways(self) -> list[tuple[str, str]]:
        """The records that would put it right, as (label, address); none for who may not write about the child."""
        staff: Any = self.request.user
        kinds = self.rule.mended_by if self.words else ()  # type: ignore[union-attr]
        if not kinds or not staff.may(Act.RECORD_WRITE) or not children_asked_for(staff, kinds[0], (self.child.pk,)):
            return []
        here = self.request.path
        return [(f"记{kind.label}", add_url(children=[self.child.pk], kind=kind, next_page=here)) for kind in kinds]

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("预警", reverse("activities:alert_list"))]

    def get_initial(self) -> dict[str, Any]:
        return {"state": AlertAnswer.State.HANDLED, "until": self.today + min(HANDLED_FOR, self.rule.most_quiet)}  # type: ignore[union-attr]

    def get_cancel_url(self) -> str:
        return reverse("activities:alert_list")

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:alert_list")

    def save(self, form: Any) -> AlertAnswer | None:
        staff: Any = self.request.user
        if not self.words:
            check([self.child.pk], self.today)
            return None
        note(self.request, Event.WRITE, self.child, detail="alert answered")
        return answer(
            child=self.child, rule=self.rule.code, told=self.words, by=staff, at=timezone.now(),  # type: ignore[union-attr]
            most=self.rule.most_quiet, **form.cleaned_data,  # type: ignore[union-attr]
        )  # fmt: skip

    def get_saved_text(self, result: AlertAnswer | None) -> str:
        if result is None:
            return f"{self.child.name}的这条预警已经解决，不再提示。"
        until = result.until
        return (
            f"{self.child.name}的这条预警{result.get_state_display()}，{until.month}月{until.day}日以前不再提示。"
            "又发生，或者过后情况还在，会再次出现。"
        )


@allows(Act.CARE_RULES)
class RulesPage(KeepsVersion):
    """The thresholds of the school that one leads."""

    heading = "预警条件"
    lead = "每所学校用自己的数字；不改就用默认值。改了以后立刻按新条件计算。"
    form_class = RulesForm
    saved_text = "预警条件已保存。"

    def school(self) -> School:
        """The school of which this person is care lead or principal. Raises Http404 without one."""
        schools = self.request.user.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)  # type: ignore[union-attr]
        if not schools:
            raise Http404
        return schools[0]

    def find_row(self) -> CareRules:
        return rules_of(self.school())

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("预警", reverse("activities:alert_list"))]

    def get_cancel_url(self) -> str:
        return reverse("activities:alert_list")

    def get_success_url(self) -> str:
        return reverse("activities:alert_list")

    def save(self, form: Any) -> CareRules:
        # A school that never changed a limit has no row yet.
        saved: CareRules = super().save(form) if form.instance.pk else form.save()
        # The lead looks at the start page next and expects the new numbers there.
        check(Child.objects.filter(school=saved.school).on_roll().values_list("pk", flat=True), timezone.localdate())
        return saved
