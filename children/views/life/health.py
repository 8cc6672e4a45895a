"""健康检查: values, conclusion, and whether the second look was taken (domain §7.9, §13 no. 82)."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from caretrack.access.gates import allows
from caretrack.access.history import save_if_unchanged
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.web.versions import KeepsVersion
from children.forms.life.entry import FollowUpForm, HealthForm
from children.forms.life.filters import HealthFilter
from children.forms.life.health_grid import HealthGrid
from children.life.figures import health_figures
from children.models import HealthCheck
from children.sight import Sight
from children.views.life.entries import EntryDelete, EntryPage, OneEntry
from children.views.life.grids import GridPage
from children.views.life.kinds import HEALTH
from children.views.life.lists import Cell, EntryList, LifeExport

EXPORTED = (
    "on", "place", "height_cm", "weight_kg", "sight_left", "sight_right", "blood_pressure", "lung_ml", "chest_cm",
    "face", "finding", "needs_follow_up", "followed_up_on", "follow_up_result",
)  # fmt: skip


def labels(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(HealthCheck._meta.get_field(name).verbose_name) for name in names)  # type: ignore[union-attr]


def measure(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def follow_up_state(check: HealthCheck) -> tuple[str, str]:
    """Words and tone of how far the second look has come."""
    if not check.needs_follow_up:
        return "", ""
    if check.followed_up_on is None:
        return "待复查", "warn"
    return f"{check.followed_up_on:%m-%d}已复查", "good"


def eyes(check: HealthCheck) -> str:
    """左5.0 右4.8, as far as measured."""
    pairs = (("左", check.sight_left), ("右", check.sight_right))
    return " ".join(f"{side}{value}" for side, value in pairs if value is not None)


@allows(Act.HEALTH_VIEW)
class HealthList(EntryList):
    kind = HEALTH
    filter_class = HealthFilter
    unit = "人次"
    empty_text = "还没有登记健康检查。"
    empty_hint = "体检那天可以按班登记，一张表一次保存。"

    def get_queryset(self, staff: Any) -> Any:
        return super().get_queryset(staff).order_by("-on", "child__pinyin", "-pk")

    def cells(self, item: HealthCheck, sight: Sight) -> list[Cell]:
        words, tone = follow_up_state(item)
        return [
            Cell("日期", str(item.on)),
            Cell("身高（cm）", measure(item.height_cm), number=True),
            Cell("体重（kg）", measure(item.weight_kg), number=True),
            Cell("视力", eyes(item)),
            Cell("血压", item.blood_pressure),
            Cell("结论", item.finding),
            Cell("复查", words, tone=tone),
        ]

    def next_act(self, item: HealthCheck) -> tuple[str, str]:
        if item.needs_follow_up and item.followed_up_on is None:
            return f"{HEALTH.url('follow_up', item.child_id, item.pk)}?from=list", "登记复查"
        return "", ""

    def totals(self, rows: Any) -> dict[str, Any]:
        return {"health": health_figures(rows)}


@allows(Act.HEALTH_VIEW)
class HealthExport(LifeExport):
    kind = HEALTH
    filter_class = HealthFilter
    header = labels(EXPORTED)

    def get_queryset(self, staff: Any) -> Any:
        rows = HealthCheck.objects.visible_to(staff).select_related("child__school_class__school")
        return rows.order_by("-on", "child__pinyin", "-pk")

    def lines(self, rows: Any) -> Iterable[Sequence[Any]]:
        return [[getattr(row, name) for name in EXPORTED] for row in rows]


@allows(Act.HEALTH_EDIT)
class HealthEntry(EntryPage):
    kind = HEALTH
    form_class = HealthForm


@allows(Act.HEALTH_EDIT)
class HealthDelete(EntryDelete):
    kind = HEALTH

    def told(self) -> str:
        return f"{chinese_date(self.row.on)}{'，' + self.row.finding if self.row.finding else ''}"


@allows(Act.HEALTH_EDIT)
class HealthFollowUp(OneEntry, KeepsVersion):
    """The second look, beside what the first one found."""

    kind = HEALTH
    form_class = FollowUpForm

    def prepare(self) -> None:
        super().prepare()
        if not self.row.needs_follow_up:
            raise Http404

    def find_row(self) -> HealthCheck:
        return self.row  # type: ignore[no-any-return]  # found with the child, see OneEntry

    def get_heading(self) -> str:
        return f"登记{self.child.name}的复查"

    def get_lead(self) -> str:
        found = self.row.finding or "没有写结论"
        return f"{chinese_date(self.row.on)}检查：{found}。"

    def draft_key(self) -> str:
        return f"health:{self.row.pk}:follow_up"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"since": self.row.on, "today": self.today}

    def stored(self, row: HealthCheck) -> dict[str, Any]:
        return {"followed_up_on": row.followed_up_on or self.today, "follow_up_result": row.follow_up_result}

    def save(self, form: Any) -> Any:
        given, row = form.cleaned_data, self.row
        row.followed_up_on, row.follow_up_result = given["followed_up_on"], given["follow_up_result"]
        save_if_unchanged(row, version=given["version"])
        note(self.request, Event.WRITE, self.child, detail="health:follow_up")
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的复查已登记。"


@allows(Act.HEALTH_EDIT)
class HealthMany(GridPage):
    kind = HEALTH
    grid = HealthGrid
    lead = "没到的学生整行空着；这一天已登记的会显示出来，可以接着填。一格一格填，或从 Excel 复制一列贴进来。"
    template_name = "children/life/health_grid.html"

    def get_initial(self) -> dict[str, Any]:
        try:
            day = date.fromisoformat(self.request.GET.get("on", ""))
        except ValueError:
            return {}
        return {"on": min(day, self.today)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.another_day() if "another_day" in request.POST else super().post(request, *args, **kwargs)

    def another_day(self) -> HttpResponse:
        """The lines of the day that was chosen, with what was typed on this page; nothing is saved."""
        sent = self.get_form()
        typed = sent.typed()
        start = {"on": min(sent.day, self.today)} | ({"place": sent.data["place"]} if sent.data.get("place") else {})
        given = self.get_form_kwargs() | {"data": None, "files": None, "initial": start, "typed": typed}
        form = self.get_form_class()(**given)
        form.cancel_url, form.sheet = sent.cancel_url, sent.sheet
        lines = {name.rpartition("_")[2] for name in typed}
        kept = f"，您填的 {len(lines)} 行还在，保存后登记到这一天" if lines else ""
        moved = f"现在显示的是{chinese_date(form.day)}的登记{kept}。还没有保存。"
        return self.render_to_response(self.get_context_data(form=form, moved_words=moved))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"moved_words": "", **kwargs})

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"standing": self.standing}

    def standing(self, day: date) -> dict[int, HealthCheck]:
        """The checks of `day` about the pupils of the grid; of two on one day the later one."""
        checks = HealthCheck.objects.visible_to(self.request.user).filter(child__in=self.children, on=day)
        return {check.child_id: check for check in checks.select_related("change").order_by("pk")}
