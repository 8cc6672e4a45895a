"""Checks of ID number and 学籍号 in forms (domain A.1, A.2): what is wrong, said so that it can be put right."""

from datetime import date
from typing import Any

from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.importing.normalise.id_numbers import birth_of, clean_id, read_id, sex_of
from children.importing.normalise.student_numbers import read_student_no
from children.models import Child, codes
from children.queries import number_taken

NO_SUCH = "这个号码没有采用：可能抄错了一位，或者已经登记在别的学生名下。请对照户口簿核对；确实无误请联系学校档案管理员或中心校。"


def id_faults(number: str, *, birth: date | None, precision: str, sex: str, on: date) -> list[str]:
    """Sentences about an 18-character ID number that is unsound, or disagrees with birth date or sex."""
    reading = read_id(number, on=on)
    if reading.value is None:
        return [remark.sentence for remark in reading.remarks] or ["身份证号应为18位。"]
    faults = []
    born = birth_of(reading.value)
    if birth is not None and born is not None and not _same_day(birth, born, precision):
        faults.append(f"身份证号里的出生日期是{chinese_date(born)}，与填写的{chinese_date(birth)}不一致。")
    if sex in (codes.Sex.MALE, codes.Sex.FEMALE) and sex_of(reading.value) != codes.Sex(sex).label:
        faults.append(f"身份证号里的性别是{sex_of(reading.value)}，与填写的{codes.Sex(sex).label}不一致。")
    return faults


def _same_day(birth: date, born: date, precision: str) -> bool:
    parts = {"year": 1, "month": 2}.get(precision, 3)
    return birth.timetuple()[:parts] == born.timetuple()[:parts]


def student_no_faults(number: str, *, id_no: str) -> list[str]:
    """Sentences about a 学籍号: its form, and that a G number ends with the ID number."""
    reading = read_student_no(number)
    if reading.value is None:
        return [remark.sentence for remark in reading.remarks]
    if reading.value[0] == "G" and id_no and reading.value[1:] != id_no:
        return ["G 开头的学籍号后18位应与身份证号相同，请核对这两个号码。"]
    return []


def taken_fault(field: str, number: str, staff: Staff, *, but: int | None) -> str:
    """
    The sentence when somebody has the number already; empty otherwise.

    A child whom `staff` sees is named. Of any other child nothing is told but that the number cannot be taken.
    """
    other = number_taken(field, number, but=but)
    if other is None:
        return ""
    seen = Child.objects.visible_to(staff).filter(pk=other.pk).exists()
    return f"{other.name}的档案里已经登记了这个号码，请核对是不是同一个学生。" if seen else NO_SUCH


class NumberChecks:
    """Mixin for a form with id_no, student_no, birth_date, sex and the box `unchecked`; needs `staff` and `today`."""

    staff: Staff
    today: date
    cleaned_data: dict[str, Any]

    def check_numbers(self, *, but: int | None) -> None:
        """Add the faults of both numbers; with `unchecked` ticked only those of a number that is taken."""
        given, add = self.cleaned_data, self.add_error  # type: ignore[attr-defined]
        id_no, student_no = clean_id(given.get("id_no") or ""), clean_id(given.get("student_no") or "")
        given["id_no"], given["student_no"] = id_no, student_no
        checked = not given.get("unchecked")
        if id_no and given.get("id_type", "1") in ("1", "2") and checked:
            for fault in id_faults(
                id_no,
                birth=given.get("birth_date"),
                precision=given.get("birth_precision") or "day",
                sex=given.get("sex") or "",
                on=self.today,
            ):
                add("id_no", fault)
        if student_no and checked:
            for fault in student_no_faults(student_no, id_no=id_no):
                add("student_no", fault)
        for name, number in (("id_no", id_no), ("student_no", student_no)):
            if number and (fault := taken_fault(name, number, self.staff, but=but)):
                add(name, fault)
