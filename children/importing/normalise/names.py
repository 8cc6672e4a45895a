"""Names of people, by the rules of rosters §4 "Name"."""

import re

from children.importing.findings import Fate, Remark
from children.importing.normalise.reading import Reading, error, fixed, warning
from children.importing.normalise.text import EMPTY_WORDS, cell_error, is_cell_error, is_nothing, tidy
from children.importing.sheets import CellValue

MIDDLE_DOT = "·"
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f〇"
_DOTS = re.compile(rf"(?<=[{_HAN}])\s*[·•・･．.‧∙●﹒]\s*(?=[{_HAN}])")
_CHINESE = re.compile(rf"[{_HAN} ·•・･．.‧∙●﹒]+")
_ORDINARY = re.compile("[\u4e00-\u9fff]{2,4}")
"""A name that no rule changes: most names are such."""
_NOTE = re.compile(r"[（(【\[]([^）)】\]]*)[）)】\]]$")
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MARK = re.compile(rf"(?<=[{_HAN}])\s*([0-9０-９]{{1,2}}|[A-Za-z]|[{CIRCLED}]|[*＊★☆※]+)$")
_NUMBERED = r"[（(]\d{1,3}[）)]|\d{1,3}[.．、:：)）]|[一二三四五六七八九十]{1,2}[.．、]"
_LIST_MARK = re.compile(rf"(?:{_NUMBERED}|\d{{1,3}}(?:号[.．、:：]?)?|[{CIRCLED}]|[*＊★☆※]+)\s*(?=[{_HAN}]\s*[{_HAN}])")
_LIST_MARKS = re.compile(
    rf"(?:(?:^|(?<=[\s、，,/／;；]))(?:{_NUMBERED})|(?<=[{_HAN}])(?:\d{{1,2}}[.．]|[（(]\d{{1,2}}[）)])|[{CIRCLED}])\s*(?=[{_HAN}])"
)
_LOST = re.compile("[□■?？❓\ufffd\ue000-\uf8ff]")
_PARENT = "爸爸|父亲|爸|父|妈妈|母亲|妈|母"
_OWNED = re.compile(rf"({_PARENT})[:：]?([{_HAN}·]{{2,}})$")
_OWNED_BEHIND = re.compile(rf"([{_HAN}·]{{2,}})[（(]({_PARENT})[）)]$")
_WIDE = str.maketrans("０１２３４５６７８９－＋", "0123456789-+")
_BETWEEN = r"[\s/、，,;；:：.|—\-]*"
_OF_NUMBERS = "联系电话|联系方式|手机号码?|手机|电话号码?|电话|(?:公民)?身份证件?(?:号码?)?|学籍号|号码|(?i:tel)"
_NUMBERS = tuple(
    re.compile(rf"{_BETWEEN}(?:(?:{_OF_NUMBERS}){_BETWEEN})?({number})")
    for number in (
        r"[GJLgjl]?\d{6}[- ]?(?:19|20)\d\d[- ]?[01]\d[- ]?[0-3]\d[- ]?\d{3}[\dXx](?!\d)|"
        r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d){8}(?!\d)|0\d{2,3}[- ]\d{7,8}(?!\d)|\d{7,}[Xx]?",
        r"\d(?:[- ]?\d){6,}",
    )
)
"""A number in the cell of a name with the word before it, an ID or phone as it is usually grouped; then any other seven digits."""
_TAKEN = "\0"
_ONLY_TAKEN = re.compile(rf"[（(【\[]{_BETWEEN}(?:{_TAKEN}{_BETWEEN})+[）)】\]]|{_TAKEN}(?:{_BETWEEN}{_TAKEN})+")
_BESIDE_TAKEN = re.compile(rf"(?:^|(?<=[（(【\[])){_TAKEN}{_BETWEEN}|{_TAKEN}(?=[（(【\[）)】\]、，,/／;；\n]|$)")
_WORDS_BEHIND = re.compile(rf"{_TAKEN}{_BETWEEN}([^{_TAKEN}（(【\[]+)$")
_SHORTEST = 7
_WITH_SEX = re.compile(rf"\s*([{_HAN}]{{2,4}})(?:\s+(?=[男女])|(?=[（(]))[（(]?([男女])生?[）)]?\s*")
SEVERAL_PUPILS = "children_in_one_cell"
BEHIND = "name_note"
NAMESAKE_MARK = "name_namesake_mark"
_SEVERAL = re.compile(
    rf"(?<=[{_HAN}]{{2}})[0-9]?(?:\s*[、，,/／;；\n&＆+＋]+|[和与及])(?=[{_HAN}]{{2}})"
    r"|老大.+老二"
)
COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵万覃武钱戴严莫孔向常汤岑蒙"
)
#: First syllables of names whose dot was lost (阿迪力 阿布都): alike in both parts they tell nothing.
_TRANSLITERATED = "阿艾吐玛麦买努热依帕"
_LOCALITY = re.compile("[村组寨屯乡县族校]$")
_SPACED_PAIR = re.compile(rf"([{_HAN}]{{2,3}})\s+([{_HAN}]{{2,3}})")


