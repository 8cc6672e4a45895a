"""Whose row it is: by 学籍号, ID number, name and birth date, name and class; never by the name alone (fault 78)."""

import datetime as dt
from abc import abstractmethod
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, ClassVar

from caretrack.access.crypto import blind_index
from caretrack.access.scopes import children_reached_by
from caretrack.periods import school_year
from caretrack.schools.models import SchoolClass
from caretrack.schools.models.school import school_first
from children.importing.normalise.classes import ClassRef, combine, read_class, read_grade
from children.importing.normalise.id_numbers import read_id
from children.importing.normalise.names import read_child_name
from children.importing.normalise.student_numbers import read_student_no
from children.importing.normalise.text import fold, tidy
from children.importing.outcomes import Status
from children.importing.questions import Choice
from children.models import Child, FormerStudentNumber, codes
from children.tables.kinds import Laying, Plan, Setting, TableKind
from children.tables.sheets import Table, TableRow, same_words

SKIP = "skip"
_STAGES = {"小": 1, "中": 2, "大": 3}
_SEXES = {codes.Sex.MALE: "男", codes.Sex.FEMALE: "女"}
MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Pupil:
    """The little that is loaded of every child the importer may write about."""

    pk: int
    name: str
    birth: str
    class_id: int | None
    class_name: str
    sex: str = ""
    class_seq: str = ""

    @property
    def label(self) -> str:
        """Name, class, sex, birth date and number in class: what tells namesakes apart."""
        born = f"{self.birth} 出生" if self.birth else ""
        number = f"班内 {self.class_seq} 号" if self.class_seq else ""
        return f"{self.name}（{'，'.join(filter(None, [self.class_name, self.sex, born, number]))}）"


@dataclass(slots=True)
class Stated:
    """What a row says about its pupil."""

    name: str
    student_no: str = ""
    id_no: str = ""
    birth: str = ""
    klass: ClassRef | None = None


class Pupils:
    """The children of one school about whom the importer may write this kind of data; three statements."""

    def __init__(self, kind: TableKind, setting: Setting) -> None:
        self.setting = setting
        self.classes = classes_of(setting)
        self._by_pk: dict[int, Pupil] = {}
        self._by_name: dict[str, list[Pupil]] = defaultdict(list)
        self._by_number: dict[str, int] = {}
        if setting.by is None:
            return
        seen = Child.objects.visible_to(setting.by).filter(children_reached_by(setting.by, kind.roles))
        columns = (
            "pk", "name", "birth_date", "birth_precision", "school_class_id", "sex", "class_seq", "id_no_index",
            "student_no_index",
        )  # fmt: skip
        for pk, name, born, precision, class_id, sex, class_seq, id_no, student_no in (
            seen.of_school(setting.school).order_by("pinyin", "pk").values_list(*columns)
        ):
            birth = str(born)[: {"day": 10, "month": 7, "year": 4}[precision]] if born else ""
            place = self.classes[class_id].name_on(setting.on) if class_id in self.classes else "不在班"
            pupil = Pupil(pk, name, birth, class_id, place, _SEXES.get(sex, ""), class_seq)
            self._by_pk[pk] = pupil
            self._by_name[name].append(pupil)
            self._by_number.update({number: pk for number in (id_no, student_no) if number})
        former = FormerStudentNumber.objects.filter(child__in=seen.of_school(setting.school).values("pk"))
        for pk, number in former.values_list("child_id", "student_no_index"):
            self._by_number.setdefault(number, pk)

    def find(self, row: TableRow) -> Pupil | list[Pupil] | None:
        """
        The pupil of a row; several or one to be confirmed as a list; None if nobody fits, the row then has failed.
        """
        stated = _stated(row, self.setting)
        if row.failed:
            return None
        if stated.student_no or stated.id_no:
            known = self._numbered(row, stated)
            if known or row.failed:
                return known
        return self._named(row, stated)

    def answered(self, row: TableRow) -> Pupil | None:
        """The pupil that a person has chosen for the row."""
        answer = self.setting.answers.get(row.key, "")
        return self._by_pk.get(int(answer)) if answer.isdecimal() else None

    def _numbered(self, row: TableRow, stated: Stated) -> Pupil | None:
        for column, number in (("student_no", stated.student_no), ("id_no", stated.id_no)):
            pupil = self._by_pk.get(self._by_number.get(blind_index(number), 0)) if number else None
            if pupil is None:
                continue
            if stated.name and not same_words(stated.name, pupil.name):
                sentence = f"这个号码在系统里是{pupil.label}，和表里的姓名“{stated.name}”不符，请核对姓名和号码。"
                row.fail(column, sentence)
                return None
            return pupil
        return None

    def _named(self, row: TableRow, stated: Stated) -> Pupil | list[Pupil] | None:
        same = self._by_name.get(stated.name, [])
        if not same:
            row.fail(
                "name",
                f"没有找到“{stated.name}”。请核对姓名是否和系统里一致；新学生请先导入花名册，其他班的学生请由其班主任导入。",
            )
            return None
        born = [pupil for pupil in same if stated.birth and _agree(stated.birth, pupil.birth)]
        if len(born) == 1:
            return born[0]
        inside = [pupil for pupil in (born or same) if stated.klass and self._in_class(pupil, stated.klass)]
        if len(inside) == 1 and not (stated.birth and inside[0].birth and not born):
            return inside[0]
        present = [pupil for pupil in (inside or born or same) if pupil.class_id is not None]
        return present or same

    def _in_class(self, pupil: Pupil, ref: ClassRef) -> bool:
        school_class = self.classes.get(pupil.class_id or 0)
        if school_class is None:
            return False
        grade = _STAGES.get(ref.grade, 0) if isinstance(ref.grade, str) else ref.grade
        right_grade = grade is None or school_class.grade_on(self.setting.on) == grade
        return right_grade and (ref.number is None or school_class.number == ref.number)


