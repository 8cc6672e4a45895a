"""学习成绩: a row a pupil and a column a subject, or a row a mark. Ranks are never taken (教育部令50号 art. 10)."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from caretrack.access.policy import ACTS, Act, DataClass, Level, Role
from caretrack.schools.models import Term
from children.importing.aliases import normal_title
from children.importing.findings import Finding
from children.importing.findings import Level as Weight
from children.importing.normalise.reading import Reading, error, fixed
from children.importing.normalise.text import fold, is_nothing, tidy
from children.importing.outcomes import Status
from children.importing.sheets import CellValue
from children.life.words import OCCASIONS, SUBJECTS, usual_occasion
from children.models import Result
from children.models.life import LEVELS
from children.tables.amounts import read_number
from children.tables.days import Terms
from children.tables.fields import AS_WRITTEN, PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Plan, Setting, register
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow, Titles

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
_TEST = re.compile(r"(质量)?(考试|测试|检测|考查|考核|测评|监测|测验)$")
KNOWN_OCCASIONS = (*OCCASIONS, "单元", "月考")
MOST_NAMED = 4
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


class Examination(NamedTuple):
    """Which examination of which term."""

    term: Term | None
    occasion: str

    def __str__(self) -> str:
        return f"{self.term or ''}{self.occasion}"


Key = tuple[int, int, str, str]
"""Pupil, term, examination and subject: there is one result of each."""


@dataclass(slots=True)
class _Stored:
    terms: Terms
    chosen: Examination
    results: dict[Key, Result] = field(default_factory=dict)
    known: set[Examination] = field(default_factory=set)
    closed: set[Key] = field(default_factory=set)
    seen: dict[Key, int] = field(default_factory=dict)
    stated: dict[Examination, None] = field(default_factory=dict)

    def written(self, row: TableRow) -> Examination:
        """The examination that a row names in its own words; what it leaves out is as chosen for the file."""
        term = self.terms.named(tidy(row.values["term"])) if row.has("term") else self.chosen.term
        return Examination(term, tidy(row.values["occasion"]) if row.has("occasion") else self.chosen.occasion)

    def sat(self, row: TableRow) -> Examination:
        """The same, 期末考试 as 期末 unless results of a 期末考试 are kept; the row fails if it cannot be told."""
        named = self.written(row)
        if named.term is None:
            unknown = f"没有找到学期“{tidy(row.values.get('term'))}”，请写成“2026—2027学年第一学期”这样。"
            row.fail("term", unknown if row.has("term") else "没有写学期，请补上，或在上传时选好学期。")
        if not row.text("occasion", 20) and not self.chosen.occasion:
            row.fail("occasion", "没有写是哪次考查，请补上，如“期末”，或在上传时选好。")
        return named if named in self.known else named._replace(occasion=plain_occasion(named.occasion))


def plain_occasion(text: str) -> str:
    """期末考试 and 期末检测 are 期末; other words stay as they are."""
    short = _TEST.sub("", text)
    return short if short in KNOWN_OCCASIONS else text


@register
class ResultTable(PupilTable):
    slug = "results"
    title = "学习成绩"
    lead = "考查的成绩：一名学生一次考查一行，语文、数学、英语各占一列；写分数或等级都可以。"
    unit = "行"
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
        Option("term", "学期", "term", "表里没有写学期的行用。"),
        Option(
            "occasion",
            "考查",
            "choice",
            "表里没有写是哪次考查的行用。",
            initial=usual_occasion,
            choices=(("", AS_WRITTEN), *((one, one) for one in KNOWN_OCCASIONS)),
        ),
    )
    hints: ClassVar = (
        "满分按 100 分；不是的请在表头写明，如“语文（满分120）”。",
        "总分、平均分和名次不导入：成绩不排名、不公布（教育部令第50号第十条）。",
        "一个文件里可以有几次考查：有“学期”“考查”两列的，每一行按自己写的登记。",
        "同一学期同一次考查的成绩，再导入时按新的分数更正；空格不会清除已有的成绩。",
    )

    @property
    def roles(self) -> frozenset[Role]:
        """Subject teachers enter the marks of the classes they teach, too (policy: 仅本人相关)."""
        return ACTS[self.act]

    def titles(self) -> Titles:
        refused = "成绩不排名，也不保存总分和平均分"
        return Titles(self.fields, subject_of, refused={_RANK: refused})

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        terms = Terms.of(setting)
        chosen = next((term for term in terms.terms if str(term.pk) == setting.option("term")), None)
        stored = _Stored(terms, Examination(chosen, setting.option("occasion")))
        named = {stored.written(row) for row in rows}
        occasions = {one.occasion for one in named}
        same = Result.objects.filter(
            child__in=children,
            term__in={one.term for one in named if one.term},
            occasion__in=occasions | {plain_occasion(one) for one in occasions},
        )
        by_pk = {term.pk: term for term in terms.terms}
        for one in same:
            stored.results[one.child_id, one.term_id, one.occasion, one.subject] = one
            stored.known.add(Examination(by_pk[one.term_id], one.occasion))
        open_ones = same.visible_to(setting.by, Level.WRITE).values_list("child_id", "term_id", "occasion", "subject")
        stored.closed = set(stored.results) - set(open_ones)
        return stored

    def read(self, row: TableRow) -> None:
        _marks(row)

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        stated = _marks(row)
        if not row.failed and not stated:
            laying.outcome.status, laying.outcome.message = Status.WAITING, "这一行没有成绩。"
            return
        sat = store.sat(row)
        if row.failed or sat.term is None:
            return
        store.stated[sat] = None
        for name, (subject, _, _) in stated.items():
            key = (pupil.pk, sat.term.pk, sat.occasion, subject)
            if key in store.closed:
                row.fail(name, f"{subject}的成绩已由别的老师登记，请由他更正，或找班主任。")
            elif store.seen.setdefault(key, row.number) != row.number:
                row.fail(name, f"与第{store.seen[key]}行重复：同一名学生的{subject}成绩。")
        if row.failed:
            return
        for subject, full, mark in stated.values():
            new = Result(
                child_id=pupil.pk,
                term=sat.term,
                occasion=sat.occasion,
                subject=subject,
                mark=mark.mark,
                level=mark.level,
                full_mark=full,
                entered_by=setting.by,
            )
            self._lay_one(laying, new, mark, store)

    def _lay_one(self, laying: Laying, new: Result, mark: Mark, store: _Stored) -> None:
        known = store.results.get((new.child_id, new.term_id, new.occasion, new.subject))
        sat = Examination(new.term, new.occasion)
        label = new.subject if sat == store.chosen else f"{sat}{new.subject}"
        if known is None:
            before = laying.outcome.status
            laying.add(new)
            if before == Status.CHANGED:
                laying.outcome.status = before
            laying.outcome.changes.append((label, "", mark.words))
            return
        old = in_words(known.mark, known.level)
        same_mark = mark.mark is not None and (mark.mark, new.full_mark) == (known.mark, known.full_mark)
        if same_mark and mark.level in ("", known.level):
            return
        # Another mark replaces the level and the other way round: both together would contradict each other.
        facts: dict[str, Any] = {"mark": mark.mark, "level": mark.level}
        if mark.mark is not None:
            facts["full_mark"] = new.full_mark
        changed = [name for name, value in facts.items() if laying.plan.edits.put(known, name, value)]
        if changed:
            laying.tell(label, old, mark.words)

    def look_over(self, plan: Plan, setting: Setting, store: _Stored) -> None:
        """Which examinations the file names, where they are others than the one chosen for it: it may be the wrong file."""
        if others := [str(one) for one in store.stated if one != store.chosen]:
            named = "、".join(others[:MOST_NAMED]) + (f"等 {len(others)} 次" if len(others) > MOST_NAMED else "")
            words = f"按表里写的学期和考查登记：{named}，请核对是不是要导入的文件。"
            plan.findings.append(Finding("examinations", Weight.WARNING, words))


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


def _full_mark(title: str) -> int:
    found = _FULL.search(title)
    return int(found[1] or found[2]) if found else 100
