"""
A board from the database against a plain reading of the same rows: classes changed, children gone, mentors changed,
parents home for a visit, levels decided anew, an item edited, waivers, and records of every kind.
"""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from activities.compliance.board import board_of
from activities.compliance.occasions import NEAR
from activities.compliance.spans import view_of
from activities.models import CareRecord, Meeting, Programme, ProgrammeItem, Waiver
from caretrack.access.policy import Role
from caretrack.periods import school_year
from caretrack.schools.calendar import calendar_of
from caretrack.schools.models import SchoolDay
from children.models import AbsenceSpan, CareArrangement, Child, Enrollment, FamilyMember, SupportDecision, codes
from mentoring.models import Pairing, SupportPlan
from tests.activities.compliance.brute import (
    DAY,
    WHOM,
    Deed,
    Letter,
    Promise,
    all_days,
    chosen_occasions,
    frames,
    read,
    read_occasions,
    read_standing,
    took_place,
)
from tests.support.factories import TERM_START, make_class, make_mentor, make_school, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]

BEGIN, END = date(2026, 8, 1), date(2027, 3, 1)
TODAY = date(2026, 11, 20)
TURN = date(2026, 10, 14)
VISIT = 30
KINDS = ("talk", "homework", "home_visit", "meal")
LEVELS = list(codes.SupportLevel)
#: name, order, rhythm, times, whose duty, evidence, for whom, in force from … to …
ITEMS = (
    ("谈心", 1, "month", 1, "mentor", ["talk"], {}, None, TURN - DAY),
    ("谈心两次", 1, "month", 2, "mentor", ["talk"], {}, TURN, None),
    ("辅导作业", 2, "week", 1, "homeroom", ["homework"], {"levels": ["key", "emergency"]}, None, None),
    ("家访", 3, "term", 2, "homeroom", ["home_visit", "meal"], {"min_grade": 4}, None, None),
    ("过节", 4, "festival", 1, "mentor", ["meal"], {}, None, None),
    ("生日", 5, "birthday", 1, "homeroom", ["meal", "talk"], {}, None, None),
    ("代理家长", 6, "standing", 1, "", ["pairing"], {"min_grade": 4}, None, None),
    (
        "书信",
        8,
        "festival",
        1,
        "mentor",
        ["letter"],
        {"occasions": ["mid_autumn", "national", "elders", "winter"]},
        None,
        TURN - DAY,
    ),
    (
        "书信",
        8,
        "festival",
        1,
        "homeroom",
        ["letter"],
        {"occasions": ["double_ninth", "elders", "winter"], "min_grade": 3},
        TURN,
        None,
    ),
    ("检查作业", 7, "month", 1, "homeroom", ["homework"], {"planned": True}, None, None),
)


CALLED = ("", "传统节日", "长辈生日", "寒暑假", "平时")


