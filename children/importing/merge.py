"""
One row laid over one dossier: what is stated and differs is changed, what is blank stays (rosters §1.8).

The same code makes the preview and the real import: the edits are either dropped or written.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from caretrack.masking import mask_id_number
from caretrack.schools.models import School, SchoolClass, Staff
from children.importing import family, values
from children.importing.dossiers import Dossier
from children.importing.edits import Change, Edits, facts_of, fresh, in_words
from children.importing.normalise.addresses import completed, is_part_of
from children.importing.normalise.dates import DAY, MONTH, YEAR, PartialDate
from children.importing.normalise.text import tidy
from children.importing.records import ChildRow
from children.models import (
    AbsenceSpan,
    Child,
    Enrollment,
    FormerStudentNumber,
    RestrictedNote,
    StatusChange,
    codes,
)
from children.models.transfer import CAME_BACK

ONE_DAY = dt.timedelta(days=1)
_PRECISE = {YEAR: 0, MONTH: 1, DAY: 2}
_IN_PARTS = frozenset({"address", "hukou_place"})
_MASKED = frozenset({"id_no", "student_no"})
NOTE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """The circumstances of an import: whose school, as of which day, how new pupils enter the register."""

    school: School
    by: Staff | None
    on: dt.date
    entry_on: dt.date
    entry_kind: str = codes.ChangeKind.ENROL_NEW
    names: dict[tuple[int, int], str] = field(default_factory=dict, repr=False, compare=False)

    def class_name(self, school_class: SchoolClass) -> str:
        """The name of a class of the school on the day, made once."""
        key = school_class.entry_year, school_class.number
        if key not in self.names:
            self.names[key] = school_class.name_on(self.on)
        return self.names[key]


@dataclass(slots=True)
class Merge:
    """
    Lays one row over one dossier. ``changes`` are for people, ``edits`` for the database.

    With ``keep_number`` the stored 学籍号 stays.
    """

    terms: Terms
    row: ChildRow
    dossier: Dossier
    edits: Edits
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    keep_number: bool = False
    is_new: bool = field(init=False)
    """True for a child that is not in the database."""

    def __post_init__(self) -> None:
        self.is_new = self.dossier.child._state.adding

    def run(self, school_class: SchoolClass | None) -> None:
        """Apply the whole row; ``school_class`` None leaves the class as it is."""
        writes = self.edits.writes
        self._child()
        self._birth()
        self._note()
        self._restricted_note()
        if school_class is not None:
            self._class(school_class)
        family.merge_family(self)
        if self.edits.writes > writes and not self.changes:
            self.tell("登记细节", "", "补全")  # nothing is written that the preview calls unchanged

    def put(self, instance: Any, name: str, value: Any, *, whose: str = "") -> bool:
        """Set a field if it differs and remember the change in words; a text that is too long is not taken."""
        old = getattr(instance, name)
        if old == value:
            return False
        label, limit, choices = facts_of(instance.__class__, name)
        if limit and isinstance(value, str) and len(value) > limit:
            self.notes.append(f"“{label}”超过 {limit} 个字，没有采用，请缩短后再导入。")
            return False
        if old and isinstance(old, str) and not choices:
            if tidy(old) == value:
                return False  # only blanks differ: the reader has tidied what somebody typed
            if name in _IN_PARTS and value:
                stated, value = value, old if is_part_of(value, old) else completed(value, old)
                if value == old:
                    told = f"表里的“{stated}”只是系统里{whose}{label}“{old}”的一部分，保留系统里的；确要改短，请到学生档案里改。"
                    self.notes.append(told)
                    return False
                if value != stated:
                    told = f"表里的{whose}{label}“{stated}”没有写全，没写的照系统里的补上：“{value}”，请核对。"
                    self.notes.append(told)
        if not self.edits.put(instance, name, value):
            return False
        self.tell(whose + label, in_words(old, choices), in_words(value, choices), name)
        return True

    def tell(self, label: str, old: str, new: str, name: str = "") -> None:
        """Remember a change for the preview; numbers are masked (rosters fault 83)."""
        if name in _MASKED:
            old, new = mask_id_number(old), mask_id_number(new)
        self.changes.append((label, old, new))

    def register(self, kind: str, on: dt.date, *, before: str = "", after: str = "") -> None:
        """A line in the register of changes (domain §5.3)."""
        child = self.dossier.child
        self.edits.add(
            fresh(
                StatusChange,
                child=child,
                school=self.terms.school,
                school_class=child.school_class,
                kind=kind,
                on=on,
                before=before[:200],
                after=after[:200],
                reason="导入花名册",
                made_by=self.terms.by,
            )
        )

    def _child(self) -> None:
        child, stated = self.dossier.child, values.child_values(self.row)
        former = child.student_no
        if self.keep_number:
            stated.pop("student_no", None)
        for name, value in stated.items():
            self.put(child, name, value)
        if former and child.student_no != former:
            self.edits.add(fresh(FormerStudentNumber, child=child, student_no=former, until=self.terms.on))
        if found := values.hardship(self.row):
            self._hardship(child, found)
        for column in sorted(self.row.clears & values.CLEARABLE.keys()):
            for name in values.CLEARABLE[column]:
                self.put(child, name, "")

    def _hardship(self, child: Child, found: list[str]) -> None:
        together = sorted({*child.hardship, *found})
        labels = dict(codes.Hardship.choices)
        old = "、".join(labels.get(code, code) for code in child.hardship)
        if self.edits.put(child, "hardship", together):
            self.tell("困难类别", old, "、".join(str(labels.get(code, code)) for code in together))

    def _birth(self) -> None:
        """A coarser date that agrees with the stored one changes nothing; a finer one makes it exact."""
        stated, child = self.row.birth_date, self.dossier.child
        if stated is None:
            return
        if child.birth_date is not None and _agrees(stated, child.birth_date, child.birth_precision):
            return
        old = child.birth_text
        changed = self.edits.put(child, "birth_date", stated.first_day)
        if self.edits.put(child, "birth_precision", stated.precision) or changed:
            self.tell("出生日期", old, stated.iso)

    def _note(self) -> None:
        """A remark is added to what is stored, once; remarks of other people are never overwritten."""
        child = self.dossier.child
        stored = tidy(child.note)
        missing = [note for note in self.row.notes if note not in stored]
        if not missing:
            return
        text = "；".join([*([child.note] if child.note else []), *missing])
        if len(text) > NOTE_LIMIT:
            self.notes.append("备注太长，没有采用，请缩短后再导入。")
        elif self.edits.put(child, "note", text):
            self.tell("备注（添加）", "", "；".join(missing))

    def _restricted_note(self) -> None:
        """What only few may read is kept apart, added once, and not even the preview repeats it (rosters fault 73)."""
        known = self.dossier.restricted
        missing = [note for note in self.row.restricted if known is None or note not in known.text]
        if not missing:
            return
        if known is None:
            self.edits.add(fresh(RestrictedNote, child=self.dossier.child, text="\n".join(missing)))
        else:
            self.edits.put(known, "text", "\n".join([known.text, *missing]))
        self.tell("限知情人备注（添加）", "", "内容只有德育主任、校长和心理教师能看")

    def _class(self, to: SchoolClass) -> None:
        """Entering a class and changing it are dated events, not overwriting (rosters fault 75)."""
        child, terms, current = self.dossier.child, self.terms, self.dossier.enrollment
        if current is not None and current.school_class_id == to.pk and to.pk is not None:
            return
        name = terms.class_name(to)
        if current is None:
            came_back = not self.is_new
            on = terms.on if came_back else terms.entry_on
            self.edits.add(fresh(Enrollment, child=child, school_class=to, school=terms.school, starts_on=on))
            self.edits.put(child, "school_class", to)
            self.register(codes.ChangeKind.RESUME if came_back else terms.entry_kind, on, after=name)
            if came_back:
                self.tell("班级", "不在班", name)
                self._call_back(on)
            return
        before = terms.class_name(current.school_class)
        if terms.on > current.starts_on:
            self.edits.put(current, "ends_on", terms.on - ONE_DAY)
            self.edits.add(fresh(Enrollment, child=child, school_class=to, school=terms.school, starts_on=terms.on))
        else:
            self.edits.put(current, "school_class", to)
        self.edits.put(child, "school_class", to)
        self.register(codes.ChangeKind.CLASS_CHANGE, terms.on, before=before, after=name)
        self.tell("班级", before, name)

    def _call_back(self, on: dt.date) -> None:
        """Who is in a class again has no dossier on its way (children.services.enrol)."""
        if (transfer := self.dossier.transfer) is not None:
            self.edits.put(transfer, "cancelled_on", max(on, transfer.sent_on))
            self.edits.put(transfer, "cancel_reason", CAME_BACK)
            self.tell("档案移交", f"等待{transfer.to_name}回执", "撤回")

    def open_span(self, member: Any, status: str, since: dt.date | None, work_place: str) -> None:
        """Begin a dated absence of a parent."""
        self.edits.add(fresh(AbsenceSpan, member=member, status=status, starts_on=since, work_place=work_place))


def _agrees(stated: PartialDate, stored: dt.date, precision: str) -> bool:
    """True if the stored date says at least as much as the stated one and the same."""
    return _PRECISE[precision] >= _PRECISE[stated.precision] and stated.agrees_with(stored)
