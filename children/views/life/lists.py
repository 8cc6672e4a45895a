"""What every list of entries about pupils shares: the list, its workbook, and the page that finds a pupil."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, refusal
from caretrack.downloads import xlsx_response
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView
from children.life.rows import CAN_BE_TAKEN_BACK, take_back, taken_back_by
from children.life.workbook import workbook
from children.models import Child
from children.search import search
from children.sight import Sight, sights
from children.views.life.kinds import KINDS, Kind, kind_tabs

FOUND_AT_MOST = 30


@dataclass(frozen=True)
class Cell:
    """One value of a row, under its column's name; a tone makes it a badge."""

    label: str
    text: str
    number: bool = False
    tone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a list: a pupil, the values, and what this person may do with it."""

    child: Child
    class_name: str
    cells: list[Cell]
    edit: str = ""
    delete: str = ""
    act: str = ""
    act_words: str = ""


def excel_url(kind: Kind) -> str:
    """Where a workbook of this kind is taken in; empty where there is no such page."""
    try:
        return reverse("children:table_import", args=[kind.slug]) if kind.excel else ""
    except NoReverseMatch:
        return ""


class LifeList(FilteredListView, ABC):
    """A list of one kind. A subclass names `kind`, the filter, and what the lines, the totals and the workbook hold."""

    kind: Kind
    template_name = "children/life/list.html"
    rows_template = "children/life/_rows.html"
    crumbs = (("在校登记", "children:life_home"),)
    unit = "条"

    def get_heading(self) -> str:
        return self.kind.title

    @abstractmethod
    def rows(self, items: Sequence[Any]) -> list[Row]:
        """The lines of a page, in a fixed number of statements."""

    def totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """What stands above the lines, over all pages of what the filter leaves."""
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff = self.request.user
        page = context["page"]
        may_write = staff.may(self.kind.edit)  # type: ignore[union-attr]
        query = self.request.GET.urlencode()
        context |= {
            "rows": self.rows(list(page.object_list)),
            "kind": self.kind,
            "tabs": kind_tabs(staff, self.kind.slug),
            "totals": self.totals(page.paginator.object_list) if page.paginator.count else {},
            "may_write": may_write,
            "many_url": self.kind.url("many") if may_write else "",
            "pick_url": reverse("children:life_pick", args=[self.kind.slug]) if may_write else "",
            "export_url": f"{self.kind.url('export')}?{query}",
            "excel_url": excel_url(self.kind) if may_write else "",
            "undo": self.undo_offer(),
        }
        if may_write:
            context |= {"empty_url": self.kind.url("many"), "empty_action": self.kind.many}
        return context

    def undo_offer(self) -> dict[str, Any] | None:
        """The lines that this person has just entered in one press and may take back."""
        try:
            change = UUID(self.request.GET.get("saved", ""))
        except ValueError:
            return None
        count = taken_back_by(change, self.request.user, self.kind.model, self.kind.writable(self.request.user)).count()  # type: ignore[arg-type]
        url = reverse("children:life_undo", args=[self.kind.slug, change])
        return {"count": count, "url": url} if count else None


class EntryList(LifeList, ABC):
    """A list with a line for each entry."""

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        rows = self.kind.model.objects.visible_to(staff)
        found: QuerySet[Any] = rows.select_related("child__school_class__school")
        return found

    def rows(self, items: Sequence[Any]) -> list[Row]:
        """The lines of a page, in a fixed number of statements."""
        today, staff = timezone.localdate(), self.request.user
        seen = sights(staff, {item.child_id for item in items})  # type: ignore[arg-type]
        rows = []
        for item in items:
            sight = seen[item.child_id]
            changes = self.kind.may_change(sight, item, staff)
            args = (item.child_id, item.pk)
            act, words = self.next_act(item) if changes else ("", "")
            rows.append(
                Row(
                    item.child,
                    item.child.class_name(today),
                    self.cells(item, sight),
                    self.kind.url("edit", *args) if changes else "",
                    self.kind.url("delete", *args) if changes else "",
                    act,
                    words,
                )
            )
        return rows

    @abstractmethod
    def cells(self, item: Any, sight: Sight) -> list[Cell]:
        """The values of a line."""

    def next_act(self, item: Any) -> tuple[str, str]:
        """The address and the words of what is to be done next with a line; empty for nothing."""
        return "", ""


class LifeExport(FilteredListView, ABC):
    """The list as a workbook, narrowed by the same filter; the log keeps how many lines left."""

    kind: Kind
    header: tuple[str, ...] = ()
    #: What is said instead of a workbook without a line; where it is empty there is such a workbook.
    nothing_text = ""

    @abstractmethod
    def lines(self, rows: QuerySet[Any]) -> Iterable[Sequence[Any]]:
        """The values under `header`, a line each."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        items = self.items()
        if not items and self.nothing_text:
            messages.info(request, self.nothing_text)
            return redirect(f"{self.kind.url('list')}?{request.GET.urlencode()}")
        children = {child.pk: child for child in self.children_of(items)}
        shown = sights(request.user, children)  # type: ignore[arg-type]
        head, lines = self.with_pupil(items, shown)
        note(request, Event.EXPORT, detail=f"{self.kind.slug}:{len(lines)}")
        today = timezone.localdate()
        return xlsx_response(workbook(self.kind.title, head, lines), f"{self.kind.title}{today}.xlsx")

    def items(self) -> list[Any]:
        """What the filter leaves of what this person sees."""
        form, seen = self.get_filter(), self.get_queryset(self.request.user)
        return list(form.narrow(seen) if form else seen)

    def children_of(self, items: Sequence[Any]) -> list[Child]:
        return [self.child_of(item) for item in items]

    def child_of(self, item: Any) -> Child:
        child: Child = item.child
        return child

    def with_pupil(self, items: Sequence[Any], seen: dict[int, Sight]) -> tuple[list[str], list[list[Any]]]:
        """Header and lines, 姓名 班级 and, for those who get numbers, 学籍号 before the values."""
        today = timezone.localdate()
        numbers = any(sight.numbers for sight in seen.values())
        lines = []
        for item, values in zip(items, self.lines(items), strict=True):  # type: ignore[arg-type]
            child = self.child_of(item)
            pupil = [child.name, child.class_name(today)]
            if numbers:
                pupil.append(child.student_no if seen[child.pk].numbers else "")
            lines.append([*pupil, *values])
        return ["姓名", "班级", *(["学籍号"] if numbers else []), *self.header], lines


