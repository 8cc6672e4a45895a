"""Questionnaires as the school sees them: drafted, handed out, told together, printed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.models import School, SchoolClass, Staff
from caretrack.sheets import table_book
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FormPage
from caretrack.web.versions import KeepsVersion
from children.forms.survey import SurveyEditForm, SurveyForm
from children.models import Survey
from children.surveys import starter
from children.surveys.figures import ClassReturns, SurveyResult, results, returns
from children.surveys.rounds import close, discard, draft, hand_out, reword
from children.surveys.wording import questions_of, written
from reports.builders.paper import Imprint

WHOLE_SCHOOL = (Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL)
CRUMBS = (("问卷", "children:survey_list"),)
SHEETS = (PRINT_SHEET, "print/survey.css")


def surveys_of(staff: Staff) -> Any:
    """Questionnaires of the schools at which this person keeps a class or the whole school; no drafts for the former."""
    rows = Survey.objects.select_related("school", "term")
    whole = rows.filter(school__in=staff.schools_as(*WHOLE_SCHOOL))
    own = rows.filter(school__in=staff.schools_as(Role.HOMEROOM), opened_on__isnull=False)
    return whole | own


def survey_or_404(request: HttpRequest, pk: int) -> Survey:
    """A questionnaire of the own school."""
    return get_object_or_404(surveys_of(request.user), pk=pk)  # type: ignore[arg-type,no-any-return]


def kept_survey_or_404(request: HttpRequest, pk: int) -> Survey:
    """A questionnaire of a school whose questionnaires this person sets up."""
    schools = request.user.schools_as(*WHOLE_SCHOOL)  # type: ignore[union-attr]
    return get_object_or_404(Survey.objects.select_related("school", "term"), pk=pk, school__in=schools)


def own_classes(staff: Staff, school: School) -> set[int] | None:
    """The classes that a class teacher keeps; None for those who read the whole school."""
    if school in staff.schools_as(*WHOLE_SCHOOL):
        return None
    return {place.pk for place in staff.classes_as(Role.HOMEROOM) if place.school_id == school.pk}


@require_safe
@allows(Act.SURVEY)
def survey_list(request: HttpRequest) -> HttpResponse:
    """Running, drafted and past questionnaires with how many sheets are in."""
    staff: Any = request.user
    found = list(surveys_of(staff)[:60])
    context = {
        "surveys": found,
        "several": len({one.school_id for one in found}) > 1,
        "may_set": staff.may(Act.SURVEY_SET),
    }
    return render(request, "children/survey_list.html", context)


@allows(Act.SURVEY_SET)
class SurveyAdd(FormPage):
    """A new questionnaire, beginning with the questions that most schools ask."""

    form_class = SurveyForm
    heading = "新建问卷"
    lead = "下面是一份常用的留守儿童问卷，可以直接改。保存后先看看印出来的样子，再发放。"
    crumbs = CRUMBS
    cancel_url = "children:survey_list"

    def draft_key(self) -> str:
        return "survey:new"

    def get_initial(self) -> dict[str, Any]:
        return {
            **super().get_initial(),
            "title": starter.TITLE,
            "purpose": starter.PURPOSE,
            "questions": starter.QUESTIONS,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        staff: Any = self.request.user
        return super().get_form_kwargs() | {"schools": staff.schools_as(*WHOLE_SCHOOL)}

    def save(self, form: Any) -> Survey:
        survey = form.instance
        survey.questions = form.cleaned_data["questions"]
        return draft(survey=survey, school=form.chosen_school(), today=timezone.localdate())

    def get_saved_text(self, result: Survey) -> str:
        return f"{result}已保存，还没有发放。"

    def get_redirect_url(self, result: Survey) -> str:
        return reverse("children:survey_show", args=[result.pk])


@allows(Act.SURVEY_SET)
class SurveyEdit(KeepsVersion):
    """The same questionnaire, until the first sheet is in."""

    form_class = SurveyEditForm
    heading = "修改问卷"
    crumbs = CRUMBS

    def find_row(self) -> Survey:
        return kept_survey_or_404(self.request, self.kwargs["pk"])

    def draft_key(self) -> str:
        return f"survey:{self.row.pk}"

    def stored(self, row: Survey) -> dict[str, Any]:
        return {**super().stored(row), "questions": written(questions_of(row.questions))}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"schools": [self.row.school]}

    def get_cancel_url(self) -> str:
        return reverse("children:survey_show", args=[self.row.pk])

    def save(self, form: Any) -> Survey:
        survey: Survey = form.instance
        survey.questions = form.cleaned_data["questions"]
        reword(survey=survey, version=form.cleaned_data["version"])
        return survey

    def get_redirect_url(self, result: Survey) -> str:
        return self.get_cancel_url()


@dataclass(frozen=True)
class Told:
    """What somebody reads of a questionnaire: of the whole school or of the own classes, or of the one chosen of them."""

    survey: Survey
    whole_school: bool
    classes: list[ClassReturns]
    chosen: SchoolClass | None
    result: SurveyResult

    @property
    def where(self) -> str:
        """What the figures are about: 全校, or the names of classes."""
        if self.chosen is None and self.whole_school:
            return "全校"
        return "、".join(one.name for one in self.classes if self.chosen in (None, one.school_class))


def _told(request: HttpRequest, pk: int) -> Told:
    """The questionnaire for this person; `?school_class=` tells one class alone."""
    survey = survey_or_404(request, pk)
    own = own_classes(request.user, survey.school)  # type: ignore[arg-type]
    classes = returns(survey, timezone.localdate(), own)
    asked = request.GET.get("school_class", "")
    chosen = next((one.school_class for one in classes if str(one.school_class.pk) == asked), None)
    return Told(survey, own is None, classes, chosen, results(survey, [chosen.pk] if chosen else own))


@require_safe
@allows(Act.SURVEY)
def survey_show(request: HttpRequest, pk: int) -> HttpResponse:
    """How many sheets of each class are in, and what they say; `?school_class=` tells one class alone."""
    told = _told(request, pk)
    survey, classes = told.survey, told.classes
    note(request, Event.VIEW, detail=f"survey {survey.pk}")
    context = {
        "survey": survey,
        "classes": classes,
        "sheets": sum(one.sheets for one in classes),
        "pupils": sum(one.pupils for one in classes),
        "chosen": told.chosen,
        "result": told.result,
        "may_set": request.user.may(Act.SURVEY_SET) and told.whole_school,  # type: ignore[union-attr]
        "crumbs": [Crumb(words, reverse(name)) for words, name in CRUMBS],
    }
    return render(request, "children/survey_show.html", context)


@require_POST
@allows(Act.SURVEY_SET)
def survey_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it out, or take sheets again after it was closed."""
    survey = kept_survey_or_404(request, pk)
    hand_out(survey=survey, today=timezone.localdate())
    messages.success(request, f"{survey}已发放，各班班主任可以录入答卷了。")
    return redirect("children:survey_show", pk)


