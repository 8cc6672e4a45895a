"""资助 and 奖励: one for a pupil, one list for many; heads, occurrences and money apart (domain §7.10, §7.11)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.policy import Act, DataClass, Level
from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from children.forms.life.aid import AidForm, AidGrid
from children.forms.life.entry import AwardForm
from children.forms.life.filters import AidFilter, AwardFilter
from children.forms.life.grids import AwardGrid
from children.left_behind import Definition
from children.life.figures import aid_figures, award_figures, yuan
from children.models import AidGrant, Award
from children.queries import left_behind_ids
from children.sight import Sight
from children.views.life.entries import EntryDelete, EntryPage
from children.views.life.grids import GridPage, Group
from children.views.life.kinds import AID, AWARDS
from children.views.life.lists import Cell, EntryList, LifeExport

AID_EXPORTED = ("programme", "source", "amount", "goods", "on", "term", "batch", "received_by")
AWARD_EXPORTED = ("title", "scope", "on", "evidence")


def labels(model: Any, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(model._meta.get_field(name).verbose_name) for name in names)


def what_was_given(grant: AidGrant) -> str:
    """600 元, 棉被1床, or both."""
    money = f"{yuan(grant.amount)} 元" if grant.amount is not None else ""
    return "，".join(filter(None, [money, grant.goods]))


@allows(Act.AID_VIEW)
class AidList(EntryList):
    kind = AID
    filter_class = AidFilter
    unit = "人次"
    empty_text = "还没有登记资助。"
    empty_hint = "一次资助可以在名单里勾选多名学生，一次保存。"

    def get_queryset(self, staff: Any) -> Any:
        return super().get_queryset(staff).order_by("-on", "programme", "child__pinyin", "-pk")

    def cells(self, item: AidGrant, sight: Sight) -> list[Cell]:
        return [
            Cell("日期", str(item.on)),
            Cell("项目", item.programme),
            Cell("来源", item.source),
            Cell("金额（元）", yuan(item.amount) if item.amount is not None else "", number=True),
            Cell("物资", item.goods),
            Cell("批次", item.batch),
            Cell("签收人", item.received_by),
        ]

    def totals(self, rows: Any) -> dict[str, Any]:
        total, by_programme = aid_figures(rows)
        return {"aid": total, "by_programme": by_programme}


@allows(Act.AID_VIEW)
class AidExport(LifeExport):
    kind = AID
    filter_class = AidFilter
    header = labels(AidGrant, AID_EXPORTED)

    def get_queryset(self, staff: Any) -> Any:
        rows = AidGrant.objects.visible_to(staff).select_related("child__school_class__school", "term")
        return rows.order_by("-on", "programme", "child__pinyin", "-pk")

    def lines(self, rows: Any) -> Iterable[Sequence[Any]]:
        return [[getattr(row, name) for name in AID_EXPORTED] for row in rows]


@allows(Act.AID_EDIT)
class AidEntry(EntryPage):
    kind = AID
    form_class = AidForm


@allows(Act.AID_EDIT)
class AidDelete(EntryDelete):
    kind = AID

    def told(self) -> str:
        return f"{chinese_date(self.row.on)} {self.row.programme} {what_was_given(self.row)}"


class ManyPicked(GridPage):
    """A list in which pupils are ticked; besides the classes it offers groups across them."""

    def across(self) -> list[Group]:
        if not self.writable().exists():
            return []
        return [Group("hardship", "困难家庭学生（全部班级）"), Group("left", "留守学生（全部班级）")]

    def of_group(self, children: Any, key: str) -> Any:
        if key == "left":
            return children.filter(pk__in=left_behind_ids(children, Definition.SEED, timezone.localdate()))
        return children.visible_to(self.request.user, DataClass.ECONOMY, Level.READ).exclude(hardship=[])


@allows(Act.AID_EDIT)
class AidMany(ManyPicked):
    kind = AID
    grid = AidGrid
    lead = "上面写一次，名单里勾选领到的学生；金额不同的在那一行单独填。"

    def get_form_kwargs(self) -> dict[str, Any]:
        schools = {child.school_id for child in self.children}
        return super().get_form_kwargs() | {"terms": Term.objects.filter(school__in=schools)}


@allows(Act.AWARD_VIEW)
class AwardList(EntryList):
    kind = AWARDS
    template_name = "children/life/awards.html"
    filter_class = AwardFilter
    unit = "人次"
    empty_text = "还没有登记奖励。"
    empty_hint = "一次表彰可以在名单里勾选多名学生，一次保存。"

    def get_queryset(self, staff: Any) -> Any:
        return super().get_queryset(staff).order_by("-on", "title", "child__pinyin", "-pk")

    def cells(self, item: Award, sight: Sight) -> list[Cell]:
        return [
            Cell("日期", str(item.on)),
            Cell("称号", item.title),
            Cell("级别", item.get_scope_display()),
            Cell("依据", item.evidence),
        ]

    def totals(self, rows: Any) -> dict[str, Any]:
        return {"award": award_figures(rows)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_view = self.request.user.may(Act.HONOUR_VIEW)  # type: ignore[union-attr]
        return super().get_context_data(**kwargs) | {"sees_rounds": may_view}


@allows(Act.AWARD_VIEW)
class AwardExport(LifeExport):
    kind = AWARDS
    filter_class = AwardFilter
    header = labels(Award, AWARD_EXPORTED)

    def get_queryset(self, staff: Any) -> Any:
        rows = Award.objects.visible_to(staff).select_related("child__school_class__school")
        return rows.order_by("-on", "title", "child__pinyin", "-pk")

    def lines(self, rows: Any) -> Iterable[Sequence[Any]]:
        return [[row.title, row.get_scope_display(), row.on, row.evidence] for row in rows]


@allows(Act.AWARD_EDIT)
class AwardEntry(EntryPage):
    kind = AWARDS
    form_class = AwardForm


@allows(Act.AWARD_EDIT)
class AwardDelete(EntryDelete):
    kind = AWARDS

    def told(self) -> str:
        return f"{chinese_date(self.row.on)} {self.row.title}"


@allows(Act.AWARD_EDIT)
class AwardMany(ManyPicked):
    kind = AWARDS
    grid = AwardGrid
    lead = "上面写一次，名单里勾选获奖的学生。"