class World:
    """Rows of one school, made by chance but the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311
        self.school = make_school(visit_tolerance_days=VISIT)
        make_term(self.school)
        SchoolDay.objects.create(school=self.school, on=date(2026, 10, 21), kind=SchoolDay.Kind.OFF, reason="校运会")
        self.classes = [make_class(self.school, 2), make_class(self.school, 3), make_class(self.school, 4)]
        self.teacher = make_staff(Role.HOMEROOM, self.classes[0])
        self.mentors = [make_mentor(make_staff(Role.TEACHER, at)) for at in self.classes[:2]]
        programme = Programme.objects.create(school=self.school, code="own", name="校本", starts_on=TERM_START)
        self.items = [
            ProgrammeItem.objects.create(
                programme=programme, name=name, order=order, subject="child", period=every, count=count, role=role,
                evidence=evidence, applies_to=limits, starts_on=first, ends_on=last,
            )
            for name, order, every, count, role, evidence, limits, first, last in ITEMS
        ]  # fmt: skip
        for number in range(9):
            self._child(f"学生{number}")
        ProgrammeItem.objects.create(
            programme=programme, name="座谈", order=9, subject="school", period="month", count=1, evidence=["meeting:mentors"],
        )  # fmt: skip
        for _ in range(6):
            self._meeting()

    def _meeting(self):
        """A meeting of which something may be told: minutes, a number, a child, a carer, a grown-up, or nothing."""
        rng = self.rng
        told = rng.choice(("", "", "", "minutes", "present", "came", "carer_came", "guest"))
        meeting = Meeting.objects.create(
            school=self.school, kind="mentors", on=self.day(last=TODAY + 8 * DAY), agenda="座谈", expected=9,
            minutes="说了说。" if told == "minutes" else "", present=7 if told == "present" else rng.choice((None, 0)),
        )  # fmt: skip
        for child in Child.objects.filter(school=self.school)[:2]:
            meeting.participants.create(child=child, came=told == "came", carer_came=told == "carer_came")
        for name in ("石老师", "村主任"):
            meeting.attendees.create(name=name, came=told == "guest")

    def day(self, first=TERM_START, last=date(2026, 12, 20)):
        return first + self.rng.randrange((last - first).days) * DAY

    def _child(self, name):
        rng = self.rng
        child = Child.objects.create(
            name=name, sex="1", school=self.school, birth_date=date(2016, rng.choice((9, 10, 11, 12, 2)), rng.randrange(1, 28)),
            support_level=rng.choice(LEVELS),
        )  # fmt: skip
        first, second = rng.sample(self.classes, 2)
        move = self.day()
        stay = {"child": child, "school": self.school}
        kind = rng.random()
        Enrollment.objects.create(
            school_class=first, starts_on=self.day(last=date(2026, 10, 20)) if kind < 0.2 else TERM_START,
            ends_on=move if move > date(2026, 10, 20) and kind > 0.1 else None, **stay,
        )  # fmt: skip
        if kind > 0.6 and move > date(2026, 10, 20):
            Enrollment.objects.create(school_class=second, starts_on=move + DAY, **stay)
        if rng.random() < 0.7:
            self._mentors(child)
        if rng.random() < 0.6:
            self._away(child)
        for on in sorted(rng.sample(all_days(TERM_START, TODAY), rng.choice((0, 0, 1, 2)))):
            SupportDecision.objects.create(
                child=child, on=on, level=rng.choice(LEVELS), decided_by=self.teacher, reason="评议"
            )
        for _ in range(rng.randrange(14)):
            on = self.day(last=TODAY + 8 * DAY)
            record = CareRecord.objects.create(
                child=child, school=self.school, school_class=first, kind=rng.choice(KINDS), on=on, author=self.teacher,
                reached=rng.random() < 0.75, content="聊了聊。",
            )  # fmt: skip
            written = on + rng.choice((0, 0, 3, 3, 9)) * DAY
            CareRecord.objects.filter(pk=record.pk).update(
                created_at=datetime.combine(written, time(rng.choice((3, 20))), tzinfo=UTC)
            )
        self._elders(child)
        self._letters(child, first)
        if rng.random() < 0.5:
            begin = self.day()
            SupportPlan.objects.create(
                child=child, kind=rng.choice(("learning", "learning", "individual")), term=self.school.terms.get(),
                made_by=self.teacher, starts_on=begin, ended_on=rng.choice((None, begin + 30 * DAY)),
            )  # fmt: skip
        for _ in range(rng.choice((0, 1, 2, 3))):
            begin = self.day()
            Waiver.objects.create(
                child=child, item=rng.choice(self.items), first=begin, last=begin + rng.choice((3, 12, 25, 45)) * DAY,
                reason="住院", granted_by=self.teacher,
            )  # fmt: skip

    def _elders(self, child):
        """Grandmothers with a birthday in autumn, one who has died, a brother, and an aunt who may look after the child."""
        rng = self.rng

        def member(relation, name="", **given):
            born = date(1956, rng.choice((9, 10, 11, 12)), rng.randrange(1, 29))
            return FamilyMember.objects.create(child=child, relation=relation, name=name, birth_date=born, **given)

        for relation, name in rng.sample((("62", "王桂英"), ("64", ""), ("63", "")), rng.choice((0, 1, 2, 3))):
            member(relation, name)
        member("61", status="deceased")
        CareArrangement.objects.create(child=child, carer=member(rng.choice(("71", "86"))))

    def _letters(self, child, school_class):
        rng = self.rng
        for _ in range(rng.randrange(8)):
            on = self.day(last=TODAY + 8 * DAY)
            told = {"direction": rng.choice(("寄出", "寄出", "寄出", "收到")), "occasion": rng.choice(CALLED)}
            record = CareRecord.objects.create(
                child=child, school=self.school, school_class=school_class, kind="letter", on=on, author=self.teacher,
                with_whom=rng.choice(("", "", *WHOM)), detail=told,
            )  # fmt: skip
            written = datetime.combine(on + rng.choice((0, 0, 3, 9)) * DAY, time(3), tzinfo=UTC)
            CareRecord.objects.filter(pk=record.pk).update(created_at=written)

    def _mentors(self, child):
        begin, end = self.day(last=date(2026, 10, 10)), self.day(first=date(2026, 10, 11))
        given = {"child": child, "paired_by": self.teacher}
        if self.rng.random() < 0.5:
            Pairing.objects.create(mentor=self.mentors[0], starts_on=begin, **given)
            return
        Pairing.objects.create(mentor=self.mentors[0], starts_on=begin, ends_on=end, end_reason="other", **given)
        if self.rng.random() < 0.5:
            Pairing.objects.create(mentor=self.mentors[1], starts_on=end + self.rng.randrange(1, 20) * DAY, **given)

    def _away(self, child):
        father = FamilyMember.objects.create(child=child, relation="51", name="李大山", status="away_work")
        middle = self.day(first=date(2026, 9, 10), last=date(2026, 11, 10))
        gap = self.rng.choice((5, VISIT, VISIT + 1, VISIT + 20))
        AbsenceSpan.objects.create(member=father, starts_on=None, ends_on=middle)
        if self.rng.random() < 0.7:
            AbsenceSpan.objects.create(member=father, starts_on=middle + (gap + 1) * DAY)


class Reading:
    """What the rows say of one child on each day."""

    def __init__(self, world: World, child: Child) -> None:
        self.child = child
        self.stays = list(child.enrollments.select_related("school_class").order_by("starts_on"))
        self.decided = list(SupportDecision.objects.filter(child=child).order_by("on", "pk"))
        self.days = all_days(BEGIN, END)
        self.paired = self._held(Pairing.objects.filter(child=child))
        self.away = self._held(AbsenceSpan.objects.filter(member__child=child))
        whole = sorted(self.away)
        for before, after in zip(whole, whole[1:], strict=False):
            if (after - before).days - 1 <= VISIT:
                self.away |= set(all_days(before, after))
        self.enrolled = self._held(self.stays)
        self.plans = list(SupportPlan.objects.filter(child=child, kind="learning"))
        self.records = list(CareRecord.objects.filter(child=child).order_by("on", "pk"))
        family = FamilyMember.objects.filter(child=child, birth_date__isnull=False).order_by("birth_date", "relation")
        self.elders = [(m.relation, m.name, m.birth_date) for m in family if m.relation in ("62", "63", "64", "86")]
        self.waivers = list(Waiver.objects.filter(child=child).select_related("item"))

    def _held(self, rows):
        return {
            d for d in self.days for r in rows if (r.starts_on or BEGIN) <= d and (r.ends_on is None or d <= r.ends_on)
        }

    def level(self, day):
        if not self.decided:
            return self.child.support_level
        return [codes.SupportLevel.GENERAL, *(one.level for one in self.decided if one.on <= day)][-1]

    def grade(self, day):
        begun = [stay for stay in self.stays if stay.starts_on <= day] or self.stays[:1]
        return school_year(day) - begun[-1].school_class.entry_year + 1

    def there(self, *, paired):
        """The days on which this child is owed what a mentor answers for, or what everybody cared for is owed."""
        if paired:
            return self.enrolled & self.paired
        key = {day for day in self.days if self.level(day) in codes.KEY_LEVELS}
        return self.enrolled & (self.paired | self.away | key)

    def asks(self, item, day):
        levels, lowest = item.applies_to.get("levels"), item.applies_to.get("min_grade", 0)
        runs = any(plan.starts_on <= day and (plan.ended_on is None or plan.ended_on >= day) for plan in self.plans)
        planned = runs or not item.applies_to.get("planned")
        return planned and (not levels or self.level(day) in levels) and self.grade(day) >= lowest


def deed(row):
    entered = (row.created_at + timedelta(hours=8)).date()
    if row.kind == "letter":
        return Letter(row.on, entered, row.reached, row.detail["occasion"], row.with_whom)
    return Deed(row.on, entered, row.reached)


def plain(told, item, view, listed):
    """Period → (state, times done) of one version of an item, for those of the frames `listed` that the view shows."""
    promise = Promise(item.period, item.count, max(item.starts_on or TERM_START, TERM_START), item.ends_on)
    asked = {
        "listed": listed,
        "there": told.there(paired=item.role == "mentor"),
        "deeds": [
            deed(row) for row in told.records if row.kind in item.evidence and row.detail.get("direction") != "收到"
        ],
        "waived": {
            day for one in told.waivers if one.item.order == item.order for day in all_days(one.first, one.last)
        },
        "today": TODAY,
        "asks": lambda day: told.asks(item, day),
    }
    if item.period == "standing":
        found = read_standing(promise, facts=told.paired, **asked)
    else:
        found = (read_occasions if "occasions" in item.applies_to else read)(promise, **asked)
    longer = {"week": ("month", "term", "standing"), "month": ("term", "standing"), "term": ("standing",)}[
        view.kind.value
    ]
    return {
        name: said
        for name, said in found.items()
        if (item.period in longer and listed[name].days[0] <= view.last)
        or view.first <= listed[name].shown <= view.last
    }


@pytest.mark.parametrize("seed", range(5))
def test_a_board_says_of_every_child_what_its_rows_say(seed):
    world = World(seed)
    calendar = calendar_of(world.school)
    readings = [Reading(world, child) for child in Child.objects.filter(school=world.school)]
    met = set()
    for kind, key in (("month", "2026-10"), ("month", "2026-11"), ("term", ""), ("week", "2026-W46")):
        view = view_of(world.school, kind, key, TODAY)
        span = (world.school.closing_day, view.first, view.last + 7 * DAY)
        usual = {
            item.pk: frames(item.period, calendar, *span)
            for item in world.items
            if item.period != "birthday" and "occasions" not in item.applies_to
        }
        near = (view.first - NEAR, view.last + NEAR)
        board = board_of(world.school, view, TODAY)
        for told in readings:
            own = told.child.birth_date
            for spans, paired in ((board.sources.paired, True), (board.sources.cared, False)):
                held = {
                    day for day in all_days(*view.window) if any(s.holds(day) for s in spans.get(told.child.pk, ()))
                }
                assert held == told.there(paired=paired) & set(all_days(*view.window)), (view.key, told.child.name)
            for column in board.child_columns:
                expected = {}
                for item in world.items:
                    if item.order == column.key[1]:
                        if chosen := item.applies_to.get("occasions"):
                            listed = chosen_occasions(chosen, calendar, *near, told.elders)
                        else:
                            listed = usual[item.pk] if item.pk in usual else frames("birthday", calendar, *span, own)
                        expected |= plain(told, item, view, listed)
                owed = board.owed(told.child.pk, column) if told.child.pk in board.sources.pupils else []
                standing = column.rule.every == "standing"
                found = {one.period.key: (one.state.value, int(one.done > 0) if standing else one.done) for one in owed}
                assert found == expected, (view.key, told.child.name, column.rule.name)
                counted = [one for one in owed if one.period.first <= TODAY and one.state.value != "excused"]
                sums = (sum(one.times for one in counted), sum(one.done for one in counted))
                assert board.figures_of(told.child.pk, column)[:2] == sums
                met |= {state for state, _ in expected.values()}
    assert {"done", "missing", "due"} <= met, "the world is worth reading"


def test_a_board_says_of_the_school_what_its_meetings_say():
    met = set()
    for seed in range(8):
        world = World(seed)
        deeds = [Deed(row.on, row.on, True) for row in Meeting.objects.filter(school=world.school) if took_place(row)]
        for key in ("2026-09", "2026-10", "2026-11"):
            view = view_of(world.school, "month", key, TODAY)
            span = (world.school.closing_day, view.first, view.last + 7 * DAY)
            listed = frames("month", calendar_of(world.school), *span)
            promise = Promise("month", 1, TERM_START, None)
            found = read(promise, listed=listed, there=set(all_days(BEGIN, END)), deeds=deeds, waived=(), today=TODAY)
            ((state, _times),) = [said for name, said in found.items() if view.first <= listed[name].shown <= view.last]
            board = board_of(world.school, view, TODAY)
            [column] = board.columns_about("school")
            assert board.school_cell(column).state.value == state, (seed, key)
            met.add(state)
    assert {"done", "missing"} <= met
