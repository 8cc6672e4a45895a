"""Forms of bus routes and of who rides on them."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.periods import chinese_date
from caretrack.web.forms import CareForm, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.forms.life.entry import EntryForm
from children.forms.life.grid import GridForm
from children.models import BusRide, BusRoute, Child, Enrollment

NOT_YET_HERE = "{name}{day}起在本校就读，乘车的日期不能更早。"


class RouteLabel(forms.ModelChoiceField):
    def label_from_instance(self, obj: BusRoute) -> str:
        return f"{obj.direction}（{obj.plate or obj.get_vehicle_display()}）"


class RouteForm(CareForm, forms.ModelForm):
    """One route: where to, which vehicle, who drives."""

    button = "保存线路"

    class Meta:
        model = BusRoute
        fields = (
            "school", "direction", "vehicle", "plate", "capacity", "driver_name", "driver_phone", "attendant",
        )  # fmt: skip
        widgets = {"vehicle": PillRadios}  # noqa: RUF012

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].queryset = schools
        self.fields["vehicle"].choices = BusRoute.Vehicle.choices
        self.fields["direction"].help_text = "如“栗坪村方向（上学）”；同一辆车跑两趟，请登记两条。"
        self.fields["capacity"].help_text = "行驶证上的核定载人数，不含司机和照管员。"
        if schools.count() == 1:
            self.fields["school"].widget = forms.HiddenInput()
            self.initial["school"] = schools.first()

    def layout(self) -> list[Any]:
        school = [] if self.fields["school"].widget.is_hidden else ["school"]
        return [
            *school,
            "direction",
            Section("车辆", "vehicle", Side("plate", "capacity")),
            Section("人员", Side("driver_name", "driver_phone"), "attendant"),
        ]


class RouteEditForm(VersionedForm, RouteForm):
    """The same for a route in service."""


class RideForm(EntryForm):
    """One pupil on one route."""

    class Meta:
        model = BusRide
        fields = ("route", "stop", "met_by", "starts_on", "ends_on")
        field_classes = {"route": RouteLabel}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = BusRoute.objects.filter(school=self.child.school_id).running(self.today)
        mine = BusRoute.objects.filter(pk=self.instance.route_id)
        self.fields["route"].queryset = (running | mine).order_by("direction", "pk")
        self.fields["ends_on"].help_text = "不再乘坐时填最后一天。"

    def layout(self) -> list[Any]:
        return ["route", Side("stop", "met_by"), Side("starts_on", "ends_on")]

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        here = Enrollment.objects.filter(child=self.child, school=self.child.school_id)
        came = here.first_days().get(self.child.pk, day)
        if day < came and "starts_on" in self.changed_data:
            raise ValidationError(NOT_YET_HERE.format(name=self.child.name, day=chinese_date(came)))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "结束日期不能早于开始日期。")
        return given


class RiderGrid(GridForm):
    """Who of a class rides on one route; who is no longer ticked gives the seat up."""

    model = BusRide
    ticks = "乘坐"
    shared = ("starts_on",)
    columns = ("stop", "met_by")
    starts_on = forms.DateField(label="从哪天起", help_text="新勾选的从这天起乘坐；取消勾选的乘到前一天。")

    def __init__(self, *args: Any, route: BusRoute, today: date, initial: Any = None, **kwargs: Any) -> None:
        self.route = route
        self.ended: list[BusRide] = []
        super().__init__(*args, today=today, initial={"starts_on": today, **(initial or {})}, **kwargs)

    def layout(self) -> list[Any]:
        return ["starts_on"]

    def clean(self) -> dict[str, Any]:
        self.ended = []
        here = Enrollment.objects.filter(child__in=self.children, school=self.route.school_id)
        self.came = here.first_days()
        return super().clean()

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        day, came = self.cleaned_data.get("starts_on"), self.came.get(child.pk)
        if day and came and day < came and child.pk not in self.present:
            self.refuse_row(child, NOT_YET_HERE.format(name=child.name, day=chinese_date(came)))

    def left_empty(self, child: Child, standing: Any) -> None:
        self.ended.append(standing)

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        return super().new_row(child, values | {"route": self.route})
