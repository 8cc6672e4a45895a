"""Measures of a health check as schools write them: metres or centimetres, jin or kilograms, two kinds of eye chart."""

import re
from dataclasses import dataclass
from decimal import Decimal

from children.importing.normalise.reading import Reading, error, fixed
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue
from children.tables.amounts import read_number

_UNITS = re.compile(r"(厘米|公分|千克|公斤|毫升|cm|kg|ml|米|斤|m)$")
_SIGHT_DECIMAL, _SIGHT_FIVE = (Decimal("0.1"), Decimal("2.0")), (Decimal("3.0"), Decimal("5.3"))
_PRESSURE = re.compile(r"(\d{2,3})[/／\-](\d{2,3})(?:mmhg)?$")


@dataclass(frozen=True, slots=True)
class Scale:
    """A measure: its name, what is possible for a pupil, and a smaller or larger unit schools also use."""

    name: str
    unit: str
    least: int
    most: int
    other: str = ""
    factor: Decimal = Decimal(1)


HEIGHT = Scale("身高", "厘米", 60, 220, "米", Decimal(100))
WEIGHT = Scale("体重", "千克", 8, 180, "斤", Decimal("0.5"))
LUNG = Scale("肺活量", "毫升", 200, 8000)
CHEST = Scale("胸围", "厘米", 35, 150)


def read_measure(value: CellValue, *, scale: Scale, title: str = "") -> Reading[Decimal]:
    """
    A measure in the scale's own unit. The unit in the cell comes first, then that of the column's title.

    A height below three can only be metres; anything else outside what is possible is refused (rosters fault 72).
    """
    if is_nothing(value):
        return Reading(None)
    text = fold(value)
    unit = found[1] if (found := _UNITS.search(text)) else ""
    reading = read_number(text[: -len(unit)] if unit else value)
    if reading.value is None:
        return reading
    stated = reading.value
    in_other = bool(scale.other) and (
        unit in (scale.other, "m") if unit else _titled_in(title, scale) or (scale is HEIGHT and stated < 3)
    )
    number = stated * scale.factor if in_other else stated
    if not scale.least <= number <= scale.most:
        sentence = f"{scale.name} {stated.normalize():f} 不像{scale.unit}数，请核对数字和单位。"
        return Reading(None, remarks=(error("measure_impossible", sentence),))
    number = number.quantize(Decimal("0.1"))
    if not in_other:
        return Reading(number)
    return Reading(
        number, remarks=(fixed("measure_unit", f"{scale.name}已换算成 {number.normalize():f} {scale.unit}。"),)
    )


def _titled_in(title: str, scale: Scale) -> bool:
    """Whether the column's title counts in the other unit: 身高（米）, 体重（斤）, but not 公斤 or 厘米."""
    return bool(re.search(rf"[(（【\[]{scale.other}[)）】\]]", title))


def read_sight(value: CellValue) -> Reading[Decimal]:
    """Eyesight on the decimal chart (0.1–2.0) or the five-point chart (3.0–5.3)."""
    reading = read_number(value)
    if reading.value is None:
        return reading
    number = reading.value.quantize(Decimal("0.1"))
    if any(least <= number <= most for least, most in (_SIGHT_DECIMAL, _SIGHT_FIVE)):
        return Reading(number)
    sentence = f"视力 {reading.value.normalize():f} 不在 0.1–2.0 或 3.0–5.3 之间，请核对。"
    return Reading(None, remarks=(error("sight_impossible", sentence),))


def read_both_sights(value: CellValue) -> Reading[tuple[CellValue, CellValue]]:
    """One cell for both eyes, left first: 5.0/4.9."""
    if is_nothing(value):
        return Reading(None)
    parts = [part for part in re.split(r"[/／、,，;；\s]+", as_text(value).strip()) if part]
    if len(parts) == 1:
        return Reading((parts[0], parts[0]))
    if len(parts) == 2:
        return Reading((parts[0], parts[1]))
    return Reading(None, remarks=(error("sight_unclear", "两眼视力请写成“左/右”，如 5.0/4.9。"),))


def read_pressure(value: CellValue) -> Reading[str]:
    """Blood pressure as 110/70."""
    if is_nothing(value):
        return Reading(None)
    found = _PRESSURE.match(fold(value))
    if found is None or int(found[2]) >= int(found[1]):
        return Reading(None, remarks=(error("pressure_unclear", f"血压“{as_text(value)}”请写成 110/70 这样。"),))
    return Reading(f"{found[1]}/{found[2]}")
