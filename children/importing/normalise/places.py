"""Where a parent works, and what the same cell often says instead: at home, dead, in prison (rosters §4, fault 66)."""

import re
from dataclasses import dataclass

from children.importing.findings import Remark
from children.importing.normalise.reading import Reading, question, warning
from children.importing.normalise.text import as_text, cell_error, fold, is_cell_error, is_nothing, tidy
from children.importing.sheets import CellValue

AT_HOME, AWAY_WORK, AWAY_OTHER, DECEASED, MISSING = "at_home", "away_work", "away_other", "deceased", "missing"
IMPRISONED, OUT_OF_TOUCH, UNKNOWN = "imprisoned_or_detox", "divorced_no_contact", "unknown"
_STATUS_WORDS = {
    AT_HOME: "在家 在家务农 务农 在村 本地 家里 在家照顾 已返乡 返乡 在家带娃 本村",
    AWAY_WORK: "外出务工 务工 打工 外出打工 外出 在外务工 外出(务工)",
    AWAY_OTHER: "外出(其他) 外出其他 外出求学 外出经商 经商",
    DECEASED: "去世 已故 亡 死亡 病故 亡故 已去世 过世 病逝",
    MISSING: "失踪 下落不明",
    IMPRISONED: "服刑或强制戒毒 服刑 强制戒毒 戒毒 坐牢 在押",
    OUT_OF_TOUCH: "离异且无联系 改嫁失联 改嫁 失联 离家出走 离异失联",
    UNKNOWN: "不详 未知 不清楚",
}
STATUS_IN_TEMPLATE = {
    AT_HOME: "在家",
    AWAY_WORK: "外出务工",
    AWAY_OTHER: "外出(其他)",
    DECEASED: "去世",
    MISSING: "失踪",
    IMPRISONED: "服刑或强制戒毒",
    OUT_OF_TOUCH: "离异且无联系",
}
"""The words of the template's list; what is not known is left blank."""
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_HARD = frozenset({DECEASED, MISSING, IMPRISONED, OUT_OF_TOUCH})
_REGIONS = frozenset({"县内", "县外", "省内", "省外", "境外", "省内县外", "国外"})
_DASHES = frozenset({"—", "——", "一一"})
_PHONE_BEHIND = re.compile(r"[\s:：,，/]*((?:电话)?[\s:：]*(?:\+?86)?1[3-9][\d\s-]{9,}|0\d{2,3}-?\d{7,8}).*$")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A parent's situation: status code, work place as written, or a region class instead of a place."""

    status: str | None = None
    place: str = ""
    region: str = ""


def read_status(value: CellValue) -> Reading[str]:
    """A parent's status from a 父亲状况 column (domain §3.2)."""
    word = fold(value)
    if word in _STATUS:
        status = _STATUS[word]
        return Reading(status, remarks=care_needed(status, value))
    if is_dash(value):
        return Reading(None, remarks=(dash_question(),))
    if is_nothing(value):
        return Reading(None)
    sentence = f"不认识的状况“{as_text(value)}”，请从下拉选项里选。"
    return Reading(None, remarks=(question("parent_status_unclear", sentence),))


def read_whereabouts(value: CellValue) -> Reading[Whereabouts]:
    """What a 务工地 column says: 在家 is a status, 省外 a region, everything else a place where the parent works."""
    if is_cell_error(value):
        return Reading(None, remarks=(cell_error(as_text(value)),))
    word = fold(value)
    if is_dash(value):
        return Reading(None, remarks=(dash_question(),))
    if word in _STATUS and _STATUS[word] != UNKNOWN:
        status = _STATUS[word]
        return Reading(Whereabouts(status), remarks=care_needed(status, value))
    if is_nothing(value):
        return Reading(None)
    if word in _REGIONS:
        return Reading(Whereabouts(AWAY_WORK, region=word))
    if word.startswith(("在家", "务农")):
        return Reading(Whereabouts(AT_HOME))
    return Reading(Whereabouts(AWAY_WORK, tidy(value)))


def is_at_home(value: CellValue) -> bool:
    """True for 务农, 在家 and the like, which some sheets write where a place of work belongs."""
    return _STATUS.get(fold(value)) == AT_HOME


def split_place_and_phone(value: CellValue) -> tuple[CellValue, CellValue]:
    """浙江义乌 138 0000 0004 as its place and its phone (rosters §2, L8)."""
    if not isinstance(value, str):
        return value, None
    found = _PHONE_BEHIND.search(value)
    if found is None:
        return value, None
    place = value[: found.start()].strip()
    return place or None, value[found.start() :].strip(" :：,，/")


def care_needed(status: str, value: CellValue) -> tuple[Remark, ...]:
    """The reminder for a parent who is dead, missing, in prison or out of touch; nothing for others (fault 66)."""
    if status not in _HARD:
        return ()
    sentence = (
        f"父母一方“{as_text(value).strip()}”，已按状况保存；请核实是否属于孤儿或事实无人抚养，名单上不会显示这一项。"
    )
    return (warning("parent_status", sentence),)


def is_dash(value: CellValue) -> bool:
    """True for the dash that the civil form writes for a person who has died."""
    return as_text(value).strip() in _DASHES


def dash_question() -> Remark:
    """The question for a dash in a family member's cell: deceased by the civil form's rule, or merely empty."""
    return question("parent_dash", "“—”在民政登记表里表示已故，也可能只是没填，请核实后填写清楚。")
