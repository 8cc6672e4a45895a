"""Deciding about nominations: the verdicts, and objections to those on the public list."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from activities.forms.honours import CHANGED_MEANWHILE, ObjectionForm, VerdictForm
from activities.honours.facts import facts_of
from activities.honours.rounds import Verdict, decide, settle_objection, takes_objection
from activities.models import AwardNomination
from activities.views.honours import crumbs_of, leads, led_kind_or_404, open_or_refused, show_url
from activities.views.nominations import nomination_or_404, nomination_url
from caretrack.access.gates import allows
from caretrack.access.history import Stale
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.versions import KeepsVersion


@allows(Act.HONOUR_DECIDE)
class KindDecide(FormPage):
    """The nominations for one honour, a page after the other: yes or no, and why."""

    form_class = VerdictForm
    template_name = "activities/honours/decide.html"
    saves_at_once = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = led_kind_or_404(request.user, kwargs["pk"])
        open_or_refused(self.kind.round)
        rows = AwardNomination.objects.visible_to(request.user).filter(kind=self.kind).in_order()
        self.page = Paginator(rows, VerdictForm.A_PAGE).get_page(request.GET.get("page"))
        on_page = rows.filter(pk__in=VerdictForm.sent(request.POST)) if request.method == "POST" else self.page
        self.rows: list[AwardNomination] = list(on_page)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"评定“{self.kind}”"

    def get_lead(self) -> str:
        return f"条件：{self.kind.criteria}"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.kind.round)

    def draft_key(self) -> str:
        return f"award decide:{self.kind.pk}:{self.page.number}"

    def get_cancel_url(self) -> str:
        return show_url(self.kind.round)

    def get_redirect_url(self, result: Any) -> str:
        if self.page.has_next():
            return f"{self.request.path}?page={self.page.next_page_number()}"
        return show_url(self.kind.round)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": self.rows, "by": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        for row in self.rows:
            if row.child is not None:
                note(self.request, Event.VIEW, row.child, f"award decide {self.kind.pk}")
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today = timezone.localdate()
        facts = facts_of(self.rows, self.kind.round.term, staff, today)
        return context | {"kind": self.kind, "lines": context["form"].lines(facts, today), "page": self.page}

    def save(self, form: VerdictForm) -> int:
        staff: Any = self.request.user
        for row in form.changed:
            note(self.request, Event.WRITE, row.child_id, f"nomination {row.pk} {row.verdict}")
        try:
            return decide(form.changed, by=staff, on=timezone.localdate())
        except Stale as stale:
            raise ValidationError(CHANGED_MEANWHILE.format(who=stale.current)) from stale

    def get_saved_text(self, result: int) -> str:
        return f"“{self.kind}”已评定 {result} 个人选。" if result else "没有改动，评定和原来一样。"


@allows(Act.HONOUR_DECIDE)
class NominationObjection(KeepsVersion):
    """An objection to somebody on the public list, and what came of it."""

    form_class = ObjectionForm

    def find_row(self) -> AwardNomination:
        row = nomination_or_404(self.request.user, self.kwargs["pk"])
        if not leads(self.request.user, row.kind.round) or not takes_objection(row):
            raise PermissionDenied("异议在公示期间由德育主任或校长登记、核实，只对名单上的人选。")
        return row

    def stored(self, row: AwardNomination) -> dict[str, Any]:
        keeps = ("yes" if row.verdict == Verdict.GRANTED else "no") if row.finding else ""
        return super().stored(row) | {"keeps": keeps}

    def get_initial(self) -> dict[str, Any]:
        given = super().get_initial()
        return given | {"objected_on": given["objected_on"] or timezone.localdate()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"today": timezone.localdate()}

    def get_heading(self) -> str:
        return f"对{self.row.name}“{self.row.kind}”的异议"

    def get_crumbs(self) -> list[Crumb]:
        return [*crumbs_of(self.row.kind.round), Crumb(self.row.name, nomination_url(self.row))]

    def save(self, form: Any) -> AwardNomination:
        staff: Any = self.request.user
        given = form.cleaned_data
        note(self.request, Event.WRITE, self.row.child_id, f"nomination {self.row.pk} objection")
        return settle_objection(
            form.instance, version=given["version"], keeps=given["keeps"] == "yes", by=staff, on=timezone.localdate()
        )

    def get_saved_text(self, result: AwardNomination) -> str:
        return f"异议已登记，{'核实后' + result.get_verdict_display() if result.finding else '还没有核实'}。"

    def get_cancel_url(self) -> str:
        return nomination_url(self.row)

    def get_redirect_url(self, result: Any) -> str:
        return nomination_url(self.row)
