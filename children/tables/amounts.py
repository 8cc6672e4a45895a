"""Numbers with units as schools write them: money, measures, marks (rosters fault 72)."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from children.importing.normalise.reading import Reading, error, fixed, warning
from children.importing.normalise.text import as_text, cell_error, is_cell_error, is_nothing, tidy
from children.importing.sheets import CellValue

TEN_THOUSAND = Decimal(10_000)
UNUSUAL_AID = Decimal(20_000)
_NUMBER = re.compile(r"^[¥￥]?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(万元|万|元|圆)?(?:整|/人)?$")


def read_number(value: CellValue) -> Reading[Decimal]:
    """A plain number in a number or text cell; a unit behind it is not taken for granted."""
    if is_cell_error(value):
        return Reading(None, remarks=(cell_error(tidy(value)),))
    if is_nothing(value):
        return Reading(None)
    text = unicodedata.normalize("NFKC", as_text(value)).replace(" ", "").lstrip("'’")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or isinstance(value, bool):
        return Reading(None, remarks=(error("number_invalid", f"“{tidy(value)}”不是数字，请只填数字。"),))
    return Reading(number)


def read_money(value: CellValue, *, title: str = "") -> Reading[Decimal]:
    """
    Yuan. ``title`` is the column's title, which may count in 万元; a unit in the cell comes first.

    Amounts far from what a pupil is granted are shown, and an amount that only fits another unit is refused.
    """
    if is_cell_error(value):
        return Reading(None, remarks=(cell_error(tidy(value)),))
    if is_nothing(value):
        return Reading(None)
    text = unicodedata.normalize("NFKC", as_text(value)).replace(" ", "").lstrip("'’")
    found = _NUMBER.match(text)
    if found is None:
        sentence = f"“{tidy(value)}”不是金额，请只填数字，单位是元；发的是物品请填到“物资”一列。"
        return Reading(None, remarks=(error("money_invalid", sentence),))
    unit = found[2] or ("万元" if "万元" in unicodedata.normalize("NFKC", title) else "元")
    stated = Decimal(found[1].replace(",", ""))
    if not unit.startswith("万"):
        return _checked_money(stated, ())
    if stated >= 100:
        sentence = f"按表头的单位是 {stated} 万元，一名学生不会这么多，多半其实是元。请改正表头或数字。"
        return Reading(None, remarks=(error("money_unit", sentence),))
    yuan = stated * TEN_THOUSAND
    return _checked_money(yuan, (fixed("money_unit", f"单位是万元，按 {yuan.normalize():f} 元登记。"),))


def _checked_money(yuan: Decimal, remarks: tuple) -> Reading[Decimal]:  # type: ignore[type-arg]
    if yuan <= 0:
        return Reading(None, remarks=(error("money_zero", "金额要大于 0；没有发放的学生请删去这一行。"),))
    if yuan != yuan.quantize(Decimal("0.01")) or yuan >= 10_000_000:
        return Reading(None, remarks=(error("money_invalid", f"{yuan} 元不像金额，请核对后改正。"),))
    if yuan > UNUSUAL_AID:
        remarks = (*remarks, warning("money_large", f"{yuan} 元比常见的资助高很多，请核对单位。"))
    return Reading(yuan.quantize(Decimal("0.01")), remarks=remarks)
