"""What class teachers proposed in a round, for the registrar: confirm one or many, or send back with a question."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.history import Stale
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.web.components import Crumb
from caretrack.web.numbers import number
from caretrack.web.versions import KeepsVersion
from children.census.review import confirm, in_words, proposals, send_back
from children.forms.census import ReturnForm
from children.models import Census, CensusRow
from children.views.census import round_or_404

PER_PAGE = 25


def _review_or_404(request: HttpRequest, pk: int) -> Census:
    census = round_or_404(request, pk)
    if census.school not in request.user.schools_as(Role.REGISTRAR, Role.PRINCIPAL):  # type: ignore[union-attr]
        raise Http404
    return census


def _waiting(request: HttpRequest, census: Census) -> Any:
    rows = CensusRow.objects.filter(census=census).visible_to(request.user).to_review()
    return rows.select_related("child", "census__school", "school_class__school", "answered_by").order_by(
        "-school_class__entry_year", "school_class__number", "child__pinyin", "pk"
    )


@require_safe
@allows(Act.CENSUS_REVIEW)
def census_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Every proposal with its facts and what they would change, by class."""
    census = _review_or_404(request, pk)
    page = Paginator(_waiting(request, census), PER_PAGE).get_page(request.GET.get("page"))
    found = [(p, p.row.school_class.name_on(census.cut_off)) for p in proposals(page.object_list)]
    note(request, Event.VIEW, detail=f"census {census.pk} review")
    crumbs = [
        Crumb("普查", reverse("children:census_list")),
        Crumb(census.get_kind_display(), reverse("children:census_show", args=[census.pk])),
    ]
    return render(
        request,
        "children/census_review.html",
        {"census": census, "found": found, "page": page, "crumbs": crumbs, "written": _written(census)},
    )


def _written(census: Census) -> str:
    if census.kind == Census.Kind.POVERTY:
        return "家庭经济写入档案，变化按截止日期列入成长经历"
    return "父母情况、监护人和电话写入档案，并记入变动登记"


def _ticked(request: HttpRequest) -> dict[int, int]:
    """The ticked rows and the versions of them that were on the page."""
    pairs = [value.partition("-") for value in request.POST.getlist("rows")]
    told = [(number(pk), number(version)) for pk, _, version in pairs]
    return {pk: version for pk, version in told if pk is not None and version is not None}


@require_POST
@allows(Act.CENSUS_REVIEW)
def census_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the ticked proposals true; what does not fit is named and nothing of the others is lost."""
    census = _review_or_404(request, pk)
    seen = _ticked(request)
    rows = list(_waiting(request, census).filter(pk__in=seen))
    if not rows:
        messages.warning(request, "请先勾选要确认的学生。")
    done = 0
    for row in rows:
        try:
            done += confirm(rows=[row], by=request.user, seen=seen)  # type: ignore[arg-type]
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        except Stale:
            messages.error(request, f"{row.child.name}：您打开这一页以后有人改过，没有确认。请看过现在的内容再确认。")
        note(request, Event.WRITE, row.child_id)
    if done:
        messages.success(request, f"已确认 {done} 名学生的变化，档案和变动登记已更新。")
    return redirect("children:census_review", census.pk)


@allows(Act.CENSUS_REVIEW)
class CensusReturn(KeepsVersion):
    """Ask the class teacher again."""

    form_class = ReturnForm
    heading = "退回核对"
    keeps_draft = False
    labels = {"proposed": "班主任提出"}  # noqa: RUF012

    def find_row(self) -> CensusRow:
        found = get_object_or_404(CensusRow.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        self.census = _review_or_404(self.request, found.census_id)
        return get_object_or_404(_waiting(self.request, self.census), pk=found.pk)  # type: ignore[no-any-return]

    def get_heading(self) -> str:
        return f"{self.row.child.name}：退回核对"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("待确认的变化", self.get_cancel_url())]

    def get_cancel_url(self) -> str:
        return reverse("children:census_review", args=[self.row.census_id])

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_lead(self) -> str:
        return f"班主任提出：{self.stored(self.row)['proposed']}"

    def stored(self, row: CensusRow) -> dict[str, Any]:
        return {"proposed": "；".join(in_words(row.proposed))}

    def save(self, form: Any) -> CensusRow:
        given, staff = form.cleaned_data, self.request.user
        send_back(row=self.row, question=given["question"], by=staff, version=given["version"])  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.row.child_id)
        return self.row

    def get_saved_text(self, result: CensusRow) -> str:
        return f"{result.child.name}的变化已退回给班主任。"
