"""乘车登记: routes with their vehicles, riders against seats, and who still waits for one (domain §11.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act, DataClass, Level
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.numbers import number
from caretrack.web.versions import KeepsVersion
from children.forms.life.bus import RideForm, RiderGrid, RouteEditForm, RouteForm
from children.life.bus import (
    Warning,
    end_route,
    in_unlicensed_vehicles,
    riders_for_paper,
    set_riders,
    waiting_for_a_seat,
    warnings_of,
)
from children.life.papers import imprint, route_paper
from children.models import BusRide, BusRoute, Child
from children.sight import sights
from children.views.life.entries import EntryDelete, EntryPage
from children.views.life.grids import GridPage
from children.views.life.kinds import BUS, kind_tabs
from children.views.life.lists import LifeExport, excel_url

NAMED_AT_MOST = 20


@dataclass(frozen=True)
class RouteRow:
    """One route as the list shows it."""

    route: BusRoute
    warnings: list[Warning]
    url: str


def routes_of(staff: Any) -> QuerySet[Any]:
    """The running routes that a person may see, with the number of their riders."""
    today = timezone.localdate()
    found: QuerySet[Any] = BusRoute.objects.visible_to(staff).running(today).with_riders(today).select_related("school")
    return found.order_by("school_id", "direction", "pk")


def route_or_404(staff: Any, pk: int) -> Any:
    return get_object_or_404(routes_of(staff), pk=pk)


@allows(Act.BUS_VIEW)
class BusList(FilteredListView):
    """The routes; above them what is wrong with any of them."""

    heading = "乘车"
    crumbs = (("在校登记", "children:life_home"),)
    template_name = "children/life/bus.html"
    rows_template = "children/life/_routes.html"
    unit = "条线路"
    empty_text = "还没有登记乘车线路。"
    empty_hint = "先登记线路和车辆，再给每条线路登记乘车学生。"

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        return routes_of(staff)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today = timezone.localdate()
        may_route = staff.may(Act.BUS_ROUTE)
        every = list(self.get_queryset(staff))
        wrong = [(route, warnings_of(route, route.riders)) for route in every]
        children = Child.objects.visible_to(staff, DataClass.CONTACT)
        context |= {
            "rows": [
                RouteRow(route, warnings_of(route, route.riders), reverse("children:bus_show", args=[route.pk]))
                for route in context["page"].object_list
            ],
            "tabs": kind_tabs(staff, BUS.slug),
            "kind": BUS,
            "riders": sum(route.riders for route in every),
            "over": sum(route.capacity is not None and route.riders > route.capacity for route in every),
            "unlicensed": sum(route.vehicle == BusRoute.Vehicle.UNLICENSED for route in every),
            "wrong": [(route, found) for route, found in wrong if any(w.tone == "bad" for w in found)],
            "waiting": self.named(waiting_for_a_seat(children, today)),
            "unsafe": self.named(in_unlicensed_vehicles(children, today)),
            "may_write": staff.may(BUS.edit),
            "may_route": may_route,
            "export_url": BUS.url("export"),
            "excel_url": excel_url(BUS) if staff.may(BUS.edit) else "",
        }
        if may_route:
            context |= {"empty_url": reverse("children:bus_route_add"), "empty_action": "登记线路"}
        return context

    def named(self, children: QuerySet[Any]) -> dict[str, Any]:
        """The first of some pupils by name, and how many there are."""
        today = timezone.localdate()
        found = list(children.select_related("school_class__school").order_by("pinyin", "pk")[: NAMED_AT_MOST + 1])
        shown = [(child, child.class_name(today)) for child in found[:NAMED_AT_MOST]]
        count = children.count() if len(found) > NAMED_AT_MOST else len(found)
        return {"shown": shown, "count": count, "hidden": count - len(shown)}


@allows(Act.BUS_VIEW)
@require_safe
def bus_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One route with those of its riders whom this person sees."""
    staff: Any = request.user
    route, today = route_or_404(staff, pk), timezone.localdate()
    rides = riders_for_paper(route, Child.objects.visible_to(staff, DataClass.CONTACT), today)
    seen = sights(staff, [ride.child_id for ride in rides])
    rows = [
        {
            "ride": ride,
            "class_name": ride.child.class_name(today),
            "edit": BUS.url("edit", ride.child_id, ride.pk) if BUS.may_write(seen[ride.child_id]) else "",
        }
        for ride in rides
    ]
    context = {
        "route": route,
        "rows": rows,
        "others": route.riders - len(rows),
        "warnings": warnings_of(route, route.riders),
        "may_write": staff.may(BUS.edit),
        "may_route": staff.may(Act.BUS_ROUTE),
        "many_url": f"{BUS.url('many')}?route={route.pk}",
        "crumbs": [
            Crumb("在校登记", reverse("children:life_home")), Crumb("乘车", BUS.url("list")), Crumb(route.direction),
        ],
    }  # fmt: skip
    return render(request, "children/life/route.html", context)


