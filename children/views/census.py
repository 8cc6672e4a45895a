"""Census rounds as the school sees them: opened, followed class by class, closed, printed."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import chinese_date
from caretrack.schools.models import School, Staff
from caretrack.sheets import table_book
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FormPage
from children.census.figures import CensusFigures, census_figures, follow_up_rows
from children.census.roll import latecomers, take_in
from children.census.rounds import ClassProgress, close_round, open_round, progress
from children.forms.census import CloseForm, OpenForm
from children.models import Census
from children.views.census_panels import dues_of, plan_lines
from reports.builders.paper import Imprint

WHOLE_SCHOOL = (Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)
CRUMBS = (("普查", "children:census_list"),)


def rounds_of(staff: Staff) -> Any:
    """Rounds of the schools at which this person keeps a class or the whole school."""
    schools = staff.schools_as(*WHOLE_SCHOOL, Role.HOMEROOM)
    return Census.objects.filter(school__in=schools).select_related("school", "term", "closed_by")


def round_or_404(request: HttpRequest, pk: int) -> Census:
    """A round of the own school."""
    return get_object_or_404(rounds_of(request.user), pk=pk)  # type: ignore[arg-type]


def own_classes(staff: Staff, school: School) -> set[int] | None:
    """The classes that a class teacher keeps; None for those who keep the whole school."""
    if school in staff.schools_as(*WHOLE_SCHOOL):
        return None
    return {place.pk for place in staff.classes_as(Role.HOMEROOM) if place.school_id == school.pk}


def _may(staff: Any, act: Act, census: Census, *roles: Role) -> bool:
    return staff.may(act) and census.school in staff.schools_as(*roles) and census.closed_at is None


@require_safe
@allows(Act.CENSUS)
def census_list(request: HttpRequest) -> HttpResponse:
    """Running and past rounds."""
    staff: Any = request.user
    today = timezone.localdate()
    rounds = list(rounds_of(staff)[:40])
    running = [
        {"census": census, "classes": found, **_sums(found)}
        for census in rounds
        if census.closed_at is None
        for found in [progress(census, today, classes=own_classes(staff, census.school))]
    ]
    context = {
        "running": running,
        "past": [census for census in rounds if census.closed_at is not None],
        "may_open": staff.may(Act.CENSUS_OPEN),
        "plan": plan_lines(dues_of(staff, today), today),
        "several": len({census.school_id for census in rounds}) > 1,
    }
    return render(request, "children/census_list.html", context)


def _sums(classes: Any) -> dict[str, int]:
    return {name: sum(getattr(found, name) for found in classes) for name in ("total", "done", "proposed", "returned")}


@allows(Act.CENSUS_OPEN)
class CensusOpen(FormPage):
    """A new round of all classes."""

    form_class = OpenForm
    heading = "开始一次普查"
    lead = "开始以后，各班班主任会在工作台看到本班的核对任务；名单包括全班学生，不只是已知的留守儿童；贫困摸底只列已知困难和家庭经济还没有登记的学生。"
    crumbs = CRUMBS
    cancel_url = "children:census_list"
    keeps_draft = False

    def get_form_kwargs(self) -> dict[str, Any]:
        staff: Any = self.request.user
        today = timezone.localdate()
        kind = self.request.GET.get("kind")
        initial = {"cut_off": today, "kind": kind if kind in Census.Kind.values else Census.Kind.TERM_START}
        return super().get_form_kwargs() | {"schools": staff.schools_as(*WHOLE_SCHOOL), "initial": initial}

    def save(self, form: Any) -> Census:
        given = form.cleaned_data
        return open_round(
            school=form.chosen_school(),
            kind=given["kind"],
            cut_off=given["cut_off"],
            due_on=given["due_on"],
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
        )

    def get_saved_text(self, result: Census) -> str:
        return f"{result.get_kind_display()}已开始，各班名单已经生成。"

    def get_redirect_url(self, result: Census) -> str:
        return reverse("children:census_show", args=[result.pk])


@require_safe
@allows(Act.CENSUS)
def census_show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far each class is, whose families could not be reached, the results."""
    census = round_or_404(request, pk)
    staff: Any = request.user
    own = own_classes(staff, census.school)
    classes = progress(census, timezone.localdate(), classes=own)
    note(request, Event.VIEW, detail=f"census {census.pk}")
    context = {
        "census": census,
        "classes": classes,
        "sums": _sums(classes),
        "lost": [(row, row.school_class.name_on(census.cut_off)) for row in follow_up_rows(census, staff, own)],
        "figures": _figures(staff, census),
        "late": latecomers(census, own).count(),
        "may_review": _may(staff, Act.CENSUS_REVIEW, census, Role.REGISTRAR, Role.PRINCIPAL),
        "may_close": (closes := _may(staff, Act.CENSUS_CLOSE, census, Role.PRINCIPAL)),
        "closes_next": ""
        if closes or census.closed_at or not _finished(classes)
        else "各班都核对完了，请校长在这里定稿。",
        "crumbs": [Crumb("普查", reverse("children:census_list"))],
    }
    return render(request, "children/census_show.html", context)


