"""留守儿童与结对教师名册 (rosters L10): who is 代理家长 of whom, a mentor a block or a child a row."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from caretrack.access.policy import Act
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.consents import agreed
from children.importing.findings import Finding, Level
from children.importing.mentors import split_names
from children.importing.normalise.names import name_and_numbers, read_adult_name
from children.models import Consent
from children.tables.fields import PUPIL, SCHOOL, Field, Option
from children.tables.kinds import Laying, Plan, Setting, register
from children.tables.people import read_adult, without_title
from children.tables.pupils import Pupil, PupilTable
from children.tables.sheets import TableRow, Titles
from mentoring.handover import open_items
from mentoring.models import Mentor, Pairing, PairingRole
from mentoring.queries import limit_of
from mentoring.services import demand_fit, new_mentor

ONE_DAY = dt.timedelta(days=1)
REPLACE = "replace"
OUTSIDE = tuple((value, label) for value, label in Mentor.Kind.choices if value != Mentor.Kind.STAFF)


@dataclass(slots=True)
class _Stored:
    """
    Mentors in service (`gone`: those who work there no more), staff who could become mentors, the open pairings.

    `agreed` are the children whose families agreed to outsiders; `owed` says who has something open about whom.
    """

    mentors: list[Mentor]
    staff: list[Staff]
    loads: Counter[int]
    agreed: set[int]
    gone: set[int]
    owed: set[tuple[int, int | None]]
    pairings: dict[int, list[Pairing]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[int, TableRow] = field(default_factory=dict)
    replaced: dict[int, Pairing] = field(default_factory=dict)

    def named(self, name: str) -> list[Any]:
        """Mentors and staff of that name."""
        people: list[Any] = [*self.mentors, *self.staff]
        return [person for person in people if person.name == name]


@register
class PairingTable(PupilTable):
    slug = "pairings"
    title = "结对名册"
    lead = "留守儿童与结对教师（代理家长）名册：一位老师带几名学生，或一名学生一行，都可以。"
    unit = "对"
    icon = "people"
    act = Act.PAIRING_EDIT
    back, back_label = "mentoring:pairing_list", "查看结对"
    fields: ClassVar = (
        Field(
            "mentor",
            "结对教师",
            "代理家长 代理家长姓名 帮扶教师 结对教师姓名 帮扶教师姓名 帮扶人 帮扶责任人 代管家长 爱心妈妈 包保人 "
            "结对帮扶教师 结对帮扶人 代理家长姓名 帮扶人姓名",
            needed=True,
            example="马老师",
        ),
        Field(
            "mentor_phone", "教师电话", "联系电话 教师联系电话 帮扶教师电话 结对教师电话 代理家长电话 电话", text=True
        ),
        Field("mentor_title", "职务", "教师职务 工作单位 单位 单位及职务"),
        Field("checked_on", "从业查询日期", "违法犯罪记录查询日期 查询日期", text=True),
        Field("consented_on", "本人同意日期", "本人同意担任日期 教师同意日期", text=True),
        *(
            Field(f.name, "学生姓名", f"{f.aliases} 姓名 留守儿童 结对学生 帮扶对象 帮扶学生", True, example=f.example)
            if f.name == "name"
            else f
            for f in PUPIL
        ),
        SCHOOL,
        Field("on", "结对日期", "结对时间 开始日期 帮扶开始时间", text=True),
        Field("child_view", "儿童意见", "学生意见"),
    )
    options: ClassVar = (
        Option("on", "结对日期", "date", "表里没有写时用；不填就从今天起。"),
        Option(
            "checked_on",
            "从业查询日期",
            "date",
            "名册里的老师都做过从业查询、表里没有写日期时填；系统里已有日期的不改。",
        ),
        Option("consented_on", "本人同意日期", "date", "校外人员同意担任代理家长的日期，表里没有写时用。"),
        Option(
            "replace",
            "学生已有别的代理家长时",
            "choice",
            choices=(("", "不导入这一行，列出来由我处理"), (REPLACE, "结束原来的结对，换成表里的老师")),
        ),
        Option(
            "kind",
            "系统里没有的结对教师",
            "choice",
            "本校教职工请先到人员里建账号。",
            choices=(
                ("", "不导入，列出来由我处理"),
                *((value, f"登记为校外人员：{label}") for value, label in OUTSIDE),
            ),
        ),
    )
    hints: ClassVar = (
        "老师占的合并单元格、一个格子里写几名学生（用顿号隔开）都能认；一名学生写两位老师的，第一位是代理家长，其余为协助人。",
        "老师按姓名（同名时看电话）在代理家长名单和本校教职工里认。",
        "没有最近 12 个月从业查询的不能结对（未成年人保护法第六十二条）。",
        "校外人员要写明本人同意的日期；监护人同意“校外人员结对”的学生才能导入，先在学生档案里登记。",
    )

    def titles(self) -> Titles:
        return Titles(self.fields, split_names=True)

    def load(self, setting: Setting, children: set[int], rows: list[TableRow]) -> _Stored:
        mentors = list(Mentor.objects.of_school(setting.school).active().with_gone(setting.on).order_by("pk"))
        for mentor in mentors:
            mentor.school = setting.school
        listed = {mentor.staff_id for mentor in mentors}
        staff = Staff.objects.of_school(setting.school, setting.on).filter(is_active=True).distinct().order_by("pk")
        acting = Pairing.objects.on(setting.on).acting_parents().filter(mentor__in=mentors)
        store = _Stored(
            mentors,
            [person for person in staff if person.pk not in listed],
            Counter(acting.values_list("mentor_id", flat=True)),
            agreed(Consent.Purpose.OUTSIDE_MENTOR, children),
            {mentor.pk for mentor in mentors if mentor.gone},  # type: ignore[attr-defined]
            {(item.child_id, item.owner_id) for item in open_items(list(children))},
        )
        lasting = Pairing.objects.not_over(setting.on).filter(child__in=children)
        for pairing in lasting.select_related("mentor__staff").order_by("starts_on", "pk"):
            store.pairings[pairing.child_id].append(pairing)
        return store

    def lay(self, laying: Laying, pupil: Pupil, setting: Setting, store: _Stored) -> None:
        row = laying.row
        names, phone = _mentors(row)
        view = row.text("child_view", 200)
        stated = row.date("on", setting.on)
        on = stated.first_day if stated else setting.day() or setting.on
        if not names:
            row.fail("mentor", "没有写结对教师，请补上。")
        if row.failed:
            return
        found = [self._mentor(row, name, phone, setting, store) for name in names]
        mentors = [mentor for mentor in found if mentor is not None]
        for mentor in mentors:
            try:
                agree, gone = pupil.pk in store.agreed, mentor.pk in store.gone
                demand_fit(mentor=mentor, school_id=setting.school.pk, on=on, agree=agree, gone=gone)
            except ValidationError as refusal:
                row.fail("mentor", refusal.messages[0])
        if not row.failed and self._free(laying, pupil, mentors[0], on, setting, store):
            for position, mentor in enumerate(mentors):
                role = PairingRole.HELPER if position else PairingRole.ACTING_PARENT
                self._pair(laying, pupil, mentor, role, on, view, setting, store)

    def _mentor(self, row: TableRow, name: str, phone: str, setting: Setting, store: _Stored) -> Mentor | None:
        """The mentor of that name, made from an account or from outside if need be; the row fails without one."""
        same = store.named(name) or store.named(without_title(name))
        exact = [one for one in same if phone and one.phone == phone]
        if len(same) > 1 and len(exact) != 1:
            row.fail("mentor", f"有 {len(same)} 位“{name}”，请写上电话以便区分。")
            return None
        if same:
            one = exact[0] if exact else same[0]
            return one if isinstance(one, Mentor) else self._from_staff(one, setting, store)
        if kind := setting.option("kind"):
            return self._from_outside(row, name, kind, phone, setting, store)
        row.fail("mentor", f"代理家长名单和本校教职工里没有“{name}”。请先建账号，或在上传时选好登记为哪类校外人员。")
        return None

    @staticmethod
    def _from_staff(person: Staff, setting: Setting, store: _Stored) -> Mentor:
        mentor = new_mentor(person, setting.school)
        mentor.background_checked_on = mentor.background_checked_on or setting.day("checked_on")
        store.staff.remove(person)
        store.mentors.append(mentor)
        return mentor

    @staticmethod
    def _from_outside(
        row: TableRow, name: str, kind: str, phone: str, setting: Setting, store: _Stored
    ) -> Mentor | None:
        checked, consented = row.date("checked_on", setting.on), row.date("consented_on", setting.on)
        consented_on = consented.first_day if consented else setting.day("consented_on")
        if consented_on is None:
            words = f"{name}是校外人员，要写明本人同意担任代理家长的日期：表里加一列，或在上传时填。"
            row.fail("consented_on", words)
            return None
        mentor = Mentor(
            school=setting.school,
            kind=kind,
            name=name,
            phone=phone,
            unit=row.text("mentor_title", 80),
            consented_on=consented_on,
            background_checked_on=checked.first_day if checked else setting.day("checked_on"),
        )
        store.mentors.append(mentor)
        return mentor

    @staticmethod
    def _free(laying: Laying, pupil: Pupil, mentor: Mentor, on: dt.date, setting: Setting, store: _Stored) -> bool:
        """Whether the child can take this 代理家长; an earlier pairing ends if that was asked for."""
        acting = [one for one in store.pairings[pupil.pk] if one.role == PairingRole.ACTING_PARENT]
        if any(one.mentor is mentor or one.mentor_id == (mentor.pk or 0) for one in acting):
            return True  # now, or as it is planned
        day = max(on, setting.on)
        others = [one for one in acting if one.ends_on is None or one.ends_on > day]
        if not others:
            return True
        other = others[0]
        row, owes = laying.row, (pupil.pk, other.mentor.staff_id) in store.owed
        if other._state.adding:
            row.fail("mentor", f"{pupil.name}在这份名册里已结对{other.mentor}，一名学生只有一位代理家长。")
        elif len(others) > 1:
            coming = others[-1]
            words = f"{pupil.name}已定好从{chinese_date(coming.starts_on)}起由{coming.mentor}带，还没有生效。请先在系统里撤销这次更换。"
            row.fail("mentor", words)
        elif setting.option("replace") != REPLACE and other.mentor_id not in store.gone:
            words = f"{pupil.name}已有代理家长{other.mentor}。要更换的，请在上传时选“结束原来的结对”。"
            row.fail("mentor", words)
        elif on <= other.starts_on:
            row.fail("on", f"原来和{other.mentor}的结对从{chinese_date(other.starts_on)}开始，新的结对要晚于这一天。")
        elif owes and mentor.staff is None:
            words = f"{other.mentor}还有没有办结的跟进事项，{mentor}没有账号。请在系统里更换代理家长，选由谁接着办理。"
            row.fail("mentor", words)
        else:
            store.pairings[pupil.pk].remove(other)
            store.loads[other.mentor_id] -= 1
            gone = other.mentor_id in store.gone
            reason = Pairing.EndReason.MENTOR_LEFT if gone else Pairing.EndReason.REPLACED
            laying.put(other, ends_on=on - ONE_DAY, end_reason=reason)
            store.replaced[pupil.pk] = other
            return True
        return False

    @staticmethod
    def _pair(
        laying: Laying,
        pupil: Pupil,
        mentor: Mentor,
        role: PairingRole,
        on: dt.date,
        view: str,
        setting: Setting,
        store: _Stored,
    ) -> None:
        known = next((one for one in store.pairings[pupil.pk] if one.mentor is mentor or one.mentor_id == (mentor.pk or 0)), None)  # fmt: skip
        if known is not None:
            if not known._state.adding:
                laying.put(known, child_view=view)
            return
        if mentor._state.adding and not any(one is mentor for one in laying.plan.edits.created):
            laying.share(mentor)
            laying.tell("登记为代理家长", "", f"{mentor.name}（{mentor.get_kind_display()}）")
        acting = role == PairingRole.ACTING_PARENT
        former = store.replaced.pop(pupil.pk, None) if acting else None
        owing = former.mentor.staff if former and (pupil.pk, former.mentor.staff_id) in store.owed else None
        pairing = Pairing(
            child_id=pupil.pk, mentor=mentor, role=role, starts_on=on, child_view=view, paired_by=setting.by,
            replaces=former, items_from=owing,
        )  # fmt: skip
        store.pairings[pupil.pk].append(pairing)
        laying.add(pairing, "mentor", "role", "starts_on", "child_view")
        if acting:
            store.loads[mentor.pk or -id(mentor)] += 1
            store.lines.setdefault(id(mentor), laying.row)

    def look_over(self, plan: Plan, setting: Setting, store: _Stored) -> None:
        """Mentors who carry more than is advised are told once."""
        for mentor in store.mentors:
            row, load = store.lines.get(id(mentor)), store.loads[mentor.pk or -id(mentor)]
            if row is not None and load > limit_of(mentor):
                words = f"{mentor}导入后带 {load} 名学生，建议不超过 {limit_of(mentor)} 名。"
                plan.findings.append(Finding("mentor_load", Level.WARNING, words, row.sheet, row.number))


def _mentors(row: TableRow) -> tuple[list[str], str]:
    """The mentors that a cell names, the acting parent first, and the phone if there is one mentor only."""
    several = split_names(row.values.get("mentor"))
    if len(several) > 1:
        return [name for one in several if (name := read_adult_name(name_and_numbers(one)[0]).value)], ""
    name, phone = read_adult(row, "mentor", "mentor_phone")
    return ([name] if name else []), phone or ""
