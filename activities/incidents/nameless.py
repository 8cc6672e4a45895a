"""
What people wrote in an incident file, told so that it names nobody (未保法 art. 103; domain P-17).

Words that the school's own data know are replaced wherever they stand: pupils, families, staff, places, the school; so
is whatever has the shape of a class, a telephone, an identity number, a number plate. What no list knows, only a reader
finds: the paper is read, and put right, by a person before it is printed.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from activities.incidents.blurring import AWAY, HOME, SOME_PROVINCE, blurred, of_province, province_in
from activities.models import Incident
from caretrack.schools.models import School, SchoolClass, Staff
from children.importing.normalise.classes import chinese_number, to_number
from children.importing.normalise.names import COMMON_SURNAMES
from children.models import Child, FamilyMember
from children.places import village_in

NOBODY, KIN, TEACHER, SOMEBODY = "某学生", "家人", "某老师", "某人"
SCHOOL, UNIT, PLACE, CLASS = "某学校", "某单位", "某地", "某班"
NUMBER, ROOM, PLATE = "某号码", "某宿舍", "某车牌"
_STEMS = "甲乙丙丁戊己庚辛壬癸"

_HAN = "一-鿿"
_COMPOUND = frozenset(
    ("欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "东方", "南宫", "端木")
)
#: Signs of a surname that are ordinary words before a title: 向老师报告, 对方医生.
_ALSO_WORDS = frozenset("向于方常任时和从")
_TITLES = (
    "老师", "副校长", "校长", "园长", "主任", "书记", "医生", "护士", "警官", "民警", "所长", "师傅", "律师", "同学",
    "奶奶", "爷爷", "阿姨", "叔叔", "大叔", "大爷", "大妈", "大伯", "伯伯", "大婶", "大嫂", "婶婶",
)  # fmt: skip
_KINSHIP = frozenset(
    ("爷爷", "奶奶", "外公", "外婆", "姥爷", "姥姥", "爸爸", "妈妈", "父亲", "母亲", "哥哥", "姐姐", "弟弟", "妹妹",
     "姑姑", "姑妈", "叔叔", "伯伯", "伯父", "舅舅", "阿姨", "姨妈", "邻居", "家长", "村主任", "村支书", "组长", "不详",
     "未知", "不清楚")
)  # fmt: skip
#: Parts of an address that are words of every text.
_ORDINARY = frozenset(("学校", "中心", "小学", "中学", "人民", "生产", "开发", "工业", "家里", "老家"))
_PLACE_ENDS = "自治区|自治州|自治县|苏木|街道|社区|居委会|村委会|省|市|州|县|区|旗|镇|乡|村|屯|寨|组|队|路|街|巷|号"
_PLACE_PART = re.compile(rf"[{_HAN}\d]+?(?:{_PLACE_ENDS})")
_PLACE_TAIL = re.compile(rf"(?:{_PLACE_ENDS})$")
#: How a part or an office ends that somebody wrote instead of a name.
_OFFICE = re.compile(r"(?:局|所|院|部|部门|科|室|办|中心|政府|委|会|站|人|员|民警|老师|学生|师生|家长)$")
#: The longest first: 班主任 is not cut into 班 and 主任.
_HOMEROOM = "班主任"
_BEFORE = re.compile(f"^(?:{'|'.join(sorted({*_KINSHIP, *_TITLES, _HOMEROOM}, key=lambda word: -len(word)))})")
_WORD = re.compile(rf"[{_HAN}·]{{2,6}}")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_GRADE = "一二三四五六七八九1-9"
_GROUP = re.compile(r"第?(\d{1,2}|[一二三四五六七八九十]{1,3})(?:村民)?小?组")
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII), NUMBER),
    (re.compile(r"(?<![0-9A-Za-z])\d(?:[ ]?\d){16}[ ]?[0-9Xx](?![0-9A-Za-z])"), NUMBER),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), NUMBER),
    (re.compile(r"(?<!\d)0\d{2,3}[-— ]?\d{7,8}(?!\d)"), NUMBER),
    (re.compile(r"[A-Za-z]?\d{6,}[A-Za-z]?"), NUMBER),
    (re.compile(r"((?:微信|QQ|qq)号?[为是：:\s]*)[A-Za-z0-9_-]{5,}"), rf"\g<1>{NUMBER}"),
    (re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-Z0-9]{5,6}"), PLATE),
    (
        re.compile(
            rf"(?:[初高]?[{_GRADE}]|[小中大学前]{{1,2}})\s*(?:年级)?\s*[（(]\s*[\d一二三四五六七八九十]{{1,2}}\s*[）)]\s*班"
            rf"|[初高]?[{_GRADE}]\s*年级\s*[\d一二三四五六七八九十]{{1,2}}\s*班"
            rf"|[小中大学前{_GRADE}][{_GRADE}]班|(?<!\d)[1-9]0\d班|\d{{4}}[级届](?:[（(]?\d{{1,2}}[）)]?班)?"
            r"|[（(]\d{1,2}[）)]班|(?<!\d)\d{1,2}班|[一二三四五六七八九十]班(?![车倒])"
        ),
        CLASS,
    ),
    (re.compile(rf"[{_GRADE}]年级"), "某年级"),
    (re.compile(rf"[{_HAN}]?\d{{3,4}}(?:号?宿舍|寝室|室|房间?)"), ROOM),
)  # fmt: skip
_PROVINCE_AND_PLACE = re.compile(rf"({'|'.join((HOME, AWAY, SOME_PROVINCE))})(?:{PLACE})+")
_TWICE = re.compile(rf"{PLACE}(?:{PLACE}|{_GROUP.pattern})+")
_SCHOOL_BEHIND_PLACE = re.compile(rf"(?:{PLACE}|{SCHOOL})+{SCHOOL}")


def pseudonyms(children: Sequence[Child]) -> dict[int, str]:
    """Child id → what it is called on a paper without names: 某学生, or 学生甲, 学生乙 … where there are several."""
    if len(children) == 1:
        return {children[0].pk: NOBODY}
    return {child.pk: f"学生{_STEMS[number % len(_STEMS)]}" for number, child in enumerate(children)}


def scrubber(incident: Incident, children: Sequence[Child]) -> Callable[[str], str]:
    """
    A function that takes names, places, numbers, hours and provinces out of a text of this file about `children`.

    Reads the names and villages of the school's pupils and staff once; what it returns needs no database.
    """
    home = _home(incident.school, children)
    words, surnames = _known(incident, children, home)
    titles = "|".join(_TITLES)
    titled = re.compile(rf"(?<![主某])(?!{_HOMEROOM})[老小]?[{re.escape(''.join(sorted(surnames)))}](?={titles})")
    named_twice = re.compile(rf"(?:{TEACHER}|{SOMEBODY})(?={titles})")

    def hide(text: str) -> str:
        told = text.translate(_WIDE_DIGITS)
        for pattern, instead in _PATTERNS:
            told = pattern.sub(instead, told)
        if here := sorted((word for word in words if word in told), key=len, reverse=True):
            told = re.sub("|".join(map(re.escape, here)), lambda hit: words[hit.group()], told)
        told = _TWICE.sub(PLACE, named_twice.sub("某", titled.sub("某", told)))
        told = _PROVINCE_AND_PLACE.sub(r"\1", blurred(_SCHOOL_BEHIND_PLACE.sub(SCHOOL, told), home))
        return _SCHOOL_BEHIND_PLACE.sub(SCHOOL, told)

    return hide


def _home(school: School, children: Sequence[Child]) -> str:
    """The province of the school, as its address, its name or the pupils' addresses tell."""
    return province_in([school.address, school.name, *(text for c in children for text in (c.hukou_place, c.address))])


