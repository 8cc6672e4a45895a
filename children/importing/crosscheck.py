"""Checks that look at several cells or rows at once (rosters §6.3)."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from children.importing.findings import Fate, Finding, Level
from children.importing.header import Column, Header
from children.importing.listed_twice import are_one_pupil, row_in_words, with_same_number
from children.importing.normalise import care, left_behind, places
from children.importing.normalise.phones import digits
from children.importing.parsed import Context
from children.importing.records import ChildRow

AGE_OF_GRADE = 6
AGE_TOLERANCE = 3
SHARED_BY = 4
SIXTEEN, EIGHTEEN = 16, 18
SHOWN_SINGLY = 5
"""Above this many rows the same remark on a column is told once."""


@dataclass(slots=True)
class Checker:
    """Looks at all pupils of a file; ``headers`` gives the columns of each sheet."""

    children: list[ChildRow]
    headers: dict[tuple[str | None, int], Header]
    context: Context
    findings: list[Finding] = field(default_factory=list)
    fields: dict[tuple[str | None, int], dict[str, Column]] = field(init=False)

    def __post_init__(self) -> None:
        self.fields = {place: header.fields for place, header in self.headers.items()}

    def check(self) -> list[Finding]:
        """All findings about how rows fit together; fates of rows are settled on the way."""
        self._same_number("id_no", "id_duplicate", "身份证号")
        self._same_number("student_no", "student_no_duplicate", "学籍号")
        self._same_child()
        self._shared_phones()
        for child in self.children:
            self._age(child)
            self._carer(child)
            self._away(child)
            self._numbers_agree(child)
            self._grown_up(child)
            self._staff_phone(child)
            self._address(child)
        return self.findings

    def _tell(
        self, child: ChildRow, name: str, what: str, level: Level, sentence: str, fate: Fate = Fate.IMPORT
    ) -> None:
        column = self.fields[child.sheet, child.block].get(name)
        child.settle(fate)
        self.findings.append(
            Finding(
                what, level, sentence, child.sheet, child.row,
                column.index if column else None, column.label if column else "", fate,
            )
        )  # fmt: skip

    def _same_number(self, attribute: str, what: str, word: str) -> None:
        """One number for several pupils: no row of them is taken (fault 42). Who is listed twice is settled before."""
        for same in with_same_number(self.children, attribute):
            if are_one_pupil(same):
                continue
            for child in same:
                others = "、".join(row_in_words(other, child.sheet) for other in same if other is not child)
                sentence = f"与{others}的{word}相同，这几行都没有导入，请核对后改正。"
                self._tell(child, attribute, what, Level.ERROR, sentence, Fate.REJECT)

    def _same_child(self) -> None:
        """A row without numbers of its own that has the name and birth date of another row (fault 77)."""
        rows: dict[tuple[str, str], list[ChildRow]] = defaultdict(list)
        bare = {child.name for child in self.children if child.name and not _has_number(child)}
        for child in self.children:
            if child.name in bare and child.birth_date and child.fate is Fate.IMPORT:
                rows[str(child.name), child.birth_date.iso].append(child)
        for same in rows.values():
            first = max(same, key=_has_number)
            for child in same:
                if child is first or _has_number(child):
                    continue
                other = row_in_words(first, child.sheet)
                sentence = f"与{other}姓名、出生日期都相同，像是同一名学生。请确认，确认前这一行不导入。"
                self._tell(child, "name", "same_child", Level.QUESTION, sentence, Fate.ASK)

    def _shared_phones(self) -> None:
        """One number for many households is a teacher's or a shop's (fault 57)."""
        users: dict[str, list[tuple[ChildRow, str]]] = defaultdict(list)
        for child in self.children:
            for name in ("father", "mother", "carer"):
                for phone in getattr(child, name).phones:
                    users[phone.number].append((child, name))
        for uses in users.values():
            households = {child.father.name or child.carer.name or child.name for child, _ in uses}
            if len(households) < SHARED_BY:
                continue
            told = set()
            for child, name in uses:
                if id(child) not in told:
                    told.add(id(child))
                    sentence = f"{len(households)} 户人家登记了同一个号码，可能是老师或小卖部的电话，请核实。"
                    self._tell(child, f"{name}.phone", "phone_shared", Level.WARNING, sentence)

    def _age(self, child: ChildRow) -> None:
        if child.birth_date is None or child.klass is None or not isinstance(child.klass.grade, int):
            return
        age = self.context.school_year - child.birth_date.year
        expected = AGE_OF_GRADE + child.klass.grade - 1
        if abs(age - expected) > AGE_TOLERANCE:
            name = "class_name" if "class_name" in self.fields[child.sheet, child.block] else "grade"
            sentence = f"{age} 岁读{child.klass}，年龄与年级相差较大，请核对出生日期和班级。"
            self._tell(child, name, "age_grade_mismatch", Level.WARNING, sentence)

    def _carer(self, child: ChildRow) -> None:
        carer = child.carer
        for parent, word in ((child.father, "父亲"), (child.mother, "母亲")):
            if carer.name and carer.name == parent.name and parent.status in (places.AWAY_WORK, places.AWAY_OTHER):
                sentence = f"监护人写的是外出的{word}，请核实平时真正照顾孩子的人是谁。"
                self._tell(child, "carer.name", "carer_is_away_parent", Level.WARNING, sentence)
        if child.care_type and carer.relation_code and care.contradicts(child.care_type, carer.relation_code):
            sentence = "监护类型与监护人和孩子的关系不一致，请核对。"
            self._tell(child, "care_type", "care_type_conflict", Level.WARNING, sentence)

    def _away(self, child: ChildRow) -> None:
        """What the 留守 column says against the parents' facts (faults 63, 64)."""
        name = "lb_type" if "lb_type" in self.fields[child.sheet, child.block] else "lb_flag"
        away = (places.AWAY_WORK, places.AWAY_OTHER)
        known = [parent.status for parent in (child.father, child.mother)]
        if child.left_behind == left_behind.ONE and not any(known):
            sentence = "只写了单亲（一方外出），没写是父亲还是母亲，父母情况暂时空着，请在学生档案里补上。"
            self._tell(child, name, "lb_which_parent_unknown", Level.WARNING, sentence)
        elif child.left_behind == left_behind.YES and not any(known):
            sentence = "只写了是留守儿童，没写父母哪一方外出，父母情况暂时空着，请在学生档案里补上。"
            self._tell(child, name, "lb_yes_who_unknown", Level.WARNING, sentence)
        elif (
            child.left_behind in (left_behind.YES, left_behind.ONE, left_behind.BOTH)
            and all(known)
            and not any(status in (*away, *_GONE) for status in known)
        ):
            sentence = "写的是留守，但父母都在家。请核实父母情况；确认前这一行不导入。"
            self._tell(child, name, "lb_nobody_away", Level.QUESTION, sentence, Fate.ASK)
        elif child.left_behind == left_behind.NOBODY and all(status in away for status in known):
            sentence = "写的是非留守，但父母都在外。请核实父母情况；是否留守由父母情况算出，这一栏不保存。"
            self._tell(child, name, "lb_both_away", Level.QUESTION, sentence)

    def _grown_up(self, child: ChildRow) -> None:
        """From sixteen on the civil definition ends, from eighteen on nobody is a minor; both are told (fault 53)."""
        if child.birth_date is None or child.birth_date.month is None:
            return
        on, born = self.context.cut_off, child.birth_date.first_day
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        if age >= SIXTEEN:
            what = "已满 18 岁，不是未成年人" if age >= EIGHTEEN else "已满 16 岁，不在民政部门留守儿童的统计范围"
            self._tell(child, "birth_date", "age_over_16", Level.WARNING, f"{what}；仍按表里写的导入，请核对出生日期。")

    def _staff_phone(self, child: ChildRow) -> None:
        """A teacher's or the pupil's own number in place of the carer's (fault 58)."""
        for phone in child.carer.phones:
            if digits(phone.number) in self.context.staff_phones:
                sentence = "监护人电话是本校教职工的号码，请核实并改成监护人本人的电话。"
                self._tell(child, "carer.phone", "phone_of_staff", Level.WARNING, sentence)

    def _address(self, child: ChildRow) -> None:
        if child.address and not child.village_group and _ONLY_GROUP.fullmatch(child.address):
            sentence = f"住址只写了“{child.address}”，家访找不到，请补上村名。"
            self._tell(child, "address", "address_short", Level.WARNING, sentence)

    def _numbers_agree(self, child: ChildRow) -> None:
        number = child.student_no
        if number and number.startswith("G") and child.id_no and number[1:] != child.id_no:
            sentence = "学籍号里的身份证号与身份证号一栏不同，请对照学籍系统核实，确认前这一行不导入。"
            self._tell(child, "student_no", "student_no_conflict", Level.QUESTION, sentence, Fate.ASK)


