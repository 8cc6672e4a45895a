"""学习成绩: a row a pupil and a column a subject, or a row a mark. Ranks are never taken (教育部令50号 art. 10)."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar

from caretrack.access.policy import ACTS, Act, DataClass, Level, Role
from caretrack.schools.models import Term
from children.importing.aliases import normal_title
from children.importing.edits import Change
from children.importing.normalise.reading import Reading, error, fixed
from children.importing.normalise.text import fold, is_nothing, tidy
from children.importing.outcomes import Status
from children.importing.sheets import CellValue
from children.life.words import OCCASIONS, SUBJECTS
from children.models import Result
from children.models.life import LEVELS
from children.tables.amounts import read_number
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Setting, register
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow, Titles, same_words

SUBJECT = "subject."
_OTHER_SUBJECTS = ("品德", "思想品德", "道法", "品德与社会", "品德与生活", "信息技术", "劳动", "综合实践", "书法", "写字", "英文", "外语", "拼音", "健康", "艺术", "语言", "社会", "计算机")  # fmt: skip
_SAME_SUBJECT = {"道法": "道德与法治", "英文": "英语", "信息技术": "信息科技", "计算机": "信息科技", "美工": "美术"}
_KNOWN = {normal_title(name): name for name in (*SUBJECTS, *_OTHER_SUBJECTS)}
_RANK = re.compile(r"名次|排名|位次|名列|总分|平均分|均分|总成绩|合计")
_BEHIND = re.compile(r"(成绩|分数|得分|等级|等第|\(?分\)?)$")
_FULL = re.compile(r"满分[:：]?(\d{2,3})|[(（](\d{2,3})分?[)）]")
_LEVEL_OF = {
    "优": "优", "优秀": "优", "a": "优", "a+": "优", "良": "良", "良好": "良", "b": "良", "b+": "良", "合格": "合格",
    "及格": "合格", "中": "合格", "中等": "合格", "c": "合格", "达标": "合格", "待合格": "待合格", "不合格": "待合格",
    "不及格": "待合格", "差": "待合格", "待达标": "待合格", "d": "待合格", "e": "待合格",
}  # fmt: skip
_ABSENT = frozenset({"缺考", "缺", "免考", "免修", "请假", "病假", "未考", "未参加", "休学", "转学"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark, a level, or a level beside a mark; neither if the pupil did not sit the examination."""

    mark: Decimal | None = None
    level: str = ""

    @property
    def words(self) -> str:
        """What the preview shows: 110（优）."""
        return in_words(self.mark, self.level)


def in_words(mark: Decimal | None, level: str) -> str:
    """A mark with the level beside it, as far as there are any."""
    number = "" if mark is None else f"{mark:f}".removesuffix(".0")
    return f"{number}（{level}）" if number and level else number or level


def read_mark(value: CellValue, *, full: int = 100) -> Reading[Mark]:
    """A mark within the full mark, or a level in a school's words; 缺考 and the like give nothing."""
    if is_nothing(value):
        return Reading(None)
    word = fold(value)
    if word in _ABSENT:
        return Reading(None, remarks=(fixed("absent", f"“{tidy(value)}”，没有成绩。"),))
    if word in _LEVEL_OF:
        return Reading(Mark(level=_LEVEL_OF[word]))
    reading = read_number(value.removesuffix("分") if isinstance(value, str) else value)
    if reading.value is None:
        sentence = f"“{tidy(value)}”不是分数，也不是{'、'.join(LEVELS)}这样的等级。"
        return Reading(None, remarks=(error("mark_unclear", sentence),))
    if not 0 <= reading.value <= full:
        sentence = (
            f"{reading.value.normalize():f} 分超出 0–{full}。满分不是 {full} 分的，请在表头写明，如“语文（满分120）”。"
        )
        return Reading(None, remarks=(error("mark_impossible", sentence),))
    return Reading(Mark(reading.value.quantize(Decimal("0.1"))))


def subject_of(title: str) -> str:
    """The field of a column that holds the marks of one subject: 语文, 数学成绩, 英语（满分120）."""
    if _RANK.search(title):
        return ""
    name = _KNOWN.get(title) or _KNOWN.get(_BEHIND.sub("", title))
    return f"{SUBJECT}{_SAME_SUBJECT.get(name, name)}" if name else ""


@dataclass(slots=True)
class _Stored:
    results: dict[tuple[int, str], Result] = field(default_factory=dict)
    term: str = ""
    closed: set[tuple[int, str]] = field(default_factory=set)
    seen: dict[tuple[int, str], int] = field(default_factory=dict)


