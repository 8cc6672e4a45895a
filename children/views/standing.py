"""三特生 of a child and of the school, the safety pledge, and the counsellor's note."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.history import save_if_unchanged
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.downloads import xlsx_response
from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from caretrack.sheets import table_book
from caretrack.web.lists import FilteredListView
from children.forms.papers import MindForm, PledgeForm, RestrictedNoteForm, StandingForm
from children.forms.standing import SpecialFilter
from children.models import MindNote, RestrictedNote, SafetyPledge, SpecialStanding, codes
from children.models.standing import SPECIAL_DATA
from children.queries import roll_order
from children.sight import Sight
from children.views.guarded import GuardedPage
from children.views.page import demand

NO_TERM = "学校还没有设置本学期，请先由系统管理员设置学期。"


def writable_groups(sight: Sight) -> list[tuple[str, str]]:
    """The groups of 三特生 that this person may register of the child."""
    if not sight.may(Act.CHILD_EDIT):
        return []
    return [(kind.value, kind.label) for kind in codes.SpecialKind if sight.writes(SPECIAL_DATA[kind])]


class StandingPage(GuardedPage):
    """One group that a child belongs to, with what is behind it."""

    form_class = StandingForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kinds = writable_groups(self.sight)
        if not kinds:
            raise PermissionDenied("您对这名学生没有登记三特生的权限。")
        others = SpecialStanding.objects.open().filter(child=self.child).exclude(pk=self.row.pk if self.row else None)
        kwargs = super().get_form_kwargs() | {
            "today": self.today,
            "kinds": kinds,
            "taken": set(others.values_list("kind", flat=True)),
        }
        if self.row is None:
            kwargs["initial"] = {"starts_on": self.today}
        return kwargs

    def save(self, form: Any) -> SpecialStanding:
        row = form.instance
        if self.row is None:
            row.child, row.recorded_by = self.child, self.request.user
            row.save()
        else:
            save_if_unchanged(row, version=self.version or self.row.version)
        note(self.request, Event.WRITE, self.child, detail="special")
        return row

    def get_saved_text(self, result: Any) -> str:
        ended = "，已取消" if result.ends_on else ""
        return f"{self.child.name}的“{result}”已登记{ended}。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#special"


@allows(Act.CHILD_EDIT)
class StandingAdd(StandingPage):
    def get_heading(self) -> str:
        return f"登记{self.child.name}为三特生"


@allows(Act.CHILD_EDIT)
class StandingEdit(StandingPage):
    def prepare(self) -> None:
        self.row = get_object_or_404(
            SpecialStanding.objects.select_related("change"), pk=self.kwargs["standing"], child=self.child
        )
        demand(self.sight, SPECIAL_DATA[self.row.kind])

    def get_heading(self) -> str:
        return f"修改{self.child.name}的“{self.row}”"


def _listed(staff: Any) -> "QuerySet[SpecialStanding]":
    return (
        SpecialStanding.objects.visible_to(staff)
        .on(timezone.localdate())
        .filter(child__school_class__isnull=False)
        .select_related("child__school_class__school", "recorded_by")
        .order_by("kind", *roll_order("child__"))
    )


@allows(Act.CHILD_LIST)
class SpecialList(FilteredListView):
    """三特生 of the school (or class) today, summed up by group."""

    heading = "三特生"
    lead = "特困生、特长生和残障生，按今天的在册情况。"
    crumbs = (("学生", "children:child_list"),)
    template_name = "children/special_list.html"
    rows_template = "children/_special_rows.html"
    filter_class = SpecialFilter
    unit = "人次"
    empty_text = "还没有登记三特生。"
    empty_hint = "在学生档案的“三特生”一栏登记，这里自动汇总。"

    def get_queryset(self, staff: Any) -> "QuerySet[SpecialStanding]":
        return _listed(staff)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        numbers = dict(
            _listed(self.request.user).order_by().values_list("kind").annotate(Count("child", distinct=True))
        )
        context["rows"] = [(row, row.child.class_name(today)) for row in context["page"].object_list]
        context["figures"] = [(kind.label, numbers.get(kind, 0), f"?kind={kind.value}") for kind in codes.SpecialKind]
        context["query"] = self.request.GET.urlencode()
        return context


@allows(Act.CHILD_LIST)
@require_safe
def special_export(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, as it is filtered."""
    today = timezone.localdate()
    form = SpecialFilter(request.GET, staff=request.user)
    rows = [
        [
            row.get_kind_display(),
            row.child.class_name(today),
            row.child.name,
            row.child.get_sex_display(),
            row.note,
            str(row.starts_on),
        ]
        for row in form.narrow(_listed(request.user))
    ]
    note(request, Event.EXPORT, detail=f"special {len(rows)}")
    columns = ["类别", "班级", "姓名", "性别", "具体情况", "认定日期"]
    return xlsx_response(
        table_book("三特生名单", columns, rows, notes=[f"截至{chinese_date(today)}"]), f"三特生名单_{today}.xlsx"
    )


