"""Sheets of a questionnaire typed from paper: one by one, line by line, taken out again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.forms.survey import LinesForm, SheetForm
from children.models import Child, Survey, SurveySheet
from children.surveys.rounds import numbered
from children.surveys.sheets import enter, waiting_pupils
from children.surveys.wording import SCORE, SEVERAL, WORDS, questions_of
from children.views.surveys import own_classes, survey_or_404


def class_or_404(request: HttpRequest, survey: Survey, pk: int) -> SchoolClass:
    """A class of the school of the survey that this person keeps, or any for those who read the whole school."""
    found = get_object_or_404(SchoolClass.objects.select_related("school"), pk=pk, school=survey.school_id)
    own = own_classes(request.user, survey.school)  # type: ignore[arg-type]
    if own is not None and found.pk not in own:
        raise Http404
    return found


def _class_url(survey: Survey, school_class: SchoolClass) -> str:
    return reverse("children:survey_class", args=[survey.pk, school_class.pk])


@require_safe
@allows(Act.SURVEY)
def survey_class(request: HttpRequest, pk: int, school_class: int) -> HttpResponse:
    """The sheets of a class that are in, and whose are not."""
    survey = survey_or_404(request, pk)
    place = class_or_404(request, survey, school_class)
    sheets = survey.sheets.filter(school_class=place).visible_to(request.user).select_related("child")
    listed = sorted(sheets, key=lambda one: (one.child.pinyin if one.child else "", one.pk))
    for sheet in listed:
        if sheet.child_id:
            note(request, Event.VIEW, sheet.child_id)
    context = {
        "survey": survey,
        "school_class": place,
        "name": place.name_on(timezone.localdate()),
        "sheets": numbered(listed),
        "waiting": [] if survey.anonymous else list(waiting_pupils(survey, place).visible_to(request.user)),
        "pupils": Child.objects.filter(school_class=place).visible_to(request.user).count(),
        "crumbs": [
            Crumb("问卷", reverse("children:survey_list")),
            Crumb(survey.title, reverse("children:survey_show", args=[survey.pk])),
        ],
    }
    return render(request, "children/survey_class.html", context)


class OfClass(FormPage):
    """A form about the sheets of one class; only while the questionnaire runs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.survey.running:
            messages.warning(request, "这份问卷不在发放期间，不能录入。")
            return redirect(_class_url(self.survey, self.place))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def survey(self) -> Survey:
        return survey_or_404(self.request, self.kwargs["pk"])

    @cached_property
    def place(self) -> SchoolClass:
        return class_or_404(self.request, self.survey, self.kwargs["school_class"])

    def get_crumbs(self) -> list[Crumb]:
        name = self.place.name_on(timezone.localdate())
        return [
            Crumb("问卷", reverse("children:survey_list")),
            Crumb(self.survey.title, reverse("children:survey_show", args=[self.survey.pk])),
            Crumb(name, _class_url(self.survey, self.place)),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        readable = Child.objects.visible_to(self.request.user, DataClass.CARE)
        waiting = waiting_pupils(self.survey, self.place).filter(pk__in=readable.order_by().values("pk"))
        pupils = [] if self.survey.anonymous else list(waiting)
        return super().get_form_kwargs() | {"survey": self.survey, "pupils": pupils}

    def get_cancel_url(self) -> str:
        return _class_url(self.survey, self.place)

    def keep(self, entries: Any) -> int:
        """Write the sheets and say whose they are in the access log."""
        kept = enter(survey=self.survey, school_class=self.place, entries=entries, on=timezone.localdate())
        for entry in entries:
            if entry.child is not None:
                note(self.request, Event.WRITE, entry.child.pk)
        return kept


@allows(Act.SURVEY)
class SheetAdd(OfClass):
    """One sheet after another."""

    form_class = SheetForm

    def get_heading(self) -> str:
        return f"录入答卷：{self.survey.title}"

    def draft_key(self) -> str:
        return f"survey:sheet:{self.survey.pk}:{self.place.pk}"

    def save(self, form: Any) -> str:
        entry = form.entry()
        self.keep([entry])
        return entry.child.name if entry.child else ""

    def get_saved_text(self, result: str) -> str:
        count = self.survey.sheets.filter(school_class=self.place).count()
        return f"{result or '一份'}的答卷已保存，本班共 {count} 份。" if result else f"已保存，本班共 {count} 份。"

    def get_redirect_url(self, result: str) -> str:
        left = self.survey.anonymous or waiting_pupils(self.survey, self.place).exists()
        return self.request.path if left else self.get_cancel_url()


@allows(Act.SURVEY)
class SheetLines(OfClass):
    """A pile of paper at a desk, one line a sheet."""

    form_class = LinesForm
    template_name = "children/survey_lines.html"

    def get_heading(self) -> str:
        return f"按行录入：{self.survey.title}"

    def draft_key(self) -> str:
        return f"survey:lines:{self.survey.pk}:{self.place.pk}"

    def save(self, form: Any) -> int:
        return self.keep(form.cleaned_data["entries"])

    def get_saved_text(self, result: int) -> str:
        return f"已保存 {result} 份答卷。"

    def get_redirect_url(self, result: int) -> str:
        return self.get_cancel_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = [
            (number, one, "1—5" if one.kind == SCORE else f"A—{one.lettered[-1][0]}", one.kind == SEVERAL)
            for number, one in enumerate(questions_of(self.survey.questions), start=1)
            if one.kind != WORDS
        ]
        sample = " ".join("4" if one.kind == SCORE else "AB" if several else "A" for _, one, _, several in asked)
        given = {
            "asked": asked,
            "sample": f"{'留' if self.survey.anonymous else '姓名'} {sample}",
            "survey": self.survey,
        }
        return super().get_context_data(**{**given, **kwargs})


@require_POST
@allows(Act.SURVEY)
def sheet_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a sheet out that was typed wrongly, while the questionnaire runs."""
    sheet = get_object_or_404(
        SurveySheet.objects.visible_to(request.user).select_related("survey__school", "school_class", "child"), pk=pk
    )
    survey = survey_or_404(request, sheet.survey_id)
    place = class_or_404(request, survey, sheet.school_class_id)
    if not survey.running:
        messages.error(request, "问卷已结束，答卷不能删除。")
    else:
        if sheet.child_id:
            note(request, Event.WRITE, sheet.child_id)
        sheet.delete()
        messages.success(request, "已删除一份答卷。")
    return redirect(_class_url(survey, place))