@allows(Act.LIFE_VIEW)
@require_safe
def life_home(request: HttpRequest) -> HttpResponse:
    """The lists that this person may open, and what each is for."""
    staff: Any = request.user
    kinds = [kind for kind in KINDS.values() if staff.may(kind.view)]
    rows = [
        {
            "kind": kind,
            "list": kind.url("list"),
            "many": kind.url("many") if staff.may(kind.edit) else "",
            "words": PURPOSES[kind.slug],
        }
        for kind in kinds
    ]
    return render(request, "children/life/home.html", {"rows": rows})


PURPOSES = {
    "health": "每学期体检的数值，谁要复查、复查了没有。",
    "results": "各科等级和分数，班级的分布和进步；不排名次。",
    "aid": "两免一补、春蕾、捐助等，统计人数、人次和金额。",
    "awards": "班级到市级的表彰，写进档案和总结。",
    "bus": "线路、车辆和乘车学生，超员和无证车辆会提醒。",
    "boarding": "宿舍床位、负责教师和学期评价。",
}


@allows(Act.CHILD_LIST)
@require_safe
def life_pick(request: HttpRequest, slug: str) -> HttpResponse:
    """Find the pupil about whom something is to be entered."""
    kind = KINDS.get(slug)
    if kind is None:
        raise Http404
    staff: Any = request.user
    if not staff.may(kind.edit):
        raise PermissionDenied(refusal(kind.edit))
    words, today = request.GET.get("q", "").strip()[:60], timezone.localdate()
    found = []
    if words:
        children = search(kind.writable(staff).on_roll(), staff, words)
        found = list(children.select_related("school_class__school").order_by("pinyin", "pk")[: FOUND_AT_MOST + 1])
    context = {
        "kind": kind,
        "q": words,
        "found": [(child, child.class_name(today), kind.url("add", child.pk)) for child in found[:FOUND_AT_MOST]],
        "more": len(found) > FOUND_AT_MOST,
        "most": FOUND_AT_MOST,
        "many_url": kind.url("many"),
        "crumbs": [
            Crumb("在校登记", reverse("children:life_home")),
            Crumb(kind.title, kind.url("list")),
            Crumb("登记"),
        ],
    }
    return render(request, "children/life/pick.html", context)


@allows(Act.CHILD_LIST)
@require_POST
def life_undo(request: HttpRequest, slug: str, change: UUID) -> HttpResponse:
    """Take back what one has just entered for many: only one's own, within a day, untouched since."""
    kind = KINDS.get(slug)
    staff: Any = request.user
    if kind is None or kind.model not in CAN_BE_TAKEN_BACK or not staff.may(kind.edit):
        raise Http404
    rows = taken_back_by(change, staff, kind.model, kind.writable(staff))
    if not rows.exists():
        raise Http404
    note(request, Event.WRITE, detail=f"{kind.slug}:undo")
    messages.success(request, f"已撤销刚才登记的 {take_back(rows)} 条{kind.title}。")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else kind.url("list"))