@require_POST
@allows(Act.SURVEY_SET)
def survey_close(request: HttpRequest, pk: int) -> HttpResponse:
    """No more sheets; it can be opened again."""
    survey = kept_survey_or_404(request, pk)
    try:
        close(survey=survey, today=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"{survey}已结束，不再录入。")
    return redirect("children:survey_show", pk)


@allows(Act.SURVEY_SET)
class SurveyRemove(ConfirmPage):
    """Throw a questionnaire away that nobody has answered."""

    heading = "删除问卷"
    button = "删除"
    tone = "danger"
    crumbs = CRUMBS

    @cached_property
    def survey(self) -> Survey:
        return kept_survey_or_404(self.request, self.kwargs["pk"])

    def get_question(self) -> str:
        return f"确定删除“{self.survey}”吗？"

    def get_cancel_url(self) -> str:
        return reverse("children:survey_show", args=[self.survey.pk])

    def save(self, form: Any) -> str:
        discard(survey=self.survey)
        return str(self.survey)

    def get_saved_text(self, result: str) -> str:
        return f"{result}已删除。"

    def get_redirect_url(self, result: str) -> str:
        return reverse("children:survey_list")


@require_safe
@allows(Act.SURVEY)
def survey_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The questionnaire to be copied and filled in."""
    survey = survey_or_404(request, pk)
    note(request, Event.PRINT, detail=f"survey {survey.pk}")
    context = {
        "survey": survey,
        "questions": questions_of(survey.questions),
        "imprint": _imprint(request),
    }
    pdf = render_pdf("print/survey.html", context, title=survey.title, stylesheets=SHEETS)
    return pdf_response(pdf, f"{survey.title}.pdf")


def _imprint(request: HttpRequest) -> Imprint:
    return Imprint(str(request.user), timezone.localtime())


@require_safe
@allows(Act.SURVEY)
def survey_result_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of results on paper."""
    told = _told(request, pk)
    survey, where, result = told.survey, told.where, told.result
    note(request, Event.PRINT, detail=f"survey result {survey.pk}")
    title = f"{survey.title}结果（{where}）"
    context = {"survey": survey, "where": where, "result": result, "imprint": _imprint(request)}
    pdf = render_pdf("print/survey_result.html", context, title=title, stylesheets=SHEETS)
    return pdf_response(pdf, f"{title}.pdf")


@require_safe
@allows(Act.SURVEY)
def survey_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of results as a workbook: counts are numbers."""
    told = _told(request, pk)
    survey, where, result = told.survey, told.where, told.result
    note(request, Event.EXPORT, detail=f"survey result {survey.pk}")
    columns = ["题号", "题目", "选项"]
    for name, _ in result.columns:
        columns += [f"{name}人数", f"{name}占比"]
    rows: list[list[object]] = []
    for one in result.questions:
        for row in one.rows:
            shares = [value for share in row.shares for value in (share.count, share.percent)]
            rows.append([one.number, one.question.text, row.words, *shares])
        rows += [[one.number, one.question.text, words] + [None] * (len(columns) - 3) for words in one.written]
    about = (
        f"学校：{survey.school.name}　范围：{where}　学期：{survey.term}",
        "、".join(f"{name}{count}份" for name, count in result.columns),
        *filter(None, (result.withheld, result.remark)),
    )
    book = table_book(f"{survey.title}结果", columns, rows, notes=about)
    return xlsx_response(book, f"{survey.title}结果.xlsx")
