"""A round about poverty: what is new in a family's economy, and pupils who become part of it meanwhile."""

import copy
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.census.answers import propose
from children.census.poverty import ask_too, not_asked
from children.forms.census_poverty import AskTooForm, EconomyForm
from children.models import Census, CensusRow, Child
from children.sight import sight_of
from children.views.census import own_classes, round_or_404
from children.views.census_class import AboutRow
from children.views.page import demand


@allows(Act.CENSUS)
class CensusEconomy(AboutRow):
    """What is new in the economy of a pupil's family."""

    form_class = EconomyForm
    labels = {"answer": "核对结果"}  # noqa: RUF012
    heading = "家庭经济有什么变化"
    lead = "只改有变化的地方。档案管理员确认以后写入档案。"

    def find_row(self) -> CensusRow:
        row = super().find_row()
        if row.census.kind != Census.Kind.POVERTY:
            raise Http404
        demand(sight_of(self.request.user, row.child), DataClass.ECONOMY, act=Act.CENSUS)  # type: ignore[arg-type]
        return row

    def stored(self, row: CensusRow) -> dict[str, Any]:
        return {"answer": row.get_answer_display(), **EconomyForm.initial_of(row, self.row.child)}

    def get_instance(self) -> Child:
        # The form writes into it; the child of the row stays as the dossier has it.
        child = copy.copy(self.row.child)
        for name, value in self.row.proposed.get("economy", {}).items():
            setattr(child, name, value)
        return child

    def save(self, form: Any) -> CensusRow:
        version, proposed = form.cleaned_data["version"], form.proposed(self.row.child)
        propose(row=self.row, proposed=proposed, by=self.request.user, version=version)  # type: ignore[arg-type]
        return self.row  # type: ignore[no-any-return]

    def get_saved_text(self, result: Any) -> str:
        return f"{self.row.child.name}的家庭经济变化已提交，等待档案管理员确认。"


@allows(Act.CENSUS)
class CensusAskToo(FormPage):
    """A pupil of the class who is not on the list."""

    form_class = AskTooForm
    heading = "添加学生"
    lead = "名单里是已知困难和家庭经济还没有登记的学生。其他学生家里新出现困难的，在这里加进来再填写。"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.census = round_or_404(request, kwargs["pk"])
        self.place = get_object_or_404(SchoolClass, pk=kwargs["school_class"], school=self.census.school_id).pk
        own = own_classes(request.user, self.census.school)  # type: ignore[arg-type]
        outside = own is not None and self.place not in own
        if self.census.kind != Census.Kind.POVERTY or self.census.closed_at is not None or outside:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def children(self) -> Any:
        """Those of the class whom this person sees and the round does not have, by name."""
        seen = Child.objects.visible_to(self.request.user).filter(school=self.census.school)  # type: ignore[arg-type]
        asked = not_asked(self.census, self.place).order_by().values("pk")
        return seen.filter(pk__in=asked).by_name()

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("普查", reverse("children:census_list")), Crumb("班级名单", self.get_cancel_url())]

    def get_cancel_url(self) -> str:
        return reverse("children:census_class", args=[self.census.pk, self.place])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"children": self.children()}

    def save(self, form: Any) -> CensusRow:
        child = form.cleaned_data["child"]
        row = ask_too(census=self.census, child=child)
        note(self.request, Event.WRITE, child)
        return row

    def get_saved_text(self, result: CensusRow) -> str:
        return f"{result.child.name}已加入名单，请填写家庭经济情况。"

    def get_redirect_url(self, result: CensusRow) -> str:
        return reverse("children:census_economy", args=[result.pk])