def read_name(value: CellValue) -> Reading[str]:
    """
    A person's name as in the hukou booklet.

    ``detail`` holds a note that stood behind the name (转走, 借读) or a namesake mark (张伟2).
    Traditional and rare characters are never converted; a character the file has lost is reported.
    """
    if value.__class__ is str and _ORDINARY.fullmatch(value) and value not in EMPTY_WORDS:  # type: ignore[arg-type]
        return Reading(value)  # type: ignore[arg-type]
    if is_cell_error(value):
        return Reading(None, remarks=(cell_error(tidy(value)),))
    raw = tidy(value)
    if is_nothing(value):
        return Reading(None)
    remarks: list[Remark] = []
    name, note = raw, ""
    if found := _LIST_MARK.match(name):
        name = name[found.end() :]
        remarks.append(fixed("name_list_mark", f"姓名前面的“{found[0].strip()}”像是序号，已去掉。"))
    if found := _NOTE.search(name):
        note = found[1].strip()
        name = name[: found.start()].strip()
        if note:
            remarks.append(warning(BEHIND, f"姓名后面的“{note}”已移到备注，请核对这名学生的去向。"))
    spaced = name
    if _CHINESE.fullmatch(name):
        name = name.replace(" ", "")
    name = _DOTS.sub(MIDDLE_DOT, name)
    if name != spaced:
        remarks.append(fixed("name_spacing", f"姓名整理为“{name}”。"))
    if found := _MARK.search(name):
        note = note or found[1]
        name = name[: found.start()]
        remarks.append(warning(NAMESAKE_MARK, f"姓名末尾的“{found[1]}”像是区分同名的记号，已去掉，请核对。"))
    if _LOST.search(name):
        remarks.append(
            warning("rare_character", f"姓名“{name}”里有显示不出来的字，请对照户口簿改正（可从户口簿电子版复制）。")
        )
    return Reading(name or None, note, tuple(remarks))


def read_adult_name(value: CellValue) -> Reading[str]:
    """
    An adult's name as above; ``detail`` holds only what stood in brackets behind it, without a remark.

    Whose name it is decides what these words mean: a state of the parent, the carer's relation, or a note.
    """
    reading = read_name(value)
    if not reading.detail:
        return reading
    others = tuple(remark for remark in reading.remarks if remark.what != BEHIND)
    return Reading(reading.value, reading.detail if len(others) < len(reading.remarks) else "", others)


def without_list_marks(text: str) -> str:
    """A cell that lists people, with line breaks in place of the numbers before them: 1.张三 2.李四, ①张三②李四."""
    return _LIST_MARKS.sub("\n", text).strip()


def name_and_numbers(value: CellValue) -> tuple[CellValue, list[str]]:
    """
    An adult's name without the numbers of seven digits and more that stand around it, and these numbers in their order.

    Words behind a number are put in brackets, where words behind a name are looked for: 李红13800003333停机. A cell
    without such a number comes back as it is, None stands for one with nothing else.
    """
    if not isinstance(value, str | int | float) or (isinstance(value, str) and len(value) < _SHORTEST):
        return value, []
    numbers: list[str] = []

    def take(found: re.Match[str]) -> str:
        numbers.append(found[1])
        return _TAKEN

    name = tidy(value).translate(_WIDE)
    for pattern in _NUMBERS:
        name = pattern.sub(take, name)
    if not numbers:
        return value, []
    name = _BESIDE_TAKEN.sub("", _ONLY_TAKEN.sub(_TAKEN, name))
    name = _WORDS_BEHIND.sub(r"（\1）", name).replace(_TAKEN, "").strip(" /、，,;；:：-")
    return name or None, numbers


def owner_and_name(text: str) -> tuple[str, str]:
    """Whose name it is where the cell says so: 爸爸田勇 and 田勇（爸爸） are the father's; an empty owner for a bare name."""
    stripped = text.strip()
    if found := _OWNED.match(stripped):
        owner, name = found.groups()
    elif found := _OWNED_BEHIND.match(stripped):
        name, owner = found.groups()
    else:
        return "", stripped
    return ("father" if owner[0] in "爸父" else "mother"), name


def read_child_name(value: CellValue) -> Reading[str]:
    """A pupil's name: as above, but a cell that names several children sends the row back (rosters fault 37)."""
    if isinstance(value, str) and not _ORDINARY.fullmatch(value) and _names_several(without_list_marks(value)):
        sentence = "一个格子里写了几名学生，请每名学生单独写一行。"
        return Reading(None, remarks=(error(SEVERAL_PUPILS, sentence, fate=Fate.REJECT),))
    if isinstance(value, str) and (found := _WITH_SEX.fullmatch(value)):
        name = found[1].strip()
        reading = read_name(name)
        told = warning("name_with_sex", f"姓名后面的“{found[2]}”像是性别，已去掉，请核对。")
        return Reading(reading.value, reading.detail, (*reading.remarks, told))
    return read_name(value)


def _names_several(text: str) -> bool:
    """
    True if a cell names two pupils or more.

    A blank alone tells little: 张 三 is padded, 麦麦提 艾力 lost its dot, 欧阳 小兰 has a surname of two characters. Two
    names beside each other are taken for two pupils if both begin with the same character, unless it is one that names of
    two parts often begin with, or with a common surname.
    """
    if _SEVERAL.search(text):
        return True
    pair = _SPACED_PAIR.fullmatch(text)
    if pair is None:
        return False
    first, second = pair[1][0], pair[2][0]
    alike = first == second and first not in _TRANSLITERATED
    return alike or (first in COMMON_SURNAMES and second in COMMON_SURNAMES)


def is_personal(value: CellValue) -> bool:
    """True if a cell holds what is most likely a person's name alone: a common surname and more, or parts with a dot."""
    name = read_child_name(value).value if isinstance(value, str) else None
    if not name or _LOCALITY.search(name):
        return False
    return MIDDLE_DOT in name or (name[0] in COMMON_SURNAMES and _ORDINARY.fullmatch(name) is not None)


def one_apart(one: str, other: str) -> bool:
    """True if one character more, less or different makes them equal."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return (
        one[start + 1 :] == other[start + 1 :] or one[start + 1 :] == other[start:] or one[start:] == other[start + 1 :]
    )
