"""
Whose row it is, and what it changes: by 学籍号, by ID number, by name and birth date, within one school only.

A conflict is never settled by a guess; it waits for a person (rosters §7.8, import §4.5).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from caretrack.periods import chinese_date, school_year
from caretrack.readings import readings
from caretrack.schools.models import SchoolClass, Stage
from caretrack.schools.models.school import KINDERGARTEN_GRADES, school_first
from children.importing.dossiers import Dossier, Found, Known, Register
from children.importing.edits import Edits, fresh
from children.importing.findings import Fate
from children.importing.merge import Merge, Terms
from children.importing.normalise.classes import ClassRef
from children.importing.normalise.dates import DAY
from children.importing.normalise.names import one_apart
from children.importing.outcomes import Outcome, Status
from children.importing.parse import ParsedRoster
from children.importing.questions import Choice, question_key
from children.importing.records import ChildRow
from children.importing.student_number_changes import NumberChange, keeps_stored, number_change
from children.models import Child, OtherSpelling

CHUNK = 500
LONGEST_SPELLING = 50  # OtherSpelling.name
UPDATE, KEEP_NAME, NEW, SKIP = "update", "keep", "new", "skip"
_SKIP = Choice(SKIP, "这一行不导入")


@dataclass(slots=True)
class Match:
    """Whose row it is: a child, nobody (new), or a question with its candidates."""

    pk: int | None = None
    conflict: str = ""
    choices: tuple[Choice, ...] = ()
    refused: str = ""
    likely: int | None = None
    former: bool = False
    """The row has an earlier 学籍号 of the child."""


@dataclass(slots=True)
class Planner:
    """Plans a roster in chunks; each chunk costs the same number of statements whatever it holds."""

    terms: Terms
    answers: Mapping[str, str] = field(default_factory=dict)
    register: Register = field(init=False)
    classes: dict[tuple[int, int], SchoolClass] = field(default_factory=dict)
    used: dict[int, ChildRow] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    hold: bool = False
    gone: int = 0
    formal: int = 0
    """Rows that make a temporary 学籍号 formal."""

    def __post_init__(self) -> None:
        self.register = Register(self.terms.school)

    def chunks(self, roster: ParsedRoster) -> Iterator[tuple[list[Outcome], Edits]]:
        """Outcomes and edits of five hundred rows at a time; the edits are written by the caller, or dropped."""
        self._load_classes(roster)
        self.register.load_names()
        self.register.with_restricted = any(row.restricted for row in roster.children)
        self.names = {row.name for row in roster.children if row.name}
        for start in range(0, len(roster.children), CHUNK):
            rows = roster.children[start : start + CHUNK]
            found = self.register.find(rows)
            matches = [self._match(row, found) for row in rows]
            dossiers = self.register.load(pk for match in matches if (pk := match.pk or match.likely))
            self._settle_what_says_nothing_new(rows, matches, dossiers)
            edits = Edits()
            yield [self._row(row, match, dossiers, edits) for row, match in zip(rows, matches, strict=True)], edits
            dossiers.clear()  # before the next ones are loaded

    def _load_classes(self, roster: ParsedRoster) -> None:
        self.register.load_classes()
        self.classes = {
            (school_class.entry_year, school_class.number): school_class
            for school_class in self.register.classes.values()
        }
        self.classes |= {
            key: self._new_class(*key)
            for ref in roster.classes_to_create
            if (key := self._class_key(ref)) is not None and key not in self.classes
        }

    def _new_class(self, entry_year: int, number: int) -> SchoolClass:
        school = self.terms.school
        graduates = entry_year + len(Stage(school.stage).grades)
        return SchoolClass(school=school, entry_year=entry_year, number=number, graduates_year=graduates)

    def _class_key(self, ref: ClassRef) -> tuple[int, int] | None:
        """Entry year and number of a class as the roster names it; None if it does not say both."""
        if ref.grade is None or ref.number is None:
            return None
        grade = KINDERGARTEN_GRADES.index(ref.grade) + 1 if ref.grade in KINDERGARTEN_GRADES else ref.grade
        if not isinstance(grade, int):
            return None
        return school_year(self.terms.on) - grade + school_first(self.terms.school), ref.number

    def _match(self, row: ChildRow, found: Found) -> Match:
        student_no, id_no = found.indexes.get(row.student_no or "", ""), found.indexes.get(row.id_no or "", "")
        if {student_no, id_no} & found.taken:
            sentence = "这个身份证号或学籍号不能在本校直接建档。如果是从别的学校转来、升来的，请原学校办理“档案移交”，接收后再导入。"
            return Match(refused=sentence)
        by_student, by_id = found.by_student_no.get(student_no), found.by_id_no.get(id_no)
        if by_student and by_id and by_student != by_id:
            sentence = "学籍号和身份证号在系统里属于两名不同的学生，请核对这一行。"
            return Match(conflict=sentence, choices=(_SKIP,))
        if pk := by_student or by_id:
            return Match(pk, former=student_no in found.former)
        return self._match_by_name(row)

    def _match_by_name(self, row: ChildRow) -> Match:
        """Name and birth date; a namesake with another ID number is another child."""
        candidates = [
            known for known in self.register.by_name.get(row.name or "", []) if not (row.id_no and known.id_index)
        ]
        if not candidates:
            return self._match_by_variant(row)
        same_day = [known for known in candidates if _same_birth(row, known)]
        if len(same_day) == 1:
            return Match(same_day[0].pk)
        near = same_day or [known for known in candidates if _may_be(row, known)]
        if not near:
            return Match()
        sentence = f"系统里已有“{row.name}”，表里的信息不足以判断是不是同一名学生。"
        choices = tuple(Choice(f"{UPDATE}-{known.pk}", f"是{self._describe(known)}") for known in near)
        likely = near[0].pk if len(near) == 1 else None
        return Match(conflict=sentence, choices=(*choices, Choice(NEW, "不是，新建一名学生"), _SKIP), likely=likely)

    def _match_by_variant(self, row: ChildRow) -> Match:
        """
        A child born on the same day whose name sounds the same or differs by one character: asked, never guessed.

        Who stands in the file under the stored name as well is somebody else, most often a twin (fault 70).
        """
        born, name = row.birth_date, row.name or ""
        if born is None or born.precision != DAY or not name:
            return Match()
        near = [
            known
            for known in self.register.by_birth.get(born.first_day, ())
            if known.name not in self.names
            and not (row.id_no and known.id_index)
            and (one_apart(name, known.name) or readings(name).pinyin == known.pinyin)
        ]
        if not near:
            return Match()
        settled = [known.pk for known in near if known.pk in self.register.spellings.get(name, ())]
        if len(settled) == 1:
            return Match(settled[0])
        sentence = f"系统里有同一天出生、姓名只差一点的学生，和表里的“{name}”是同一名学生吗？"
        choices = [
            choice
            for known in near
            for choice in (
                Choice(f"{UPDATE}-{known.pk}", f"是{self._describe(known)}，姓名改成“{name}”"),
                Choice(f"{KEEP_NAME}-{known.pk}", f"是{self._describe(known)}，姓名不改"),
            )
        ]
        return Match(conflict=sentence, choices=(*choices, Choice(NEW, "不是，新建一名学生"), _SKIP))

    def _settle_what_says_nothing_new(
        self, rows: list[ChildRow], matches: list[Match], dossiers: dict[int, Dossier]
    ) -> None:
        """
        Take the only likely child where the row would change nothing: the same file again asks nothing.

        What was laid over a dossier for trial is loaded afresh, once for all rows.
        """
        spoilt = set()
        for row, match in zip(rows, matches, strict=True):
            dossier = dossiers.get(match.likely or 0)
            if dossier is None or row.fate is not Fate.IMPORT or dossier.enrollment is None:
                continue
            if question_key("conflict", row.sheet, row.place) in self.answers:
                continue
            current = dossier.enrollment.school_class
            key = self._class_key(row.klass) if row.klass else None
            if key is not None and key != (current.entry_year, current.number):
                continue
            trial = Edits()
            Merge(self.terms, row, dossier, trial).run(None)
            if trial.writes:
                spoilt.add(dossier.child.pk)
            else:
                match.pk, match.conflict = match.likely, ""
        dossiers |= self.register.load(spoilt)

    def _describe(self, known: Known) -> str:
        school_class = self.register.classes.get(known.class_id or 0)
        place = school_class.name_on(self.terms.on) if school_class else "已离班"
        born = f"，{chinese_date(known.birth_date)}出生" if known.birth_date else ""
        return f"{place}的{known.name}{born}"

    def _row(self, row: ChildRow, match: Match, dossiers: dict[int, Dossier], edits: Edits) -> Outcome:
        outcome = Outcome(row.sheet, row.row, row.name or "", Status.REJECTED, class_name=str(row.klass or ""))
        if row.fate is Fate.REJECT or match.refused:
            outcome.message = match.refused or "这一行有错误，见上面的说明。"
            return outcome
        if row.fate is Fate.ASK:
            outcome.status, outcome.message = Status.WAITING, "这一行有问题需要先回答。"
            return outcome
        if self.hold:
            outcome.status, outcome.message = Status.WAITING, "请先确认是不是以前的名册。"
            return outcome
        if match.conflict and not self._decided(row, match, dossiers, outcome):
            return outcome
        dossier = dossiers.get(match.pk or 0)
        if dossier is None:
            return self._new_child(row, edits, outcome)
        return self._known_child(row, match, dossier, edits, outcome)

    def _decided(self, row: ChildRow, match: Match, dossiers: dict[int, Dossier], outcome: Outcome) -> bool:
        """Apply a person's decision on a conflict; False if there is none or the row is left out."""
        outcome.key = question_key("conflict", row.sheet, row.place)
        outcome.choices, outcome.message = match.choices, match.conflict
        answer = self.answers.get(outcome.key, "")
        if answer not in {choice.value for choice in match.choices}:
            outcome.status = Status.DECIDE
            return False
        if answer == SKIP:
            outcome.status, outcome.message = Status.REJECTED, "您选择了不导入这一行。"
            return False
        _, _, pk = answer.partition("-")
        if pk:
            match.pk = int(pk)
            if match.pk not in dossiers:
                dossiers |= self.register.load([match.pk])
        return True

    def _known_child(self, row: ChildRow, match: Match, dossier: Dossier, edits: Edits, outcome: Outcome) -> Outcome:
        child = dossier.child
        outcome.child = child.pk
        self.gone += dossier.enrollment is None
        if child.pk in self.used:
            first = self.used[child.pk]
            outcome.message = f"与第{first.row}行是同一名学生，只导入了前一行。"
            return outcome
        if dossier.left_on is not None and dossier.left_on >= self.terms.on:
            outcome.message = (
                f"系统里这名学生在班到{chinese_date(dossier.left_on)}，名册日期{chinese_date(self.terms.on)}不晚于这一天，不能登记复学。"
                "请把名册日期改到这天以后再导入；离校登记错了的，请先到变动登记里更正。"
            )
            return outcome
        spelling = self._settle_spelling(row, child)
        number = number_change(row, child, former=match.former)
        self.formal += number is NumberChange.FORMAL
        if question := self._contradiction(row, dossier, number):
            outcome.key = question_key("conflict", row.sheet, row.place)
            outcome.choices = self._answers_to(row, child)
            answer = self.answers.get(outcome.key, "")
            if answer.partition("-")[0] not in (UPDATE, KEEP_NAME):
                outcome.status = Status.REJECTED if answer == SKIP else Status.DECIDE
                outcome.message = "您选择了不导入这一行。" if answer == SKIP else question
                return outcome
        school_class, waiting = self._class_of(row, dossier)
        if waiting:
            outcome.status, outcome.message = Status.WAITING, waiting
            return outcome
        self.used[child.pk] = row
        kept = keeps_stored(number, self.answers)
        merge = Merge(self.terms, row, dossier, edits, keep_number=bool(kept))
        merge.run(school_class)
        if kept:
            merge.notes.append(kept)
        if len(spelling) > LONGEST_SPELLING:
            merge.notes.append("名册里的写法太长，没有记住，下次还会询问。")
        elif spelling:
            edits.add(fresh(OtherSpelling, child=child, name=spelling))
            merge.tell("记住名册里的写法", "", f"{spelling}（姓名不改，下次不再询问）")
        outcome.changes, outcome.notes = merge.changes, merge.notes
        outcome.status = Status.CHANGED if merge.changes else Status.SAME
        outcome.class_name = self.terms.class_name(child.school_class) if child.school_class else "不在班"
        return outcome

    def _settle_spelling(self, row: ChildRow, child: Child) -> str:
        """
        Let the stored name stand where a person has said so, for this row now or for the spelling in an earlier import.

        Returns the spelling that is to be remembered from now on, else an empty string.
        """
        written = row.name or ""
        if written == child.name:
            return ""
        if child.pk in self.register.spellings.get(written, ()):
            row.name = child.name
            return ""
        answer = self.answers.get(question_key("conflict", row.sheet, row.place), "")
        if answer.partition("-")[0] != KEEP_NAME:
            return ""
        row.name = child.name
        return written

    @staticmethod
    def _answers_to(row: ChildRow, child: Child) -> tuple[Choice, ...]:
        """What a person can say to a contradiction between a row and the child it leads to."""
        if row.name == child.name:
            return Choice(UPDATE, "按表里写的更新"), _SKIP
        return (
            Choice(UPDATE, f"是同一名学生，姓名改成“{row.name}”"),
            Choice(KEEP_NAME, f"是同一名学生，姓名仍是“{child.name}”，其余按表里写的更新"),
            _SKIP,
        )

    def _contradiction(self, row: ChildRow, dossier: Dossier, number: NumberChange) -> str:
        """What speaks against the row being this child, or against changing it without asking."""
        child = dossier.child
        if row.name and row.name != child.name:
            return f"号码与系统里的“{child.name}”相同，但姓名不同。是改名或写错，还是另一名学生？"
        if row.id_no and child.id_no and row.id_no != child.id_no:
            return "系统里这名学生的身份证号与表里不同，请核对。"
        if number is NumberChange.OTHER:
            return "系统里这名学生的学籍号与表里不同，请对照学籍系统核对。"
        if dossier.enrollment is None:
            return "系统里这名学生已离校。是回来就读吗？选择更新将登记为复学。"
        return ""

    def _class_of(self, row: ChildRow, dossier: Dossier | None) -> tuple[SchoolClass | None, str]:
        """The class to put the child into (None keeps the present one), or why the row must wait."""
        ref = row.klass
        current = dossier.enrollment.school_class if dossier and dossier.enrollment else None
        key = self._class_key(ref) if ref else None
        if key is not None:
            school_class = self.classes.get(key)
            if school_class is None:
                return None, f"系统里还没有{ref}，请先确认是否建立。"
            return school_class, ""
        if current is None:
            return None, "没有写明班级，请先选择班级。"
        if ref is not None and ref.grade is not None:
            known_grade = current.grade_on(self.terms.on)
            stated = KINDERGARTEN_GRADES.index(ref.grade) + 1 if ref.grade in KINDERGARTEN_GRADES else ref.grade
            if stated != known_grade:
                return None, f"表里是{ref}，系统里在{current.name_on(self.terms.on)}，请先选择班级。"
        return None, ""

    def _new_child(self, row: ChildRow, edits: Edits, outcome: Outcome) -> Outcome:
        school_class, waiting = self._class_of(row, None)
        if waiting or school_class is None:
            outcome.status, outcome.message = Status.WAITING, waiting
            return outcome
        if school_class._state.adding and not any(school_class is one for one in edits.created_of(SchoolClass)):
            edits.add(school_class)
        child = edits.add(fresh(Child, school=self.terms.school))
        merge = Merge(self.terms, row, Dossier(child), edits)
        merge.run(school_class)
        outcome.status, outcome.notes = Status.NEW, merge.notes
        outcome.changes = [change for change in merge.changes if change[2]]
        outcome.class_name = self.terms.class_name(school_class)
        return outcome


def candidate_of(choice: Choice) -> int | None:
    """The child that a row is taken for with this choice; None for a new one or a row left out."""
    _, _, pk = choice.value.partition("-")
    return int(pk) if pk.isdigit() else None


def _same_birth(row: ChildRow, known: Known) -> bool:
    """Both know the full birth date and it is the same."""
    stated = row.birth_date
    if stated is None or known.birth_date is None or stated.precision != DAY or known.birth_precision != DAY:
        return False
    return stated.agrees_with(known.birth_date)


def _may_be(row: ChildRow, known: Known) -> bool:
    """Nothing speaks against it: one birth date is missing or coarse, and what is known of both agrees."""
    stated = row.birth_date
    if stated is None or known.birth_date is None:
        return True
    parts = {"day": 10, "month": 7, "year": 4}
    width = min(len(stated.iso), parts[known.birth_precision])
    return stated.iso[:width] == known.birth_date.isoformat()[:width]
