"""Parents' suggestions: list, one more, the answer and that the family was told, paper."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.family.papers import FAMILY_SHEETS
from activities.forms.letters import AnswerForm, SuggestionFilter, SuggestionForm
from activities.mistakes import may_take_back
from activities.models import Suggestion
from activities.views.family.frame import tabs
from activities.views.links import dossier_url
from activities.views.picking import pick_child
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.periods import chinese_date
from caretrack.web import drafts
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.models import Draft
from caretrack.web.printing import too_long
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint
from children.models import Child
from children.models.child import ChildQuerySet

#: How long a school takes to answer unless somebody says otherwise.
ANSWER_WITHIN = timedelta(days=14)
LIST = "activities:suggestion_list"
SHOWN_ON_PAPER = 300


@allows(Act.FAMILY)
class SuggestionList(FilteredListView):
    """What families proposed, the oldest promise first."""

    heading = "家长建议"
    lead = "家长提的意见和建议：谁提的、什么时候答复、有没有告诉家长。"
    template_name = "activities/family/suggestion_list.html"
    rows_template = "activities/family/_suggestion_rows.html"
    unit = "条"
    empty_text = "没有等待答复的家长建议。"
    empty_hint = "家长来电、来访或在回执里提的，都可以记在这里。"
    empty_url = "activities:suggestion_pick"
    empty_action = "记一条建议"
    queryset = Suggestion.objects.select_related("child__school_class__school").order_by("answer_by", "pk")

    def get_filter(self) -> SuggestionFilter:
        return SuggestionFilter(self.request.GET, staff=self.request.user, today=timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, staff = timezone.localdate(), self.request.user
        return context | {
            "tabs": tabs("suggestion_list", staff),
            "today": today,
            "rows": [(row, row.child.class_name(today)) for row in context["rows"]],
            "late": Suggestion.objects.visible_to(staff).overdue(today).count(),
            "query": self.request.GET.urlencode(),
        }


@allows(Act.FAMILY)
@require_safe
def suggestion_pick(request: HttpRequest) -> HttpResponse:
    """Whose family proposes something."""
    return pick_child(
        request,
        Child.objects.visible_to(request.user, DataClass.CONTACT),
        heading="记家长建议",
        lead="先选是哪名学生的家长。",
        crumbs=[Crumb("家长建议", reverse(LIST))],
        link=lambda child: reverse("activities:suggestion_add", args=[child.pk]),
    )


def known_families(staff: Any) -> ChildQuerySet:
    """The children whose families' suggestions this person writes down."""
    return Child.objects.visible_to(staff, DataClass.CONTACT).on_roll()


def written_for(child: Child, row: Suggestion, staff: Any) -> Draft | None:
    """What a suggestion says in the form for another child, to be looked through and saved there; not whose parent said it."""
    page = reverse("activities:suggestion_add", args=[child.pk])
    sheet = drafts.Sheet(staff.pk, _form_about(child), page, _heading_of(child))
    told = [name for name in SuggestionForm.base_fields if name != "given_by"]
    return drafts.keep(sheet, {name: [str(getattr(row, name))] for name in told})


def _form_about(child: Child) -> str:
    return f"suggestion:{child.pk}"


def _heading_of(child: Child) -> str:
    return f"记{child.name}家长的建议"


@allows(Act.FAMILY)
class SuggestionAdd(FormPage):
    """Write down what a family proposes."""

    form_class = SuggestionForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.child = get_object_or_404(known_families(request.user), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return _heading_of(self.child)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("家长建议", reverse(LIST)), Crumb(self.child.name, dossier_url(self.child))]

    def draft_key(self) -> str:
        return _form_about(self.child)

    def get_instance(self) -> Suggestion:
        return Suggestion(child=self.child, noted_by=self.request.user)

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        return {"on": today, "answer_by": today + ANSWER_WITHIN}

    def save(self, form: Any) -> Suggestion:
        row: Suggestion = form.save()
        note(self.request, Event.WRITE, self.child, f"suggestion {row.pk}")
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}家长的建议已保存，{chinese_date(result.answer_by)}前答复。"

    def get_cancel_url(self) -> str:
        return reverse(LIST)

    def get_redirect_url(self, result: Any) -> str:
        return reverse(LIST)


@allows(Act.FAMILY)
class SuggestionAnswer(KeepsVersion):
    """Answer a suggestion and note that the family was told."""

    form_class = AnswerForm
    template_name = "activities/family/suggestion_answer.html"

    def find_row(self) -> Suggestion:
        rows = Suggestion.objects.visible_to(self.request.user).select_related("child__school", "change")
        row: Suggestion = get_object_or_404(rows, pk=self.kwargs["pk"])
        note(self.request, Event.VIEW, row.child_id, f"suggestion {row.pk}")
        return row

    def get_heading(self) -> str:
        return f"答复{self.row.child.name}家长的建议"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("家长建议", reverse(LIST)), Crumb(self.row.child.name, dossier_url(self.row.child_id))]

    def draft_key(self) -> str:
        return f"suggestion-answer:{self.row.pk}"

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        return initial | {"answered_on": initial["answered_on"] or timezone.localdate()}

    def save(self, form: Any) -> Any:
        note(self.request, Event.WRITE, self.row.child_id, f"suggestion {self.row.pk}")
        return super().save(form)

    def get_saved_text(self, result: Any) -> str:
        return "答复已保存。" if result.told_on else "答复已保存，告诉家长后请补上告知日期。"

    def get_cancel_url(self) -> str:
        return reverse(LIST)

    def get_redirect_url(self, result: Any) -> str:
        return reverse(LIST)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = may_take_back([self.row], self.request.user, today=timezone.localdate())  # type: ignore[arg-type]
        return super().get_context_data(**kwargs) | {"suggestion": self.row, "may_take_back": bool(mine)}


@allows(Act.FAMILY)
@require_safe
def suggestion_print(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, on paper."""
    today, staff = timezone.localdate(), request.user
    rows = Suggestion.objects.visible_to(staff).select_related("child__school_class__school").order_by("on", "pk")
    form = SuggestionFilter(request.GET, staff=staff, today=today)
    listed = list(form.narrow(rows)[: SHOWN_ON_PAPER + 1])
    if len(listed) > SHOWN_ON_PAPER:
        return too_long(request, SHOWN_ON_PAPER, "条建议", reverse(LIST))
    for child in {row.child_id for row in listed}:
        note(request, Event.PRINT, child, "suggestions")
    school = staff.home_school()  # type: ignore[union-attr]
    context = {
        "lines": [(row, row.child.name, row.child.class_name(today)) for row in listed],
        "school": school.name if school else "",
        "on": today,
        "imprint": imprint(staff, timezone.localtime()),
    }
    title = "家长建议登记表"
    return pdf_response(
        render_pdf("print/suggestions.html", context, title=title, stylesheets=FAMILY_SHEETS), f"{title}.pdf"
    )