def classes_of(setting: Setting) -> dict[int, SchoolClass]:
    """The classes of the school by number; each knows its school without asking again."""
    classes = {}
    for school_class in SchoolClass.objects.filter(school=setting.school):
        school_class.school = setting.school
        classes[school_class.pk] = school_class
    return classes


def class_for(ref: ClassRef | None, classes: dict[int, SchoolClass], on: dt.date) -> SchoolClass | None:
    """The one class that a text names on that day; None if there is no such class or several."""
    if ref is None:
        return None
    grade = _STAGES.get(ref.grade, 0) if isinstance(ref.grade, str) else ref.grade
    fits = [
        found
        for found in classes.values()
        if (grade is None or found.grade_on(on) == grade)
        and (ref.number is None or found.number == ref.number)
        and found.graduates_year > school_year(on)
    ]
    return fits[0] if len(fits) == 1 else None


def stated_class(row: TableRow, setting: Setting) -> ClassRef | None:
    """The class that the row, or the title of its sheet, names; a doubtful reading is good enough to find a name."""
    grade = read_grade(row.values.get("grade")).value
    klass = read_class(row.values.get("class_name"), number_format=row.formats.get("class_name", "")).value
    year, first = school_year(setting.on), school_first(setting.school)
    return combine(grade, klass, school_year=year, first_grade=first) or row.titles.klass


def _stated(row: TableRow, setting: Setting) -> Stated:
    stated = Stated(row.take("name", read_child_name) or "", klass=stated_class(row, setting))
    if not stated.name and not row.failed:
        row.fail("name", "没有写姓名，请补上。")
    stated.student_no = row.take("student_no", read_student_no) or ""
    stated.id_no = row.take("id_no", read_id, on=setting.on) or ""
    if born := row.date("birth_date", setting.on):
        stated.birth = born.iso
    return stated


def _agree(one: str, other: str) -> bool:
    """Whether two dates of different precision can be the same."""
    shorter = min(len(one), len(other))
    return shorter > 0 and one[:shorter] == other[:shorter]


class PupilTable(TableKind):
    """A list of which every row is about one pupil. Subclasses give `load` and `lay`."""

    matching: ClassVar = (
        "学生按学籍号、身份证号认出；没有号码的按姓名加班级、姓名加出生日期认。同名的、只写姓名的会先问您。",
        "学籍号、身份证号要用文本格式；变成数字的长号码已经丢了后几位，不会采用。",
        "同一份名单再导一次不会重复登记；留空的格子不会清除系统里已有的内容。",
    )

    def plan(self, table: Table, setting: Setting) -> Plan:
        """Find each row's pupil, load what is stored about them, lay row by row."""
        plan, pupils = Plan(), Pupils(self, setting)
        matches = []
        for row in table.rows:
            check_school(row, setting)
            found = pupils.find(row)
            matches.append((row, pupils.answered(row) or found if isinstance(found, list) else found))
        store = self.load(setting, {found.pk for _, found in matches if isinstance(found, Pupil)}, table.rows)
        for row, found in matches:
            pupil = found if isinstance(found, Pupil) else None
            name = pupil.name if pupil else tidy(row.values.get("name"))
            laying = plan.begin(row, name, child=pupil.pk if pupil else None, place=pupil.class_name if pupil else "")
            if isinstance(found, list):
                _ask(laying, found, setting)
            elif pupil and not row.failed:
                self.lay(laying, pupil, setting, store)
            if laying.end().status == Status.DECIDE:
                self.read(row)
        self.look_over(plan, setting, store)
        return plan

    @abstractmethod
    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> Any:
        """What is stored about these children that the rows may change; handed to every `lay`."""

    @abstractmethod
    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: Any) -> None:
        """Lay one row over what is stored about its pupil."""

    def read(self, row: TableRow) -> None:
        """Read what a row says while it is not known whose it is, so that what cannot be taken is told at once."""

    def look_over(self, plan: Plan, setting: Setting, store: Any) -> None:
        """Look at the list as a whole, after the last row."""


def check_school(row: TableRow, setting: Setting) -> None:
    """A township's list names other schools; their pupils are theirs to enter."""
    written = fold(row.values.get("school"))
    own = [fold(name) for name in (setting.school.name, setting.school.short_name) if name]
    if written and not any(name in written or written in name for name in own):
        row.fail(
            "school", f"写的是“{tidy(row.values['school'])}”，不是{setting.school.label}的学生，请由那所学校导入。"
        )


def _ask(laying: Laying, candidates: list[Pupil], setting: Setting) -> None:
    row = laying.row
    if setting.answers.get(row.key) == SKIP:
        laying.outcome.status, laying.outcome.message = Status.WAITING, "按您的回答不导入这一行。"
        return
    names = "、".join(pupil.label for pupil in candidates[:MOST_CHOICES])
    words = f"只凭姓名分不清是哪名学生：{names}。请选择，或在表里补上班级、学籍号。"
    if len(candidates) == 1:
        words = f"是{names}吗？表里的班级、出生日期和系统里对不上或没有写，请确认。"
    choices = [Choice(str(pupil.pk), pupil.label) for pupil in candidates[:MOST_CHOICES]]
    laying.ask(words, (*choices, Choice(SKIP, "这一行不导入")))
