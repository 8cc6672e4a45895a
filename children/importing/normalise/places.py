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
    DECEASED: "去世 已故 亡 死亡 病故 亡故 已去世 过世 已过世 病逝 已病逝 已病故 已亡 已死亡 不在世",
    MISSING: "失踪 已失踪 下落不明",
    IMPRISONED: "服刑或强制戒毒 服刑 服刑中 强制戒毒 戒毒 坐牢 在押",
    OUT_OF_TOUCH: "离异且无联系 改嫁失联 改嫁 已改嫁 失联 已失联 离家出走 出走 离异失联 跑了 无联系",
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
_WHOSE = ("", "父", "父亲", "爸", "爸爸", "其父", "母", "母亲", "妈", "妈妈", "其母")
_UNTOLD_WORDS = ("离异", "已离异", "离婚", "已离婚", "再婚", "分居", "单亲", "父母离异", "父母离婚")
_UNTOLD = frozenset(whose + word for whose in _WHOSE for word in _UNTOLD_WORDS)
_NO_NAMES = {whose + word: status for word, status in _STATUS.items() if status != UNKNOWN for whose in _WHOSE}
_WORKS_IN = re.compile(
    r"(?:父母|双亲|爸妈|父亲?|母亲?|爸爸?|妈妈?|其父|其母)?[都均也]?(?:长期|常年|一直|现)?[在去到]?(.{2,12}?)(?:打工|务工)"
)
_SECOND_SUBJECT = re.compile("[父母爸妈，,、；;。]|外出|在外|打工|务工")
_NOT_AWAY = (
    "本",
    "镇",
    "乡",
    "村",
    "县城",
    "附近",
    "家",
    "当地",
    "街",
    "没",
    "未",
    "不",
    "无",
    "曾",
    "以前",
    "准备",
    "想",
)
"""Where somebody works who may well sleep at home, or that nobody works away."""
_ANYWHERE = frozenset({"外", "外地", "外面", "外省", "外出", "省外", "在外"})
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


def status_for_name(name: str) -> str | None:
    """
    What the words say that stand where a parent's name belongs: 已故 is deceased, 离异 an empty text (it leaves open
    where the parent is), and None says that it is a name (fault 66).
    """
    return _NO_NAMES.get(name, "" if name in _UNTOLD else None)


def read_status(value: CellValue) -> Reading[str]:
    """A parent's status from a 父亲状况 column (domain §3.2); ``detail`` is the place where the words name one."""
    word = fold(value)
    if word in _STATUS:
        status = _STATUS[word]
        return Reading(status, remarks=care_needed(status, value))
    if (works := _WORKS_IN.fullmatch(word)) and not works[1].startswith(_NOT_AWAY):
        return Reading(AWAY_WORK, "" if works[1] in _ANYWHERE else works[1])
    if is_dash(value):
        return Reading(None, remarks=(dash_question(),))
    if is_nothing(value):
        return Reading(None)
    return Reading(None, remarks=(_unclear(value),))


def work_place_in(word: str) -> str:
    """The one place of work that folded words about the parents name (父母均在广东打工); empty for none or several."""
    works = _WORKS_IN.fullmatch(word)
    if not works or works[1].startswith(_NOT_AWAY) or works[1] in _ANYWHERE or _SECOND_SUBJECT.search(works[1]):
        return ""
    return works[1]


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
    if leaves_open(word):
        return Reading(None, remarks=(_unclear(value),))
    if word in _REGIONS:
        return Reading(Whereabouts(AWAY_WORK, region=word))
    if word.startswith(("在家", "务农")):
        return Reading(Whereabouts(AT_HOME))
    return Reading(Whereabouts(AWAY_WORK, tidy(value)))


def leaves_open(word: str) -> bool:
    """True for folded words that say how the parents stand to each other, not where one is: 离异, 父母离婚."""
    return word in _UNTOLD


def _unclear(value: CellValue) -> Remark:
    sentence = f"“{as_text(value)}”看不出是在家、外出还是其他状况，请到学生档案里补上。"
    return question("parent_status_unclear", sentence)


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