def _known(incident: Incident, children: Sequence[Child], home: str) -> tuple[dict[str, str], set[str]]:
    """
    Every word that would tell who or where it was → what stands in its place, and the surnames of these people.

    What has two meanings keeps the one that was put first: the pupil's own name is not taken for a colleague's.
    """
    school = incident.school
    family = list(FamilyMember.objects.filter(child__in=[child.pk for child in children]))
    pupils = list(Child.objects.filter(school=school).values_list("name", "former_name", "village_group", "address"))
    told = list(incident.reports.select_related("made_by"))
    staff = set(Staff.objects.filter(appointments__school=school).values_list("name", flat=True))
    staff |= {incident.reported_by.name, *(line.made_by.name for line in told)}
    staff |= {one.staff.name for one in incident.members.select_related("staff")}
    contacts = [text for c in children for text in (c.emergency_contact, c.emergency_contact_2, c.neighbour_contact)]
    others = [name for text in (incident.others, *contacts) for name in _people(text)]
    others += [
        _BEFORE.sub("", text) for text in (incident.found_by, school.helper_name, *(r.received_by for r in told))
    ]
    words: dict[str, str] = {_HOMEROOM: _HOMEROOM}

    def put(found: Iterable[str], instead: str) -> None:
        for word in found:
            if len(word.strip()) > 1:
                words.setdefault(word.strip(), instead)

    def put_places(found: Iterable[str]) -> None:
        for word in found:
            province = province_in([word])
            put([word], of_province(province, home) if province else PLACE)

    called = pseudonyms(children)
    for names, instead in (
        *(([child.name, child.former_name], called[child.pk]) for child in children),
        ([member.name for member in family], KIN),
        (sorted(staff), TEACHER),
        ([name for name in others if _is_name(name)], SOMEBODY),
    ):
        put((form for name in names if name not in _KINSHIP for form in _said(name)), instead)
    put((name for name in others if not _OFFICE.search(name)), SOMEBODY)
    put((name for row in pupils for name in row[:2]), NOBODY)
    put([*(member.online_contact for member in family), *(line.receipt for line in told)], NUMBER)
    put((member.work_unit for member in family), UNIT)
    homes = [text for child in children for text in (child.address, child.hukou_place, child.village_group)]
    homes += [text for member in family for text in (member.address, member.work_place)]
    put_places([incident.place, *homes])
    put((form for text in homes for form in _groups(text)), PLACE)
    villages = {village_in(group, address) for _name, _former, group, address in pupils}
    put_places(part for text in (school.address, *homes, *sorted(villages)) for part in _parts(text))
    for name, short in School.objects.values_list("name", "short_name"):
        put([name, short, *_tails(name)], SCHOOL)
        put_places(_parts(name))
    put(SchoolClass.objects.filter(school=school).values_list("nickname", flat=True), CLASS)
    people = [*staff, *others, *(member.name for member in family), *(row[0] for row in pupils)]
    return words, (set(COMMON_SURNAMES) - _ALSO_WORDS) | {name[0] for name in people if name}


