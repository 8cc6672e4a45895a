"""The grid of a check-up. A day is often entered in pieces: what stands of it is shown and completed, never doubled."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from caretrack.periods import chinese_date
from caretrack.web.forms import Side
from caretrack.web.numbers import numbers
from children.forms.life.entry import BLOOD_PRESSURE, MEASURES
from children.forms.life.grids import DatedGrid
from children.models import Child, HealthCheck
from children.models.life import is_blank

STANDS = "这一天已登记{what}，与您填的不同。原有的内容已补进空格；核对后再按一次保存，就以这一行为准。"
OTHER_DAY = "这一行先前显示的是{day}的检查。核对后再按一次保存，就登记到新的日期。"
NOT_MOVED = "名单里显示的是{day}的检查，没有填写新日期的内容。日期登记错了，请在健康检查列表里逐条更正。"
NOT_EMPTIED = "已登记的检查不在这里清空；登记错了请从健康检查列表里删除。"
LOOKED_AT = "已登记复查结果，不能取消“需复查”。"


def _day(data: Any) -> date | None:
    try:
        return forms.DateField().clean(data.get("on"))
    except ValidationError:
        return None


def _as_sent(value: Any) -> str:
    """A value of a cell or of a check in one form, so that 132.50 and 132.5 are the same and nothing is nothing."""
    if is_blank(value):
        return ""
    try:
        return _typed(Decimal(str(value))) if not isinstance(value, bool) else _typed(value)
    except InvalidOperation:
        return str(value).strip()


def _typed(value: Any) -> str:
    """A value as a cell would send it."""
    if value is True:
        return "on"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


class HealthGrid(DatedGrid):
    """
    A check-up of a whole class; lines left empty are pupils who were absent.

    `standing` gives the checks of a day that this person may change (child id → check). Each line carries the check
    that it shows, so that a page opened before, or for another day, completes what stands and overwrites nothing.
    `typed` are cells written on a page for another day: they stand in the lines of this one.
    """

    model = HealthCheck
    shared = ("on", "place")
    columns = HealthCheck.findings
    on = forms.DateField(label="检查日期")
    place = forms.CharField(label="检查单位", max_length=80, required=False)
    heads = ("身高", "体重", "左眼", "右眼", "血压", "肺活量", "胸围", "五官", "结论", "需复查")

    def __init__(
        self,
        *args: Any,
        today: date,
        standing: Callable[[date], Mapping[int, HealthCheck]],
        initial: Any = None,
        typed: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        data = kwargs.get("data")
        present = standing((initial or {}).get("on", today) if data is None else _day(data) or today)
        places = {check.place for check in present.values()}
        start = {"place": places.pop() if len(places) == 1 else "", **(initial or {})}
        start |= {f"check_{pk}": check.pk for pk, check in present.items()}
        super().__init__(*args, today=today, present=present, initial=start, **kwargs)
        self.initial |= typed or {}
        for child in self.children:
            self.fields[f"check_{child.pk}"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        self.carried = {} if data is None else self._of_another_day(data)

    def _of_another_day(self, data: Any) -> dict[int, HealthCheck]:
        sent = {child.pk: data.get(f"check_{child.pk}", "") for child in self.children}
        here = {str(check.pk) for check in self.present.values()}
        asked = numbers(pk for pk in sent.values() if pk not in here)
        found = HealthCheck.objects.filter(pk__in=asked, child__in=sent) if asked else []
        return {check.child_id: check for check in found if sent[check.child_id] == str(check.pk)}

    @property
    def day(self) -> date:
        """The day that the lines are asked for."""
        return (_day(self.data) if self.is_bound else self.initial.get("on")) or self.today

    def typed(self) -> dict[str, Any]:
        """The cells of a sent page that hold something else than what it showed, as they were typed."""
        found = {}
        for child in self.children:
            shown = self.carried.get(child.pk) or self.present.get(child.pk)
            if shown is not None and str(shown.pk) != self.data.get(f"check_{child.pk}"):
                shown = None
            for name in self.columns:
                box = self[f"{name}_{child.pk}"]
                value = box.field.widget.value_from_datadict(self.data, {}, box.html_name)
                was = getattr(shown, name) if shown is not None else None
                if _as_sent(value) != _as_sent(was):
                    found[box.html_name] = value
        return found

    @classmethod
    def cell(cls, name: str) -> forms.Field:
        if name == "blood_pressure":
            return forms.RegexField(
                label="血压", required=False, regex=BLOOD_PRESSURE, max_length=10,
                error_messages={"invalid": "请按 110/70 的样子填写。"},
            )  # fmt: skip
        field = super().cell(name)
        if isinstance(field, forms.DecimalField):
            # Without a limit of digits: a slip of the keys is told by the range, in words that a teacher knows.
            return forms.DecimalField(label=field.label, required=False, decimal_places=1)
        return field

    @classmethod
    def column_labels(cls) -> list[str]:
        return list(cls.heads)

    def layout(self) -> list[Any]:
        return [Side("on", "place")]

    def nothing_written(self) -> None:
        if not self.carried:
            super().nothing_written()
        else:
            self.add_error("on", NOT_MOVED.format(day=chinese_date(next(iter(self.carried.values())).on)))

    def taken(self, child: Child) -> bool:
        other = self.carried.get(child.pk)
        if other is not None and all(
            (self.cleaned_data.get(f"{name}_{child.pk}") or None) == (getattr(other, name) or None)
            for name in self.columns
        ):
            return False
        return super().taken(child)

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        super().check_row(child, values)
        for name, (low, high, unit) in MEASURES.items():
            value = values[name]
            if value is not None and not low <= value <= high:
                self.add_error(f"{name}_{child.pk}", f"请核对：应在{low:g}到{high:g}{unit}之间。")
        standing = self.present.get(child.pk)
        if standing is not None and standing.followed_up_on and self._shows(standing) and not values["needs_follow_up"]:
            self.add_error(f"needs_follow_up_{child.pk}", LOOKED_AT)
        if (other := self.carried.get(child.pk)) is not None:
            self._send({f"check_{child.pk}": "", f"version_{child.pk}": ""})
            self.refuse_row(child, OTHER_DAY.format(day=chinese_date(other.on)))

    def left_empty(self, child: Child, standing: HealthCheck) -> None:
        if self._shows(standing):
            self.refuse_row(child, NOT_EMPTIED)

    def row_changed(self, child: Child, standing: HealthCheck) -> bool:
        if self._place(standing) != standing.place:
            return True
        if self._shows(standing):
            return super().row_changed(child, standing)
        return any(getattr(standing, name) != value for name, value in self._written(child.pk).items())

    def not_overtaken(self, child: Child, standing: HealthCheck) -> bool:
        if self._shows(standing):
            return super().not_overtaken(child, standing)
        heads = dict(zip(self.columns, self.heads, strict=True))
        written = self._written(child.pk)
        stands = {name: was for name in self.columns if not is_blank(was := getattr(standing, name))}
        clash = [f"{heads[name]}{_typed(was)}" for name, was in stands.items() if written.get(name, was) != was]
        if not clash:
            return True
        gaps = {f"{name}_{child.pk}": _typed(was) for name, was in stands.items() if name not in written}
        self._send(gaps | {f"check_{child.pk}": str(standing.pk), f"version_{child.pk}": str(standing.version)})
        self.refuse_row(child, STANDS.format(what="、".join(clash)))
        return False

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        return super().new_row(child, self._plain(values))

    def update_row(self, standing: HealthCheck, values: dict[str, Any]) -> Any:
        place = self._place(standing)
        shown = self._plain(values) if self._shows(standing) else self._written(standing.child_id)
        return super().update_row(standing, shown | {"place": place})

    def _shows(self, standing: HealthCheck) -> bool:
        """Whether the line was filled from this very check, so that an empty cell in it is meant."""
        return bool(self.cleaned_data.get(f"check_{standing.child_id}") == standing.pk)

    def _written(self, child: int) -> dict[str, Any]:
        values = {name: self.cleaned_data.get(f"{name}_{child}") for name in self.columns}
        return {name: value for name, value in values.items() if not is_blank(value)}

    def _place(self, standing: HealthCheck) -> str:
        """Where the check was made: a place typed anew holds for all lines, but never for a check not shown here."""
        given: str = self.cleaned_data.get("place") or ""
        anew = bool(given) and "place" in self.changed_data and (not standing.place or self._shows(standing))
        return given if anew else standing.place

    @staticmethod
    def _plain(values: dict[str, Any]) -> dict[str, Any]:
        return values | {name: "" for name in ("blood_pressure", "face", "finding") if values[name] is None}

    def _send(self, values: dict[str, str]) -> None:
        """Answer the refused page with these cells, as if they had been sent."""
        self.data = self.data.copy()
        for name, value in values.items():
            self.data[name] = value
