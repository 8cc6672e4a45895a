"""资助学生花名册 (rosters L14): one row a grant, so one child may stand in several rows."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, ClassVar

from caretrack.access.policy import Act, DataClass
from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from children.importing.normalise.text import as_text
from children.models import AidGrant
from children.tables.amounts import read_money
from children.tables.days import Terms, day_of
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Setting, register
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow


@dataclass(slots=True)
class _Stored:
    terms: Terms
    grants: dict[int, list[AidGrant]] = field(default_factory=lambda: defaultdict(list))
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)


@register
class AidTable(PupilTable):
    slug = "aid"
    title = "资助名单"
    lead = "生活补助、助学金、慰问物资：一笔一行，一名学生可以有几行。"
    unit = "笔"
    icon = "cash-coin"
    back, back_label = "children:aid_list", "查看资助"
    act = Act.AID_EDIT
    data = DataClass.ECONOMY
    fields: ClassVar = (
        *PUPIL,
        SCHOOL,
        Field("programme", "资助项目", "项目 资助名称 资助类型 资助类别 救助项目", example="生活补助"),
        Field("amount", "资助金额（元）", "金额 补助金额 发放金额 资助标准 补助标准", example="500"),
        Field("goods", "物资", "发放物资 慰问物资 物品 资助物资"),
        Field("on", "资助时间", "发放日期 发放时间 资助日期 时间 日期", text=True, example="2026-03-05"),
        Field("term", "学期", "资助学期 学年学期"),
        Field("source", "资金来源", "来源 资助单位 资助方 捐赠单位"),
        Field("batch", "批次"),
        Field("received_by", "签收人", "领取人 家长签字 监护人签字 签收"),
    )
    options: ClassVar = (
        Option("programme", "资助项目", "text", "表里没有这一列、或没有写的行，按这里登记。"),
        Option("on", "发放日期", "date", "表里没有写日期的行按这一天登记；都不填就用表头日期或今天。"),
    )
    hints: ClassVar = (
        "金额以元为单位；表头写明“万元”的会自动换算。发物品的填“物资”，金额可以不填。",
        "同一名学生同一天同一项目只登记一次；确实发了两笔，请用“批次”区分。",
        "银行卡号等学校不应收集的列不会导入。",
    )

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        stored = _Stored(Terms.of(setting))
        for grant in AidGrant.objects.filter(child__in=children).select_related("term"):
            stored.grants[grant.child_id].append(grant)
        return stored

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        programme = row.text("programme", 40) or setting.option("programme")
        amount = row.take("amount", read_money, title=row.title("amount"))
        goods, batch = row.text("goods", 100), row.text("batch", 30)
        source, received_by = row.text("source", 60), row.text("received_by", 50)
        on = day_of(row, "on" if row.has("on") or not row.has("term") else "term", pupil, setting, store.terms)
        if not programme:
            row.fail("programme", "没有写资助项目，请补上，如“生活补助”。")
        if amount is None and not goods and not row.failed:
            row.fail("amount", "金额和物资都没有写，至少填一样。")
        if row.failed or on is None:
            return
        key = (pupil.pk, programme, on, batch)
        first = store.seen.setdefault(key, row.number)
        if first != row.number:
            row.fail("programme", f"与第{first}行是同一名学生、同一天、同一项目。如果确实发了两笔，请用“批次”区分。")
            return
        facts: dict[str, Any] = {"amount": amount, "goods": goods, "source": source, "received_by": received_by}
        grant, term = _same(store.grants[pupil.pk], programme, on, batch), _stated_term(row, on, store.terms)
        if grant is None:
            term = term or store.terms.on(on)
            new = AidGrant(child_id=pupil.pk, programme=programme, on=on, batch=batch, term=term, **facts)
            laying.add(new, "programme", "amount", "goods", "on", "term", "batch", "source", "received_by")
        else:
            laying.put(grant, term=term, **facts)


def _same(grants: list[AidGrant], programme: str, on: Any, batch: str) -> AidGrant | None:
    """The stored grant that a row states again."""
    return next((one for one in grants if (one.programme, one.on, one.batch) == (programme, on, batch)), None)


def _stated_term(row: TableRow, on: dt.date, terms: Terms) -> Term | None:
    """The term that a row names; that it is another than that of the day is told, for it may be a slip or an arrear."""
    if not row.has("term"):
        return None
    stated, own = terms.named(as_text(row.values["term"])), terms.on(on)
    if stated is None:
        row.warn("term", f"没有找到学期“{as_text(row.values['term'])}”，按发放日期登记学期。")
    elif own not in (None, stated):
        row.warn("term", f"写的是{stated}，发放日期{chinese_date(on)}在{own}；按写的学期登记，请核对。")
    return stated