@allows(Act.BUS_VIEW)
@require_safe
def bus_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of a route on paper, with the phones to call in an emergency."""
    staff: Any = request.user
    route, today = route_or_404(staff, pk), timezone.localdate()
    children = Child.objects.visible_to(staff, DataClass.CONTACT)
    phones = frozenset(children.values_list("pk", flat=True).filter(bus_rides__route=route))
    paper = route_paper(route, route.riders, children, phones, today)
    note(request, Event.PRINT, detail=f"bus:{route.pk}:{len(paper.lines)}")
    title = f"{route.direction}乘车学生名单"
    context = {"paper": paper, "imprint": imprint(staff, timezone.localtime())}
    return pdf_response(render_pdf("print/bus.html", context, title=title), f"{title}.pdf")


class RoutePage(FormPage):
    """A route, new or standing."""

    form_class = RouteForm
    crumbs = (("在校登记", "children:life_home"), ("乘车", "children:bus_list"))
    cancel_url = "children:bus_list"

    def get_form_kwargs(self) -> dict[str, Any]:
        posts = self.request.user.schools_as(*ACTS[Act.BUS_ROUTE])  # type: ignore[union-attr]
        schools = School.objects.filter(pk__in=[school.pk for school in posts]).order_by("code")
        return super().get_form_kwargs() | {"schools": schools}

    def save(self, form: Any) -> BusRoute:
        return self.noted(form.save())

    def noted(self, route: BusRoute) -> BusRoute:
        note(self.request, Event.WRITE, detail=f"bus:route:{route.pk}")
        return route

    def get_saved_text(self, result: Any) -> str:
        return f"线路“{result.direction}”已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("children:bus_show", args=[result.pk])


@allows(Act.BUS_ROUTE)
class RouteAdd(RoutePage):
    heading = "登记乘车线路"

    def draft_key(self) -> str:
        return "bus:route:new"


@allows(Act.BUS_ROUTE)
class RouteEdit(KeepsVersion, RoutePage):
    heading = "修改乘车线路"
    form_class = RouteEditForm

    def find_row(self) -> BusRoute:
        return route_or_404(self.request.user, self.kwargs["pk"])

    def save(self, form: Any) -> BusRoute:
        route: BusRoute = super().save(form)
        return self.noted(route)

    def draft_key(self) -> str:
        return f"bus:route:{self.row.pk}"


@allows(Act.BUS_ROUTE)
class RouteEnd(ConfirmPage):
    """Take a route out of service."""

    crumbs = (("在校登记", "children:life_home"), ("乘车", "children:bus_list"))
    button, tone = "停运", "danger"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.route = route_or_404(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"停运：{self.route.direction}"

    def get_question(self) -> str:
        return f"从今天起停运“{self.route.direction}”（{self.route.plate or '未填车牌'}）？"

    def get_consequences(self) -> list[str]:
        return [f"登记在这条线路上的{self.route.riders}名学生，乘车记录到昨天为止。", "以前的乘车记录都保留。"]

    def get_cancel_url(self) -> str:
        return reverse("children:bus_show", args=[self.route.pk])

    def save(self, form: Any) -> int:
        note(self.request, Event.WRITE, detail=f"bus:route:{self.route.pk}:end")
        return end_route(route=self.route, on=timezone.localdate())

    def get_saved_text(self, result: Any) -> str:
        return f"线路“{self.route.direction}”已停运，{result}名学生需要重新安排。"

    def get_redirect_url(self, result: Any) -> str:
        return BUS.url("list")


@allows(Act.BUS_EDIT)
class BusMany(GridPage):
    """The riders of one route, ticked class by class."""

    kind = BUS
    grid = RiderGrid

    def ready(self) -> bool:
        asked = number(self.request.GET.get("route"))
        self.route = route_or_404(self.request.user, asked) if asked else None
        return self.route is not None

    def choose(self) -> HttpResponse:
        self.ready()
        routes = [] if self.route else list(routes_of(self.request.user))
        context = {
            "groups": self.groups, "route": self.route, "routes": routes, "group": self.group, **self.head_context(),
        }  # fmt: skip
        return render(self.request, "children/life/choose_rider.html", context)

    def get_heading(self) -> str:
        return f"{self.group.name}乘车登记" if hasattr(self, "children") else "登记乘车学生"  # type: ignore[union-attr]

    def get_lead(self) -> str:
        if not hasattr(self, "children"):
            return ""
        seats = "" if self.route.capacity is None else f"，核载{self.route.capacity}人"
        return f"线路“{self.route.direction}”{seats}，全校已登记{self.route.riders}人。勾选乘坐这条线路的学生。"

    def draft_key(self) -> str:
        return f"bus:many:{self.route.pk}:{self.group.key}"  # type: ignore[union-attr]

    def get_form_kwargs(self) -> dict[str, Any]:
        rides = BusRide.objects.filter(route=self.route, child__in=self.children, ends_on__isnull=True)
        present = {ride.child_id: ride for ride in rides.select_related("change")}
        return super().get_form_kwargs() | {"route": self.route, "present": present}

    def get_cancel_url(self) -> str:
        return reverse("children:bus_show", args=[self.route.pk]) if self.route else BUS.url("list")

    def save(self, form: Any) -> Any:
        on = form.cleaned_data["starts_on"]
        if any(ride.starts_on > on for ride in form.ended):
            raise ValidationError({"starts_on": "这一天早于有的学生开始乘车的日期，请改晚一些。"})
        set_riders(new=form.new, changed=form.changed_rows, ended=form.ended, on=on)
        self.note_written([ride.child_id for ride in (*form.new, *form.changed_rows, *form.ended)])
        return len(form.new), len(form.changed_rows), len(form.ended)

    def get_saved_text(self, result: Any) -> str:
        new, changed, ended = result
        parts = [
            f"新登记{new}人" if new else "",
            f"更改{changed}人" if changed else "",
            f"不再乘坐{ended}人" if ended else "",
        ]
        return f"{self.route.direction}：{'，'.join(filter(None, parts)) or '没有改动'}。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("children:bus_show", args=[self.route.pk])


@allows(Act.BUS_EDIT)
class RideEntry(EntryPage):
    kind = BUS
    form_class = RideForm


@allows(Act.BUS_EDIT)
class RideDelete(EntryDelete):
    kind = BUS

    def told(self) -> str:
        return f"{self.row.route}，{chinese_date(self.row.starts_on)}起"

    def get_consequences(self) -> list[str]:
        return ["只有登记错了才删除；不再乘坐的，请返回修改，填上结束日期。", *super().get_consequences()]


@allows(Act.BUS_VIEW)
class BusExport(LifeExport):
    """The riders of all running routes, a line each."""

    kind = BUS
    header = (
        "乘车方向",
        "车辆类别",
        "车牌号码",
        "核载人数",
        "司机姓名",
        "司机联系方式",
        "上下车地点",
        "接送人",
        "开始日期",
        "结束日期",
    )

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        rides = BusRide.objects.visible_to(staff, Level.READ).open(timezone.localdate())
        return rides.select_related("child__school_class__school", "route").order_by(
            "route__direction", "child__pinyin", "pk"
        )

    def lines(self, rows: Any) -> Iterable[Sequence[Any]]:
        return [
            [
                ride.route.direction, ride.route.get_vehicle_display(), ride.route.plate, ride.route.capacity,
                ride.route.driver_name, ride.route.driver_phone, ride.stop, ride.met_by, ride.starts_on, ride.ends_on,
            ]
            for ride in rows
        ]  # fmt: skip