_ONLY_GROUP = re.compile(r"第?[\d一二三四五六七八九十]+[组社队]|本村|本镇|本地|农村")
_GONE = (places.DECEASED, places.MISSING, places.IMPRISONED, places.OUT_OF_TOUCH, places.UNKNOWN)


def _has_number(child: ChildRow) -> bool:
    return bool(child.id_no or child.student_no)


def without_consequences(findings: list[Finding]) -> list[Finding]:
    """Leave out what only follows from a graver finding of the same row: the cure is the same."""
    graver = {(found.sheet, found.row, found.what) for found in findings if found.what in _CONSEQUENCES.values()}
    return [
        found
        for found in findings
        if (cause := _CONSEQUENCES.get(found.what)) is None or (found.sheet, found.row, cause) not in graver
    ]


_CONSEQUENCES = {
    "id_birth_conflict": "id_duplicate",
    "id_sex_conflict": "id_duplicate",
    "age_grade_mismatch": "class_unknown",
}


def gathered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in file order, with one for the column where the same remark stands on many rows."""
    groups: dict[tuple[str | None, int | None, str, Level], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.what == "class_unknown":
            groups[finding.sheet, finding.column, finding.sentence, finding.level].append(finding)
        elif finding.row is None or finding.column is None or finding.what not in _GATHERED:
            groups[finding.sheet, finding.column, f"#{id(finding)}", finding.level] = [finding]
        else:
            groups[finding.sheet, finding.column, finding.what, finding.level].append(finding)
    result = []
    for same in groups.values():
        if len(same) <= SHOWN_SINGLY:
            result += same
            continue
        first = same[0]
        rows = tuple(finding.row for finding in same if finding.row is not None)
        sentence = f"{first.sentence}（共 {len(rows)} 行）"
        result.append(
            Finding(first.what, first.level, sentence, first.sheet, None, first.column, first.label, rows=rows)
        )
    return sorted(result, key=lambda finding: (str(finding.sheet or ""), finding.row or 0, finding.column or 0))


_GATHERED = frozenset(
    {
        "lb_which_parent_unknown", "lb_yes_who_unknown", "id_cleaned", "empty_word", "name_spacing", "phone_two",
        "birth_serial", "relation_reversed", "ethnic_unknown", "date_short_year", "birth_short_year", "school_differs",
        "name_id_no", "name_student_no", "name_contact_phone",
    }
)  # fmt: skip