def _figures(staff: Any, census: Census) -> CensusFigures:
    return census_figures(census, staff, own_classes(staff, census.school))


def _finished(classes: Sequence[ClassProgress]) -> bool:
    return bool(classes) and all(found.complete and not found.proposed for found in classes)


@require_POST
@allows(Act.CENSUS)
def census_take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Pupils of the cut-off day whom the register learnt of later come into the round; a teacher's are of the own class."""
    census = round_or_404(request, pk)
    number = take_in(census, own_classes(request.user, census.school))  # type: ignore[arg-type]
    note(request, Event.WRITE, detail=f"census {census.pk} take in")
    messages.success(request, f"已列入 {number} 名学生，请班主任核对。" if number else "没有要列入的学生。")
    return redirect("children:census_show", pk)


@allows(Act.CENSUS_CLOSE)
class CensusClose(ConfirmPage):
    """The principal's last word: from then on the round is frozen."""

    form_class = CloseForm
    heading = "普查定稿"
    button = "定稿"
    tone = "danger"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.pk = kwargs["pk"]

    def census(self) -> Census:
        """The round, of a school whose principal this person is."""
        staff: Any = self.request.user
        census = round_or_404(self.request, self.pk)
        if census.school not in staff.schools_as(Role.PRINCIPAL):
            raise Http404
        return census

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("普查", reverse("children:census_list"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.census().rows.to_review().exists():
            messages.warning(request, "还有班主任提出的变化没有确认，确认以后才能定稿。")
            return redirect("children:census_review", self.pk)
        return super().get(request, *args, **kwargs)

    def get_question(self) -> str:
        return f"确定把{self.census()}定稿吗？定稿以后不能再改，更正要等下一次普查。"

    def get_consequences(self) -> list[str]:
        census = self.census()
        classes = progress(census, timezone.localdate())
        unanswered = sum(found.open for found in classes)
        found = ["每名学生当天的情况会原样保存，以后修改档案不会改变这次的数字。"]
        if late := latecomers(census).count():
            found.append(f"开始以后才登记的 {late} 名学生会一起列入。")
            unanswered += late
        if unanswered:
            found.append(f"还有 {unanswered} 名学生没有核对，定稿要写明原因。")
        return found

    def get_cancel_url(self) -> str:
        return reverse("children:census_show", args=[self.pk])

    def save(self, form: Any) -> Census:
        census = self.census()
        close_round(census=census, by=self.request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        return census

    def get_saved_text(self, result: Census) -> str:
        return "普查已定稿，可以打印汇总表。"

    def get_redirect_url(self, result: Census) -> str:
        return reverse("children:census_show", args=[result.pk])


@require_safe
@allows(Act.CENSUS)
def census_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The table and the list of changes on paper."""
    census = round_or_404(request, pk)
    figures = _figures(request.user, census)
    note(request, Event.PRINT, detail=f"census {census.pk}")
    title = f"{figures.school}{figures.title}"
    imprint = Imprint(str(request.user), timezone.localtime())
    sheets = (PRINT_SHEET, "print/census.css")
    pdf = render_pdf("print/census.html", {"figures": figures, "imprint": imprint}, title=title, stylesheets=sheets)
    return pdf_response(pdf, f"{title}.pdf")


@require_safe
@allows(Act.CENSUS)
def census_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The table as a workbook; with `?what=changes` the list of changes."""
    census = round_or_404(request, pk)
    figures = _figures(request.user, census)
    note(request, Event.EXPORT, detail=f"census {census.pk}")
    if request.GET.get("what") == "changes":
        return xlsx_response(_changes_book(figures), f"{figures.school}普查变化名单.xlsx")
    about = (f"学校：{figures.school}　截止日期：{chinese_date(figures.cut_off)}　{figures.standing}", *figures.notes)
    book = table_book(figures.title, figures.columns, [*figures.rows, figures.total], notes=about)
    return xlsx_response(book, f"{figures.school}{figures.title}.xlsx")


def _changes_book(figures: CensusFigures) -> bytes:
    rows = [(c.class_name, c.name, c.kind, c.before, c.after) for c in figures.changes]
    about = (
        f"学校：{figures.school}　截止日期：{chinese_date(figures.cut_off)}　对比：{figures.compared_with or '没有上一次普查'}",
    )
    return table_book("普查变化名单", ("班级", "姓名", "变化", "上次", "这次"), rows, notes=about)
