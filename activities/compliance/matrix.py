"""The matrix of children by items as frozen lines: what the page, the paper and the workbook show alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from activities.compliance.board import Board, Cell, Column
from activities.compliance.rules import Figures, State, figures
from activities.compliance.sources import Pupil
from activities.compliance.words import MARKS, WORDS, head, percent
from caretrack.periods import chinese_date
from mentoring.models import Mentor

NO_MENTOR = "没有代理家长"


@dataclass(frozen=True)
class Line:
    """One child with its cells in the order of the columns."""

    pupil: Pupil
    class_name: str
    mentor: str
    cells: tuple[Cell, ...]
    told: Figures
    #: How many items have begun and are not in order: due, tried or missing.
    lacks: int = 0
    #: The first day of what is owed where nothing has begun yet, as for a child paired a few days ago.
    begins: date | None = None

    @property
    def rate(self) -> str:
        return percent(self.told)


@dataclass(frozen=True)
class GroupLine:
    """A class, a mentor or the whole with 应、实 of each column."""

    ident: int
    label: str
    heads: int
    parts: tuple[Figures, ...]

    @property
    def told(self) -> Figures:
        return sum(self.parts, Figures())


def shown_mark(cell: Cell, *, paper: bool = False) -> str:
    """What stands in a cell: 完成, 1/2 …, on paper √, ×, 3/4; nothing where nothing is owed."""
    if cell.state is None:
        return ""
    if cell.state is State.SHOWN:
        times = sum(one.on_time for one in cell.obligations)
        return f"{times}次"
    single = cell.single
    if (single is None or single.times > 1) and cell.state is not State.EXCUSED and cell.due:
        return f"{cell.done}/{cell.due}"
    return (MARKS if paper else WORDS)[cell.state]


def mentor_names(board: Board) -> dict[int, str]:
    """Mentor id → name, of all mentors on the board. One statement."""
    ids = {mentor for spans in board.sources.mentors.values() for _, mentor in spans}
    return dict(Mentor.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def class_names(board: Board) -> dict[int, str]:
    """Class id → its name at the end of the span."""
    return {pk: row.name_on(board.asked_until) for pk, row in board.sources.classes.items()}


def line_of(board: Board, pupil: Pupil, classes: Mapping[int, str], mentors: Mapping[int, str]) -> Line:
    """The line of one child."""
    cells = tuple(board.cell(pupil.pk, column) for column in board.child_columns)
    owed = [one for cell in cells for one in cell.obligations]
    begins = min((one.begins for one in owed), default=None)
    return Line(
        pupil,
        classes.get(board.class_of(pupil), ""),
        mentors.get(board.mentor_of(pupil), ""),
        cells,
        figures(owed, board.today),
        lacks=len({one.rule.column for one in board.still_owed(pupil.pk)}),
        begins=begins if begins is not None and begins > board.today else None,
    )


def late_starts(board: Board) -> str:
    """Says which programmes begin within the span and not with it, and that nothing is due of one still to come."""
    return "；".join(
        f"“{name}”从{chinese_date(day)}起实行" + ("，尚未开始，现在不计应做和完成率" if day > board.today else "")
        for name, day in board.late_starts
    )


def remarks(board: Board) -> str:
    """What the cells of the span cannot say: late starts, items begun too late for it, weeks told in the next one."""
    late = "".join(f"“{rule.name}”" for rule in board.begun_too_late)
    ahead = "、".join(
        f"“{rule.name}”{period.first.month}月{period.first.day}日至{period.last.month}月{period.last.day}日这一期"
        for rule, period in board.told_next
    )
    said = (
        late_starts(board),
        late and f"{late}启用时所在的一期（学期、月或周）已过半，这一期不要求，从下一期起算",
        ahead and f"{ahead}算在下一段，本段不计",
    )
    return "；".join(filter(None, said))


def words_of(cell: Cell, today: date) -> str:
    """How a cell stands in a word: 完成, 待做, and 未到 where nothing of it has begun. The cell must not be empty."""
    if cell.state is State.DUE and all(one.begins > today for one in cell.obligations):
        return "未到"
    return WORDS[cell.state] if cell.state else ""


def in_order(board: Board, pupils: Iterable[Pupil]) -> list[Pupil]:
    """By class, lowest grade first, then by name."""
    order = {
        pk: (-row.entry_year, row.number) for pk, row in board.sources.classes.items()
    }  # fmt: skip
    return sorted(pupils, key=lambda pupil: (order.get(board.class_of(pupil), (0, 0)), pupil.pinyin, pupil.pk))


def grouped(board: Board, pupils: Iterable[Pupil], by: str) -> tuple[GroupLine, ...]:
    """应、实 by class or mentor, in the order of classes or of names, and the whole last (id -1)."""
    members: dict[int, list[int]] = {}
    everyone: list[int] = []
    for pupil in in_order(board, pupils):
        key = board.mentor_of(pupil) if by == "mentor" else board.class_of(pupil)
        members.setdefault(key, []).append(pupil.pk)
        everyone.append(pupil.pk)
    if by == "mentor":
        names = {0: NO_MENTOR}
        ids = Mentor.objects.filter(pk__in=members).order_by("pinyin", "pk").values_list("pk", "name")
        names |= dict(ids)
        ordered = [pk for pk, _ in ids] + ([0] if 0 in members else [])
    else:
        names, ordered = class_names(board), list(members)
    told = board.totals(members)
    lines = [
        GroupLine(pk, names.get(pk, "不在班"), len(members[pk]), tuple(told[pk][c.key] for c in board.child_columns))
        for pk in ordered
    ]
    whole = tuple(sum((line.parts[at] for line in lines), Figures()) for at in range(len(board.child_columns)))
    return (*lines, GroupLine(-1, "合　计", len(everyone), whole))


@dataclass(frozen=True)
class UnitLine:
    """What a class or the school owes of one item."""

    label: str
    ident: int
    column: Column
    cell: Cell


def unit_lines(board: Board, classes: Iterable[int] | None = None) -> list[UnitLine]:
    """The obligations of the school, and of its classes (all, or those asked for)."""
    found = []
    if classes is None:
        found = [UnitLine("全校", 0, column, board.school_cell(column)) for column in board.columns_about("school")]
    names = class_names(board)
    wanted = None if classes is None else set(classes)
    ordered = sorted(board.sources.classes.values(), key=lambda row: (-row.entry_year, row.number))
    for column in board.columns_about("class"):
        for row in ordered:
            if wanted is None or row.pk in wanted:
                found.append(UnitLine(names[row.pk], row.pk, column, board.class_cell(row.pk, column)))
    return [line for line in found if line.cell.state is not None]


@dataclass(frozen=True)
class PaperLine:
    """A child on paper or in a workbook."""

    number: int
    name: str
    class_name: str
    mentor: str
    marks: tuple[str, ...]
    due: int
    done: int
    rate: str


@dataclass(frozen=True)
class Sheet:
    """The matrix as a paper: heads, lines and totals; holds no object of the database."""

    school: str
    unit: str
    title: str
    span: str
    heads: tuple[tuple[str, str], ...]
    lines: tuple[PaperLine, ...]
    totals: tuple[tuple[int, int, str], ...]
    due: int
    done: int
    rate: str
    units: tuple[tuple[str, str, str], ...] = ()
    #: What the cells cannot say, see `remarks`; empty for nothing.
    starts: str = ""


def sheet_of(board: Board, pupils: Iterable[Pupil], unit: str, title: str, units: Iterable[UnitLine] = ()) -> Sheet:
    """The matrix of `pupils`, by class and name, for printing or exporting. `unit` says whose: 全校, 四（1）班."""
    classes, mentors = class_names(board), mentor_names(board)
    lines = [line_of(board, pupil, classes, mentors) for pupil in in_order(board, pupils)]
    told = [
        sum((figures(line.cells[at].obligations, board.today) for line in lines), Figures())
        for at in range(len(board.child_columns))
    ]
    whole = sum(told, Figures())
    view = board.view
    year = f"{view.last.year}年" if view.last.year != view.first.year else ""
    days = f"{view.first.year}年{view.first.month}月{view.first.day}日至{year}{view.last.month}月{view.last.day}日"
    return Sheet(
        school=board.school.name,
        unit=unit,
        title=title,
        span=view.label if view.kind == "week" else f"{view.label}（{days}）",
        heads=tuple((column.rule.name, head(column.rule)) for column in board.child_columns),
        lines=tuple(
            PaperLine(
                number, line.pupil.name, line.class_name, line.mentor,
                tuple(shown_mark(cell, paper=True) for cell in line.cells), line.told.due, line.told.done, line.rate,
            )
            for number, line in enumerate(lines, start=1)
        ),
        totals=tuple((part.due, part.done, percent(part)) for part in told),
        due=whole.due,
        done=whole.done,
        rate=percent(whole),
        units=tuple((line.label, line.column.rule.name, shown_mark(line.cell)) for line in units),
        starts=remarks(board),
    )  # fmt: skip
