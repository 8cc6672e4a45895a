"""Entry for many: a class or a group as lines of one form."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.schools.class_names import class_choices
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.forms.life.grid import GridForm, grid_form
from children.life.rows import enter_many
from children.models import Child
from children.queries import roll_order
from children.views.life.kinds import Kind

MOST_LINES = 200


@dataclass(frozen=True)
class Group:
    """Pupils who stand in one grid: a class, or all whom a word names."""

    key: str
    name: str
    count: int | None = None


class GridPage(FormPage):
    """
    One form with a line for each pupil of the chosen group (`?group=`); without a choice a page offers the groups.

    A subclass names `kind` and `grid`, and may add groups that go across classes.
    """

    kind: Kind
    grid: type[GridForm]
    template_name = "children/life/grid.html"
    script = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        self.groups = self.offered()
        key = request.GET.get("group", "") or (self.groups[0].key if len(self.groups) == 1 else "")
        self.group = next((group for group in self.groups if group.key == key), None)
        if key and self.group is None:
            raise Http404
        if self.group is None or not self.ready():
            return self.choose()
        self.children = self.lines()
        return super().dispatch(request, *args, **kwargs)

    def writable(self) -> QuerySet[Any]:
        """The pupils on the roll about whom this person may enter this kind."""
        rows: QuerySet[Any] = self.kind.writable(self.request.user).on_roll()
        return rows

    def offered(self) -> list[Group]:
        """The classes, and the groups across classes."""
        classes = SchoolClass.objects.filter(pk__in=self.writable().order_by().values("school_class"))
        ordered = classes.select_related("school").order_by("school_id", "-entry_year", "number")
        return [Group(pk, name) for pk, name in class_choices(ordered, self.today)] + self.across()

    def across(self) -> list[Group]:
        """Groups across classes; none by default."""
        return []

    def of_group(self, children: QuerySet[Any], key: str) -> QuerySet[Any]:
        """The pupils of a group across classes."""
        raise Http404

    def ready(self) -> bool:
        """Whether the address says all that the grid needs besides the group."""
        return True

    def lines(self) -> list[Child]:
        """The pupils of the chosen group in the order of the roll."""
        children, key = self.writable(), self.group.key  # type: ignore[union-attr]
        found = children.filter(school_class=key) if key.isdigit() else self.of_group(children, key)
        ordered = found.select_related("school_class__school").order_by(*roll_order())
        return list(ordered[:MOST_LINES])

    def choose(self) -> HttpResponse:
        """The page that asks for the group."""
        context = {"kind": self.kind, "groups": self.groups, **self.head_context(), **self.choice_context()}
        return render(self.request, "children/life/choose.html", context)

    def choice_context(self) -> dict[str, Any]:
        """More to choose than the group."""
        return {}

    def get_heading(self) -> str:
        group = getattr(self, "group", None)
        return f"{group.name}{self.kind.title}登记" if group else self.kind.many

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("在校登记", reverse("children:life_home")), Crumb(self.kind.title, self.kind.url("list"))]

    def get_cancel_url(self) -> str:
        return self.kind.url("list")

    def draft_key(self) -> str:
        return f"{self.kind.slug}:many:{self.group.key}"  # type: ignore[union-attr]

    def get_form_class(self) -> Any:
        return grid_form(self.grid, self.children)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"children": self.children, "today": self.today, "by": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "kind": self.kind,
            "group": self.group,
            "groups": self.groups,
            "rows": form.rows,
            "columns": form.column_labels(),
            "choose_url": self.kind.url("many"),
            "full": len(self.children) >= MOST_LINES,
            "most": MOST_LINES,
            "across": not self.group.key.isdigit(),  # type: ignore[union-attr]
        }

    def save(self, form: GridForm) -> Any:
        change = enter_many(self.kind.model, form.new, form.changed_rows, (*form.columns, *form.shared))
        self.note_written([row.child_id for row in (*form.new, *form.changed_rows)])
        return change, len(form.new), len(form.changed_rows)

    def note_written(self, children: list[int]) -> None:
        for pk in dict.fromkeys(children):
            note(self.request, Event.WRITE, pk, detail=f"{self.kind.slug}:many")

    def get_saved_text(self, result: Any) -> str:
        _, new, changed = result
        if not new and not changed:
            return "没有改动，名单和原来一样。"
        parts = [f"新登记 {new} 人" if new else "", f"更改 {changed} 人" if changed else ""]
        return f"{self.group.name}{self.kind.title}：{'，'.join(filter(None, parts))}。"  # type: ignore[union-attr]

    def get_redirect_url(self, result: Any) -> str:
        change, new, _ = result
        query = {"school_class": self.group.key} if self.group.key.isdigit() else {}  # type: ignore[union-attr]
        if new:
            query["saved"] = str(change)
        return f"{self.kind.url('list')}?{urlencode(query)}" if query else self.kind.url("list")