def _people(text: str) -> list[str]:
    """The names in a line such as 姑姑李红梅 13800000000、邻居石大叔: words that are no kinship and no number."""
    found = (_BEFORE.sub("", word) for word in _WORD.findall(text))
    return [name for name in found if len(name) > 1]


def _is_name(text: str) -> bool:
    """Whether somebody wrote the name of a person there and not 照护人, 县教育局, 校外青年."""
    return 1 < len(text) < 4 and text[0] in COMMON_SURNAMES and not _OFFICE.search(text)


def _said(name: str) -> list[str]:
    """A name as it is said: whole, without the surname, as a pet name."""
    name = name.strip()
    if "·" in name:
        return [name, *(part for part in name.split("·") if len(part) > 1)]
    given = name[2:] if name[:2] in _COMPOUND and len(name) > 2 else name[1:]
    if not given or given in _TITLES:
        return [name]
    pet = [f"{sign}{given[-1]}" for sign in ("小", "阿", given[-1])]
    return [name, given, *pet] if len(given) > 1 else [name, *pet]


def _parts(text: str) -> list[str]:
    """The names in an address, each with and without 县、镇、村…: of 云禾县大沙坝村柳林组 also 大沙坝 and 柳林."""
    found = []
    for part in _PLACE_PART.findall(text or ""):
        base = _PLACE_TAIL.sub("", part)
        if base.strip("0123456789一二三四五六七八九十第") and base not in _ORDINARY:
            found += [part, base]
    return found


def _groups(text: str) -> list[str]:
    """The numbered groups of a village in an address, in every way they are written: 五组, 第5组, 五小组, 5村民小组."""
    numbers = {number for sign in _GROUP.findall(text or "") if (number := to_number(sign))}
    signs = [sign for number in numbers for sign in (str(number), chinese_number(number))]
    return [
        f"{mark}{sign}{tail}" for sign in signs for mark in ("第", "") for tail in ("组", "小组", "村民组", "村民小组")
    ]


def _tails(name: str) -> list[str]:
    """A school's name without the county and township before it, as the children say it."""
    rest = name
    while hit := re.match(rf"[{_HAN}]{{1,6}}?(?:省|市|州|县|区|旗|镇|乡|村)", rest):
        rest = rest[hit.end() :]
    return [rest] if len(rest) > 3 else []
