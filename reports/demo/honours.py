"""The pupils' own goals of one class, and two rounds of honours at the centre: last term's ended, this term's open."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import QuerySet

from activities.goals import aims_of, keep_looks, look, set_goals
from activities.honours.rounds import (
    USUAL,
    decide,
    found_round,
    hang_out,
    honour,
    mentors_to_nominate,
    nominate,
    public_until,
)
from activities.models import AwardKind, AwardNomination, AwardRound, ChildGoal
from activities.programmes import adopt
from caretrack.schools.models import SchoolClass, Term
from reports.demo.clock import ONE_DAY, Calendar, TermDates
from reports.demo.families import Pupil
from reports.demo.township import Site

Verdict = AwardNomination.Verdict
State = ChildGoal.State

# By the items of 五个一（学生） that ask for a goal.
AIMS = {
    "改正一个缺点": ("上课不做小动作", "不说脏话", "早上不赖床，自己起来", "不和弟弟抢电视", "作业当天写完", "不乱花零用钱"),
    "交一份好答卷": ("数学计算少错两题", "每周背两首古诗", "听写全对三次", "作文写满一页", "口算每天练十道", "英语单词每天记五个"),
    "做一个好学生": ("每天把座位下面扫干净", "主动向老师问好", "帮同桌讲题", "当好小组长", "按时交作业", "放学排队不打闹"),
}  # fmt: skip
# What was found when teacher and pupil looked at a goal together; some were not looked at yet.
LOOKS = (
    (State.REACHED, "说到做到，同学也看见了。"),
    (State.TRYING, "好了几天又忘了，说好每天放学提醒一次。"),
    (State.SET, ""),
    (State.REACHED, "比开学时稳多了。"),
)
PUPIL_REASONS = {
    "阳光少年": "{name}爱笑，主动参加班里的活动，和同学相处好。",
    "留守进步学生": "{name}作业从常缺交到按时完成，上课敢举手了。",
    "爱心小天使": "{name}坚持帮同桌补课，雨天把伞让给低年级同学。",
}
MENTOR_REASON = "每月按时谈心、家访，记录写得及时真实，学生愿意和{name}老师说话。"
REFUSAL = "进步刚开始，下学期再推荐。"
CLASSES_ENDED, CLASSES_OPEN = 6, 4


class Honours:
    """The centre's; the village schools give theirs without rounds."""

    def __init__(self, calendar: Calendar, sites: list[Site], pupils: list[Pupil]) -> None:
        self.calendar, self.site = calendar, sites[0]
        self.pupils = [p for p in pupils if p.child.school_id == self.site.school.pk]

    def write(self) -> None:
        adopt("five_ones_pupils", self.site.school, self.calendar.term.first, self.site.lead)
        self._goals()
        self._ended(self.site.earlier, self.calendar.earlier)
        self._open(self.site.term, self.calendar.term)

    def _goals(self) -> None:
        """One class has set its goals and looked at most of them; the others are still to do so."""
        until = self.calendar.until
        on = min(self.calendar.term.first + timedelta(days=13), until)
        of_class = {c: [p for p in self._of(c, on) if p.left_behind] for c in self.site.classes}
        chosen, members = max(of_class.items(), key=lambda found: len(found[1]))
        goals = [
            ChildGoal(child=pupil.child, item_id=aim.item, aim=AIMS[aim.name][number % len(AIMS[aim.name])], set_on=on)
            for number, pupil in enumerate(members)
            for aim in aims_of(self.site.school, self.site.term)
        ]
        set_goals(goals, (), (), school_class=chosen, term=self.site.term, by=self.site.homeroom[chosen.pk])
        seen = list(ChildGoal.objects.filter(child__in=[p.child for p in members]).order_by("pk"))
        for number, goal in enumerate(seen):
            state, result = LOOKS[number % len(LOOKS)]
            look(goal, state, result, until)
        keep_looks([goal for goal in seen if goal.state != State.SET])

    def _ended(self, term: Term, dates: TermDates) -> None:
        """Nominated, decided, hung out and honoured in the last weeks of the term."""
        last = dates.last
        nominated, decided, listed, given = (last - timedelta(days=n) for n in (36, 31, 28, 15))
        ended = self._found(term, dates, nominated + ONE_DAY * 3, [usual.name for usual in USUAL])
        self._nominate(ended, CLASSES_ENDED, nominated)
        self._decide(list(_rows(ended)), decided)
        hung_out = hang_out(ended, first=listed, last=public_until(ended, listed), today=listed)
        honour(hung_out, on=given, today=given)

    def _open(self, term: Term, dates: TermDates) -> None:
        """Some classes have nominated; the principal has been through half of them."""
        until = self.calendar.until
        running = self._found(term, dates, until + timedelta(days=10), list(PUPIL_REASONS))
        self._nominate(running, CLASSES_OPEN, until)
        rows = list(_rows(running))
        self._decide(rows[: len(rows) // 2], until)

    def _found(self, term: Term, dates: TermDates, nominate_until: date, usual: Sequence[str]) -> AwardRound:
        season = "秋" if dates.season == 1 else "春"
        return found_round(
            AwardRound(
                school=self.site.school, term=term, title=f"{dates.first.year}年{season}季学期评优表彰",
                asks="写具体事例，不写家庭情况。", nominate_until=nominate_until,
                objections_to=f"德育处，电话{self.site.school.duty_phone}",
            ),
            usual,
        )  # fmt: skip

    def _nominate(self, round_: AwardRound, classes: int, on: date) -> None:
        """From each of the last classes one pupil for each honour, by the class teacher; one mentor, by the lead."""
        lead = self.site.lead
        for kind in AwardKind.objects.filter(round=round_).select_related("round"):
            if kind.for_mentors:
                for mentor in mentors_to_nominate(kind, lead, on).exclude(staff=self.site.principal)[:1]:
                    nominate(kind, mentor=mentor, reason=MENTOR_REASON.format(name=mentor.name[0]), by=lead, on=on)
                continue
            place = list(PUPIL_REASONS).index(kind.name)
            for school_class in self.site.classes[-classes:]:
                behind = [p for p in self._of(school_class, on) if p.left_behind]
                for pupil in behind[place : place + 1]:
                    reason = PUPIL_REASONS[kind.name].format(name=pupil.called)
                    nominate(kind, child=pupil.child, reason=reason, by=self.site.homeroom[school_class.pk], on=on)

    def _decide(self, rows: list[AwardNomination], on: date) -> None:
        """All are granted but every fifth."""
        for number, row in enumerate(rows, start=1):
            row.verdict, row.opinion = (Verdict.GRANTED, "") if number % 5 else (Verdict.REFUSED, REFUSAL)
        decide(rows, by=self.site.principal, on=on)

    def _of(self, school_class: SchoolClass, on: date) -> list[Pupil]:
        return [p for p in self.pupils if p.school_class.pk == school_class.pk and p.came <= on]


def _rows(round_: AwardRound) -> QuerySet[AwardNomination]:
    return (
        AwardNomination.objects.filter(kind__round=round_)
        .select_related("kind__round", "child", "mentor")
        .order_by("pk")
    )
