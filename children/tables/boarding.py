"""Who boards, in which bed, and who answers for them (rosters L11): the boarders of a term, one pupil a line."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from caretrack.access.policy import Act, DataClass
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff, Term
from caretrack.schools.serving import serving
from children.importing.findings import Finding, Level
from children.importing.normalise.reading import Reading, error
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue
from children.life.boarding import split_bed, tidy_bed
from children.models import BoardingTerm, Child, codes
from children.sight import Sight, sights
from children.tables.days import Terms
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Plan, Setting, register
from children.tables.people import read_adult, without_title
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow

_BED_WORD = re.compile(r"(号床|床位|床|号铺|铺|号)$")
_ROOM = re.compile(
    r"((?:[男女]生?)?(?:宿舍|寝室|公寓)?(?:[一二三四五六七八九十\dA-Za-z]{0,2}(?:号楼|[栋幢楼]))?\s*(?<![\d./年月-])(?!20\d\d)\d{2,4})(?:号?(?:室|寝室|宿舍|房间))?(?![\d年.-])"
)
_ROOM_WORD = re.compile("室|宿舍|公寓|楼")
LONGEST = 30


def room_in(line: str) -> str:
    """The room that a title or the name of a sheet names: 女生宿舍201室 is 女生宿舍201; empty if it names none."""
    found = _ROOM.search(line) if _ROOM_WORD.search(line) else _ROOM.fullmatch(line)
    return found[1].replace(" ", "") if found else ""


_RATINGS = {
    BoardingTerm.Rating.GOOD: ("优", "优秀"),
    BoardingTerm.Rating.FAIR: ("良", "良好"),
    BoardingTerm.Rating.PLAIN: ("中", "合格"),
    BoardingTerm.Rating.CARE: ("差", "较差", "需要帮助"),
}
_RATING_OF = {word: rating.value for rating, words in _RATINGS.items() for word in (str(rating.label), *words)}


def read_rating(value: CellValue) -> Reading[str]:
    """How the term in the dormitory went, in a school's words."""
    if is_nothing(value):
        return Reading(None)
    if found := _RATING_OF.get(fold(value)):
        return Reading(found)
    words = "、".join(str(rating.label) for rating in _RATINGS)
    return Reading(None, remarks=(error("rating_unclear", f"看不懂住宿表现“{as_text(value)}”，请填{words}。"),))


@dataclass(slots=True)
class _Stored:
    terms: Terms
    chosen: Term | None
    now: Term | None
    children: dict[int, Child]
    stays: dict[tuple[int, int], BoardingTerm] = field(default_factory=dict)
    people: dict[str, list[Staff]] = field(default_factory=dict)
    sleepers: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    sights: dict[int, Sight] = field(default_factory=dict)
    rows: list[tuple[TableRow, tuple[str, str]]] = field(default_factory=list)


