"""The printed results of a round: one table over all classes, and who changed since the round before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.census.answers import PARTS
from children.census.poverty_table import POVERTY
from children.census.rounds import last_closed
from children.census.snapshot import facts_of_rows
from children.census.subject import Difference, Facts, Subject
from children.left_behind import Definition
from children.models import Census, CensusRow, StatusChange, codes

Kind = codes.ChangeKind
COLUMNS = (
    "班级", "在校生", "已核对", "学校口径", "双方外出", "一方外出", "学籍口径", "民政口径", "教育统计口径",
    "父或母", "祖辈", "亲朋", "同辈独居", "托管寄宿", "无人监护", "情况未登记", "联系不上", "有情况说明",
)  # fmt: skip
_CARE = {
    codes.CareType.ONE_PARENT: "父或母",
    codes.CareType.GRANDPARENT: "祖辈",
    codes.CareType.KIN_FRIEND: "亲朋",
    codes.CareType.SIBLING: "同辈独居",
    codes.CareType.SELF: "同辈独居",
    codes.CareType.INSTITUTION: "托管寄宿",
    codes.CareType.NONE: "无人监护",
}


_MOST_NAMED = 5
"""Pupils of a class that came or graduated as a whole who are still named on the paper."""


@dataclass(frozen=True)
class Change:
    """One pupil whose situation differs from the round before; `with_class` if the whole class came or graduated."""

    class_name: str
    name: str
    kind: str
    before: str
    after: str
    pupil: int = 0
    with_class: bool = False


@dataclass(frozen=True)
class ChangeLine:
    """A line of the printed list: each pupil has one number, further changes of the same pupil none."""

    number: int | None
    class_name: str
    name: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True)
class CensusFigures:
    """A round as it is printed: frozen figures once closed, present ones before."""

    title: str
    school: str
    cut_off: date
    closed_on: date | None
    closed_by: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    total: tuple[object, ...]
    changes: tuple[Change, ...]
    lines: tuple[ChangeLine, ...]
    compared_with: str
    notes: tuple[str, ...]
    unanswered: int = 0

    @property
    def standing(self) -> str:
        """Whether the paper is final and of how many pupils it is not checked: 2026年11月23日定稿（3人未核对）."""
        words = f"{chinese_date(self.closed_on)}定稿" if self.closed_on else "未定稿"
        return f"{words}（{self.unanswered}人未核对）" if self.closed_on and self.unanswered else words


def census_figures(census: Census, staff: Staff, classes: set[int] | None = None) -> CensusFigures:
    """
    The table and the change list of a round; for a class teacher of `classes` alone, and of the pupils still there.

    Children counted as left behind are split by 监护类型; the four definitions stand side by side (domain §3.2).
    Only children whom `staff` sees today are named. The school's table counts everybody: its figures are final. A class
    teacher's does not, or the class page beside it would tell by its gap how it stands with a pupil who has moved on.
    """
    listed = census.rows.select_related("school_class__school", "child").order_by(
        "-school_class__entry_year", "school_class__number", "child__pinyin", "pk"
    )
    rows = list(listed if classes is None else listed.filter(school_class__in=classes).visible_to(staff))
    facts, subject = facts_of_rows(census, rows), POVERTY if census.kind == Census.Kind.POVERTY else LEFT_BEHIND
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row.school_class.name_on(census.cut_off)].update(subject.counted(row, facts[row.pk]))
    columns = subject.columns
    table = tuple((name, *(count[column] for column in columns[1:])) for name, count in counts.items())
    total = ("合计", *(sum(count[column] for count in counts.values()) for column in columns[1:]))
    before = last_closed(census)
    changes = tuple(_changes(census, subject, rows, facts, before, staff, classes)) if before else ()
    lines = tuple(_in_lines(changes))
    unanswered = sum(row.answer == CensusRow.Answer.OPEN for row in rows)
    notes = _notes(census, subject, unanswered, whole=classes is None, compared=before is not None)
    if len(lines) < len(changes):
        notes += ("整班新进册、毕业的只列人数，名单见导出的表格。",)
    return CensusFigures(
        title=f"{census.get_kind_display()}汇总表",
        school=census.school.name,
        cut_off=census.cut_off,
        closed_on=census.closed_at.date() if census.closed_at else None,
        closed_by=str(census.closed_by or ""),
        columns=columns,
        rows=table,
        total=total,
        changes=changes,
        lines=lines,
        compared_with=str(before) if before else "",
        notes=notes,
        unanswered=unanswered,
    )


def _counted(row: CensusRow, facts: Facts) -> list[str]:
    found = ["在校生"]
    if row.answer != CensusRow.Answer.OPEN:
        found.append("已核对")
    if row.answer == CensusRow.Answer.UNKNOWN:
        found.append("联系不上")
    if any(getattr(row, part) for part in PARTS):
        found.append("有情况说明")
    counts = facts.get("counts", {})
    away = counts.get(Definition.SEED, 0)
    if away:
        found += ["学校口径", "双方外出" if away > 1 else "一方外出"]
        if care := _CARE.get(facts.get("care_type", "")):
            found.append(care)
    elif facts.get("unknown"):
        found.append("情况未登记")
    names = {Definition.EDU: "学籍口径", Definition.MCA: "民政口径", Definition.STAT: "教育统计口径"}
    return found + [name for definition, name in names.items() if counts.get(definition)]


def _changes(
    census: Census,
    subject: Subject,
    rows: list[CensusRow],
    facts: Mapping[int, Facts],
    before: Census,
    staff: Staff,
    only: set[int] | None,
) -> list[Change]:
    seen = set(census.rows.visible_to(staff).values_list("child", flat=True))
    told = before.rows.visible_to(staff).select_related("child", "school_class__school")
    earlier = {row.child_id: row for row in told}
    there_before = {was.school_class_id for was in earlier.values()}
    found = []
    for row in rows:
        if row.child_id not in seen:
            continue
        place, now = row.school_class.name_on(census.cut_off), facts[row.pk]
        was = earlier.pop(row.child_id, None)
        if was is not None:
            differing = subject.differences(was.facts, now)
            found += [Change(place, row.child.name, *change, pupil=row.child_id) for change in differing]
        elif subject.matters(now):
            new_class = subject.of_everybody and row.school_class_id not in there_before
            came = (subject.came, "—", subject.situation(now))
            found.append(Change(place, row.child.name, *came, pupil=row.child_id, with_class=new_class))
    # A whole class that has graduated is gone as well: the table would not close otherwise.
    theirs = (
        was for was in earlier.values() if only is None or (was.school_class_id in only and was.child_id not in seen)
    )
    gone = [was for was in theirs if subject.matters(was.facts)]
    lines = StatusChange.objects.standing().filter(child__in=[was.child_id for was in gone], kind=Kind.GRADUATE)
    graduates = set(lines.filter(on__range=(before.cut_off, census.cut_off)).values_list("child", flat=True))
    for was in gone:
        # The class by its name of today: 2026届（1）班, not the 六（1）班 that others are in now.
        place, finished = was.school_class.name_on(census.cut_off), was.child_id in graduates
        went = (subject.went, subject.situation(was.facts), "已毕业" if finished else "—")
        found.append(Change(place, was.child.name, *went, pupil=was.child_id, with_class=finished))
    return found


def _in_lines(changes: Iterable[Change]) -> list[ChangeLine]:
    """The changes as they are printed; a class that came or graduated as a whole is one line with how many they are."""
    changes = list(changes)
    sizes = Counter((change.class_name, change.kind) for change in changes if change.with_class)
    lines: list[ChangeLine] = []
    told: set[object] = set()
    for change in changes:
        size = sizes[change.class_name, change.kind] if change.with_class else 0
        many = size > _MOST_NAMED
        key = (change.class_name, change.kind) if many else change.pupil
        if many and key in told:
            continue
        number = None if key in told else len(told) + 1
        told.add(key)
        if many:
            after = f"整班{change.kind}" if change.before == "—" else change.after
            lines.append(ChangeLine(number, change.class_name, f"共{size}人", change.kind, "—", after))
        else:
            named = (change.class_name, change.name, change.kind, change.before, change.after)
            lines.append(ChangeLine(number, *named))
    return lines


def _differences(was: Facts, now: Facts) -> list[Difference]:
    found = []
    if (old := _situation(was)) != (new := _situation(now)):
        counted, counts = was["counts"].get(Definition.SEED, 0), now["counts"].get(Definition.SEED, 0)
        kind = "新增留守" if not counted and counts else "不再留守" if counted and not counts else "外出情况变化"
        found.append((kind, old, new))
    if (old := was.get("carer", "")) != (new := now.get("carer", "")):
        found.append(("监护人变化", old or "未登记", new or "未登记"))
    if was.get("contact", "") != now.get("contact", ""):
        found.append(("联系方式变化", "原号码", "已更新" if now.get("contact") else "没有电话"))
    return found


def _situation(facts: Facts) -> str:
    """父亲外出务工、母亲在家."""
    words = []
    for side, name in (("father", "父亲"), ("mother", "母亲")):
        stated = facts.get(side)
        words.append(name + (codes.ParentStatus(stated["status"]).label if stated else "未登记"))
    at_home = all(
        stated and stated["status"] == codes.ParentStatus.AT_HOME for stated in map(facts.get, ("father", "mother"))
    )
    visit = "（短期返乡，仍计入留守）" if at_home and facts.get("counts", {}).get(Definition.SEED) else ""
    return "、".join(words) + visit


LEFT_BEHIND = Subject(
    columns=COLUMNS,
    counted=_counted,
    situation=_situation,
    differences=_differences,
    matters=lambda facts: True,
    came="新进册",
    went="不在册",
    of_everybody=True,
    note="监护类型只统计按学校口径留守的学生；四种口径的定义见留守儿童统计表。",
)


def _notes(census: Census, subject: Subject, unanswered: int, *, whole: bool, compared: bool) -> tuple[str, ...]:
    notes = []
    if census.closed_at and unanswered:
        why = f"未核对学生的原因：{census.unanswered_reason.rstrip('。')}。" if census.unanswered_reason else ""
        notes.append(f"有{unanswered}名学生没有核对，按档案里登记的情况统计。{why}")
    notes.append(subject.note)
    if not whole:
        notes.append("只包括现在由本人负责的学生，已转到别班或离校的不在内。")
    elif compared:
        notes.append("变化名单不列档案已由别校接收的学生。")
    if census.closed_at is None:
        notes.append("普查还没有定稿，数字随登记变化。")
    return tuple(notes)


def follow_up_rows(census: Census, staff: Staff, classes: set[int] | None = None) -> list[CensusRow]:
    """Pupils whose family could not be reached, as far as `staff` sees them, by class; asked in `classes` if given."""
    found = census.rows.filter(answer=CensusRow.Answer.UNKNOWN).placed().visible_to(staff)
    if classes is not None:
        found = found.filter(place__in=classes)
    found = found.select_related("census", "child", "school_class__school")
    return list(found.order_by("-school_class__entry_year", "school_class__number", "child__pinyin"))