@allows(Act.CHILD_EDIT)
class PledgeSign(GuardedPage):
    """Register, for one party, who signed the safety pledge of the running term; opened again it is corrected."""

    form_class = PledgeForm
    data = DataClass.CONTACT

    def prepare(self) -> None:
        if self.kwargs["party"] not in SafetyPledge.Party.values:
            raise Http404
        self.party = SafetyPledge.Party(self.kwargs["party"])
        self.term = Term.objects.current(self.child.school, self.today)
        signed = SafetyPledge.objects.select_related("change")
        self.row = signed.filter(child=self.child, term=self.term, party=self.party).first() if self.term else None

    def get_heading(self) -> str:
        return f"登记{self.child.name}的安全责任书（{self.party.label}）"

    def get_lead(self) -> str:
        return str(self.term) if self.term else NO_TERM

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"today": self.today}
        if self.row is None:
            kwargs["initial"] = {"signed_on": self.today}
        return kwargs

    def save(self, form: Any) -> SafetyPledge:
        if self.term is None:
            raise ValidationError(NO_TERM)
        row = form.instance
        row.recorded_by = self.request.user
        if self.row is None:
            row.child, row.term, row.party = self.child, self.term, self.party
            row.save()
        else:
            save_if_unchanged(row, version=self.version or self.row.version)
        note(self.request, Event.WRITE, self.child, detail="pledge")
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"已登记{result.get_party_display()}签订的安全责任书。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#safety"


class NoteForFew(GuardedPage):
    """The one note of a kind that few may read of a child: kept, corrected or emptied on a page of its own."""

    model: type[MindNote] | type[RestrictedNote]
    readers: DataClass
    act = Act.CHILD_EDIT
    part = ""

    def prepare(self) -> None:
        demand(self.sight, self.readers, act=self.act)
        self.row = self.model.objects.select_related("change").filter(child=self.child).first()

    def get_heading(self) -> str:
        return f"{self.child.name}的{self.model._meta.verbose_name}"

    def save(self, form: Any) -> Any:
        row = form.instance
        if self.row is None:
            row.child = self.child
            row.save()
        else:
            save_if_unchanged(row, version=self.version or self.row.version)
        note(self.request, Event.WRITE, self.child, detail=self.part)
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.get_heading()}已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#{self.part}"


@allows(Act.COUNSELLING)
class MindEdit(NoteForFew):
    """心理状况: what the counsellor keeps of the child, seen by counsellors of the school only."""

    form_class, model = MindForm, MindNote
    readers, act, part = DataClass.COUNSELLING, Act.COUNSELLING, "mind"


@allows(Act.CHILD_EDIT)
class RestrictedNoteEdit(NoteForFew):
    """限知情人备注: corrected or emptied by those who handle incidents; most come from rosters (fault 73)."""

    form_class, model = RestrictedNoteForm, RestrictedNote
    readers, part = DataClass.INCIDENT, "restricted"