@register
class ResultTable(PupilTable):
    slug = "results"
    title = "学习成绩"
    lead = "一个学期一次考查的成绩：一名学生一行，语文、数学、英语各占一列；写分数或等级都可以。"
    unit = "人"
    icon = "journal-check"
    back, back_label = "children:results_list", "查看学习成绩"
    act = Act.RESULT_EDIT
    data = DataClass.CARE
    fields: ClassVar = (
        *PUPIL,
        SCHOOL,
        Field("subject", "学科", "科目 课程"),
        Field("mark", "成绩", "分数 得分 考试成绩"),
        Field("level", "等级", "等第 成绩等级 评价等级"),
        Field("full_mark", "满分"),
        Field("term", "学期", "学年学期"),
        Field("occasion", "考查", "考试 考试名称 考试类型"),
        *(Field(f"{SUBJECT}{name}", name, example="优" if name == "科学" else "92") for name in SUBJECTS[:5]),
    )
    options: ClassVar = (
        Option("term", "学期", "term", required=True),
        Option(
            "occasion",
            "考查",
            "choice",
            required=True,
            initial=OCCASIONS[-1],
            choices=(*((o, o) for o in OCCASIONS), ("单元", "单元"), ("月考", "月考")),
        ),  # fmt: skip
    )
    hints: ClassVar = (
        "满分按 100 分；不是的请在表头写明，如“语文（满分120）”。",
        "总分、平均分和名次不导入：成绩不排名、不公布（教育部令第50号第十条）。",
        "同一学期同一次考查的成绩，再导入时按新的分数更正；空格不会清除已有的成绩。",
    )

    @property
    def roles(self) -> frozenset[Role]:
        """Subject teachers enter the marks of the classes they teach, too (policy: 仅本人相关)."""
        return ACTS[self.act]

    def titles(self) -> Titles:
        refused = "成绩不排名，也不保存总分和平均分"
        return Titles(self.fields, subject_of, refused={_RANK: refused})

    def load(self, setting: Setting, children: set[int]) -> _Stored:
        same = Result.objects.filter(
            child__in=children, term=setting.option("term"), occasion=setting.option("occasion")
        )
        term = Term.objects.filter(pk=setting.option("term")).first()
        stored = _Stored({(one.child_id, one.subject): one for one in same}, str(term or ""))
        open_ones = same.visible_to(setting.by, Level.WRITE).values_list("child_id", "subject")
        stored.closed = set(stored.results) - set(open_ones)
        return stored

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        _check_examination(row, setting, store)
        stated = _marks(row)
        if not row.failed and not stated:
            laying.outcome.status, laying.outcome.message = Status.WAITING, "这一行没有成绩。"
        for name, (subject, _, _) in stated.items():
            key = (pupil.pk, subject)
            if key in store.closed:
                row.fail(name, f"{subject}的成绩已由别的老师登记，请由他更正，或找班主任。")
            elif store.seen.setdefault(key, row.number) != row.number:
                row.fail(name, f"与第{store.seen[key]}行重复：同一名学生的{subject}成绩。")
        if row.failed:
            return
        for subject, full, mark in stated.values():
            self._lay_one(laying, pupil, subject, full, mark, setting, store)

    def _lay_one(
        self, laying: Laying, pupil: Pupil, subject: str, full: int, mark: Mark, setting: Setting, store: _Stored
    ) -> None:
        known = store.results.get((pupil.pk, subject))
        if known is None:
            new = Result(
                child_id=pupil.pk,
                term_id=int(setting.option("term")),
                occasion=setting.option("occasion"),
                subject=subject,
                mark=mark.mark,
                level=mark.level,
                full_mark=full,
                entered_by=setting.by,
            )
            before = laying.outcome.status
            laying.add(new)
            if before == Status.CHANGED:
                laying.outcome.status = before
            laying.outcome.changes.append(Change(subject, "", mark.words))
            return
        old = in_words(known.mark, known.level)
        same_mark = mark.mark is not None and (mark.mark, full) == (known.mark, known.full_mark)
        if same_mark and mark.level in ("", known.level):
            return
        # Another mark replaces the level and the other way round: both together would contradict each other.
        facts: dict[str, Any] = {"mark": mark.mark, "level": mark.level}
        if mark.mark is not None:
            facts["full_mark"] = full
        changed = [name for name, value in facts.items() if laying.plan.edits.put(known, name, value)]
        if changed:
            laying.tell(subject, old, mark.words)


def _marks(row: TableRow) -> dict[str, tuple[str, int, Mark]]:
    """Field of the column → subject, full mark and what was reached."""
    found = {}
    for name in row.columns:
        if name.startswith(SUBJECT) and row.has(name):
            full = _full_mark(row.title(name))
            if mark := row.take(name, read_mark, full=full):
                found[name] = (name.removeprefix(SUBJECT), full, mark)
    name = "mark" if row.has("mark") else "level"
    if row.has(name) or row.has("subject"):
        subject, full = row.text("subject", 20), _row_full_mark(row)
        if not subject:
            row.fail("subject", "写了成绩，没有写是哪一科，请补上。")
        elif mark := row.take(name, read_mark, full=full):
            if mark.mark is not None and row.has("level"):
                mark = replace(mark, level=_level_beside(row))
            found[name] = (_SAME_SUBJECT.get(subject, subject), full, mark)
    return found


def _level_beside(row: TableRow) -> str:
    """The level in a column of its own beside the mark; the row fails if a number stands there."""
    stated = row.take("level", read_mark, full=1000)
    if stated is not None and stated.mark is not None:
        row.fail("level", f"等级一列写的是数字，请写{'、'.join(LEVELS)}。")
    return stated.level if stated else ""


def _row_full_mark(row: TableRow) -> int:
    """The full mark that a row states for its one mark, else that of the column's title."""
    stated = row.take("full_mark", read_number)
    if stated is None:
        return _full_mark(row.title("mark"))
    if stated != stated.to_integral_value() or not 10 <= stated <= 1000:
        row.fail("full_mark", f"满分 {stated.normalize():f} 不对，请填 10 到 1000 的整数。")
        return 100
    return int(stated)


def _check_examination(row: TableRow, setting: Setting, store: _Stored) -> None:
    """A row of another term or examination than the one chosen is no slip of the pen: it is the wrong file."""
    for name, chosen in (("term", store.term), ("occasion", setting.option("occasion"))):
        if row.has(name) and not same_words(row.values[name], chosen):
            words = f"写的是“{tidy(row.values[name])}”，上传时选的是“{chosen}”。请分开导入，或重新选择后上传。"
            row.fail(name, words)


def _full_mark(title: str) -> int:
    found = _FULL.search(title)
    return int(found[1] or found[2]) if found else 100
