"""Sheets of a questionnaire typed from paper: one by one, line by line, taken out again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.versions import KeepsVersion
from children.forms.survey import LinesForm, SheetEditForm, SheetForm
from children.models import Child, Survey, SurveySheet
from children.surveys.sheets import alarms_of, answers_of, change, enter, waiting_pupils
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


def _to_report(child: Child | None, alarms: list[str]) -> str:
    who = child.name if child else "这份不记名的答卷"
    url = reverse("activities:worry_add") + (f"?child={child.pk}" if child else "")
    link = format_html('<a href="{}">报告担心的事</a>', url)
    return format_html("{}：{}。请马上{}。", who, "；".join(alarms), link)


@require_safe
@allows(Act.SURVEY)
def survey_class(request: HttpRequest, pk: int, school_class: int) -> HttpResponse:
    """The sheets of a class that are in, and whose are not."""
    survey = survey_or_404(request, pk)
    place = class_or_404(request, survey, school_class)
    sheets = survey.sheets.placed().filter(place=place.pk).visible_to(request.user).select_related("child")
    listed = sorted(sheets, key=lambda one: (one.child.pinyin if one.child else "", one.pk))
    if named := [sheet.child_id for sheet in listed if sheet.child_id]:
        note_each(request, Event.VIEW, named)
    context = {
        "survey": survey,
        "school_class": place,
        "name": place.name_on(timezone.localdate()),
        "sheets": [
            (str(one.child) if one.child else f"第{at}份", one, alarms_of(survey, answers_of(one)))
            for at, one in enumerate(listed, start=1)
        ],
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
        sent = self.get_form_class().keys_of(self.request.POST)
        waiting = waiting_pupils(self.survey, self.place, sent).filter(pk__in=readable.order_by().values("pk"))
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
            if alarms := alarms_of(self.survey, entry.answers):
                messages.warning(self.request, _to_report(entry.child, alarms))
        return kept


@allows(Act.SURVEY)
class SheetAdd(OfClass):
    """One sheet after another."""

    form_class = SheetForm
    template_name = "children/survey_sheet.html"

    def get_heading(self) -> str:
        return f"录入答卷：{self.survey.title}"

    def draft_key(self) -> str:
        return f"survey:sheet:{self.survey.pk}:{self.place.pk}"

    def save(self, form: Any) -> str:
        entry = form.entry()
        self.keep([entry])
        blank = sum(answer in (None, "", []) for answer in entry.answers)
        whose = f"{entry.child.name}的答卷" if entry.child else "答卷"
        return f"{whose}已保存" + (f"，有 {blank} 题没有填写。" if blank else "。")

    def get_saved_text(self, result: str) -> str:
        return f"{result}本班共 {self.survey.sheets.placed().filter(place=self.place.pk).count()} 份。"

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
        return f"已保存 {result} 份答卷。" if result else "这些答卷已经保存，没有重复录入。"

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


def sheet_or_404(request: HttpRequest, pk: int) -> tuple[SurveySheet, SchoolClass]:
    """A sheet with its class, one that this person may enter sheets for."""
    rows = SurveySheet.objects.visible_to(request.user).placed().select_related("survey__school", "child")
    sheet = get_object_or_404(rows, pk=pk)
    return sheet, class_or_404(request, survey_or_404(request, sheet.survey_id), sheet.place)


@allows(Act.SURVEY)
class SheetEdit(KeepsVersion):
    """One sheet as it was typed; while the questionnaire runs it can be put right."""

    form_class = SheetEditForm
    template_name = "children/survey_sheet_edit.html"

    @cached_property
    def found(self) -> tuple[SurveySheet, SchoolClass]:
        return sheet_or_404(self.request, self.kwargs["pk"])

    def find_row(self) -> SurveySheet:
        sheet, _ = self.found
        if sheet.child_id:
            note(self.request, Event.VIEW, sheet.child_id, f"survey {sheet.survey_id}")
        return sheet

    def get_heading(self) -> str:
        return f"{self.row.child or '不记名'}的答卷：{self.row.survey.title}"

    def get_crumbs(self) -> list[Crumb]:
        name = self.found[1].name_on(timezone.localdate())
        return [Crumb("问卷", reverse("children:survey_list")), Crumb(name, self.get_cancel_url())]

    def draft_key(self) -> str:
        return f"survey:sheet:{self.row.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"survey": self.row.survey}

    def stored(self, row: SurveySheet) -> dict[str, Any]:
        return SheetEditForm.initial_of(answers_of(row))

    def get_cancel_url(self) -> str:
        return _class_url(self.row.survey, self.found[1])

    def get_redirect_url(self, result: SurveySheet) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> SurveySheet:
        sheet: SurveySheet = self.row
        change(sheet=sheet, answers=form.answers(), version=form.cleaned_data["version"])
        if sheet.child_id:
            note(self.request, Event.WRITE, sheet.child_id)
        return sheet


@require_POST
@allows(Act.SURVEY)
def sheet_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a sheet out that was typed wrongly, while the questionnaire runs."""
    sheet, place = sheet_or_404(request, pk)
    survey = sheet.survey
    if not survey.running:
        messages.error(request, "问卷已结束，答卷不能删除。")
    else:
        if sheet.child_id:
            note(request, Event.WRITE, sheet.child_id)
        sheet.delete()
        messages.success(request, "已删除一份答卷。")
    return redirect(_class_url(survey, place))