@register
class BoardingTable(PupilTable):
    slug = "boarding"
    title = "住校生名册"
    lead = "住校生、寄宿生花名册：一名学生一行，宿舍、床位和负责的老师写在同一行。"
    unit = "人"
    icon = "house-door"
    back, back_label = "children:boarding_list", "查看寄宿名册"
    act = Act.BOARDING_EDIT
    data = DataClass.IDENTITY
    fields: ClassVar = (
        *PUPIL,
        SCHOOL,
        Field(
            "room",
            "宿舍",
            "宿舍号 寝室 寝室号 房间 房间号 宿舍名称 宿舍楼及房间 宿舍床位",
            text=True,
            example="女生楼201",
            above=room_in,
        ),
        Field("bed", "床位", "床号 床位号 铺位", text=True, example="3"),
        Field("since", "入住日期", "入住时间 住校开始日期 开始日期 住校时间", text=True, example="2026-09-01"),
        Field("keeper", "负责教师", "生活老师 生活教师 宿管 宿管员 宿管老师 宿舍管理员 管理教师 责任人 负责人"),
        Field("rating", "住宿表现", "住校表现 宿舍表现", choices=tuple(str(one.label) for one in BoardingTerm.Rating)),
        Field("comment", "学期评语", "评语 住宿评语", width=24),
    )
    options: ClassVar = (Option("term", "学期", "term", required=True),)
    hints: ClassVar = (
        "名册上的学生，就读方式记为住校；床位写进所选学期，是本学期的也写进学生档案。",
        "宿舍和床位可以分两列，也可以写在一起，如“女生楼201-3”。",
        "负责教师要和人员里的姓名一致；不在系统里的，学生照样登记，教师先空着。",
        "住宿表现和学期评语只有能登记学生关爱情况的岗位可以导入。",
    )

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        terms = Terms.of(setting)
        chosen = next((term for term in terms.terms if str(term.pk) == setting.option("term")), None)
        store = _Stored(
            terms, chosen, Term.objects.current(setting.school, setting.on), Child.objects.in_bulk(children)
        )
        for stay in BoardingTerm.objects.filter(child__in=children).select_related("keeper"):
            store.stays[stay.child_id, stay.term_id] = stay
        for person in serving(setting.school.pk, setting.on):
            store.people.setdefault(person.name, []).append(person)
        if setting.by is not None:
            store.sights = sights(setting.by, children)
        boarding = Child.objects.of_school(setting.school).on_roll().filter(boarding=codes.Boarding.BOARDER)
        for name, sex, bed in (
            boarding.exclude(pk__in=children).exclude(dorm_bed="").values_list("name", "sex", "dorm_bed")
        ):
            store.sleepers.setdefault((sex, bed), set()).add(name)
        return store

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row, child = laying.row, store.children[pupil.pk]
        term, since = store.chosen, self._since(row, setting, store)
        stay = store.stays.get((pupil.pk, term.pk)) if term else None
        bed, keeper, told = _bed(row), self._keeper(row, store, stay), self._told(row, store.sights[pupil.pk])
        first = store.seen.setdefault(pupil.pk, row.number)
        if first != row.number:
            row.fail("name", f"与第{first}行重复：同一名学生只能有一个床位。")
        if row.failed or term is None:
            return
        if term == store.now:
            laying.put(child, boarding=codes.Boarding.BOARDER.value, dorm_bed=bed)
            if bed:
                store.rows.append((row, (child.sex, bed)))
                store.sleepers.setdefault((child.sex, bed), set()).add(child.name)
        if stay is not None:
            laying.put(stay, bed=bed, since=since, keeper=keeper, **told)
            return
        stay = BoardingTerm(child_id=pupil.pk, term=term, bed=bed, since=since, keeper=keeper, **told)
        laying.add(stay, "term", "bed", "since", "keeper", *told)

    @staticmethod
    def _since(row: TableRow, setting: Setting, store: _Stored) -> dt.date | None:
        """The day of moving in, the first of the month if only that is written; one after the chosen term fails the row."""
        since = row.date("since", setting.on)
        if store.chosen is None:
            row.fail("since", "没有选学期，请重新上传并选好学期。")
        elif since is not None and since.first_day > store.chosen.ends_on:
            row.fail(
                "since",
                f"入住时间 {since.iso} 在所选学期结束（{chinese_date(store.chosen.ends_on)}）之后，请核对学期或日期。",
            )
        elif since is not None and since.day is None:
            row.warn("since", f"入住时间只写到“{since.iso}”，记作{chinese_date(since.first_day)}，请核对。")
        return since.first_day if since else None

    @staticmethod
    def _keeper(row: TableRow, store: _Stored, stay: BoardingTerm | None) -> Staff | None:
        name, _ = read_adult(row, "keeper")
        if not name:
            return None
        if stay and stay.keeper and stay.keeper.name in (name, without_title(name)):
            return stay.keeper
        found = store.people.get(name) or store.people.get(without_title(name), [])
        if len(found) == 1:
            return found[0]
        words = f"人员里有 {len(found)} 个“{name}”，分不清是哪一位" if found else f"人员里没有“{name}”"
        row.warn("keeper", f"{words}：学生照样登记，负责教师请导入后在寄宿名册里补上。")
        return None

    @staticmethod
    def _told(row: TableRow, sight: Sight) -> dict[str, str]:
        """How the term went, from those who may write it of this pupil; of others it is left out, and they are told."""
        if sight.writes(DataClass.CARE):
            return {"rating": row.take("rating", read_rating) or "", "comment": row.text("comment", 200)}
        for name in ("rating", "comment"):
            if row.has(name):
                row.warn(name, "您的岗位不登记这名学生的住宿表现和评语，这一格没有导入。")
        return {}

    def look_over(self, plan: Plan, setting: Setting, store: Any) -> None:
        """Two pupils in one bed are told at every row concerned; boys and girls live apart (domain §13 no. 74)."""
        for row, place in store.rows:
            if len(store.sleepers[place]) > 1:
                names = "、".join(sorted(store.sleepers[place]))
                words = f"“{place[1]}”这个床位导入后有 {len(store.sleepers[place])} 名学生：{names}，请核对。"
                column = row.columns.get("bed") or row.columns.get("room")
                at = (column.index, column.label) if column else (None, "")
                plan.findings.append(Finding("bed_shared", Level.WARNING, words, row.sheet, row.number, *at))


def _bed(row: TableRow) -> str:
    """Room and bed as one text, the way the boarding pages keep it: 女生楼201-3."""
    room, bed = (tidy_bed(as_text(row.values[name])) if row.has(name) else "" for name in ("room", "bed"))
    apart = room and bed and not split_bed(room)[1]
    text = f"{room}-{_BED_WORD.sub('', bed)}" if apart else room or bed
    if len(text) > LONGEST:
        row.fail("room" if room else "bed", f"宿舍和床位合起来最多 {LONGEST} 个字，现在有 {len(text)} 个，请写短一些。")
        return ""
    return text
