"""What people of a school do for single children and with families: worries, calls, letters, nights, plans, pledges."""

import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from activities import calls, counselling, sealed, worries
from activities.absence import Entry, enter_day
from activities.family import letters, promises
from activities.models import CallLine, LetterText, NightDuty, ProgrammeItem, SealedNote
from activities.night import Missing, count_room, due_evenings, rooms_of
from activities.waivers import excuse
from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.models import Child
from mentoring import support
from mentoring.absences import plan_absence
from mentoring.charging import charge, leaders_of, share_out
from mentoring.models import Mentor, Pairing, PeerPairing, SupportPlan
from mentoring.peers import check_peers, pair_peers
from mentoring.signing import sign_many
from reports.demo.clock import Calendar, TypedAt, school_days
from reports.demo.families import Pupil
from reports.demo.people import draw
from reports.demo.township import Site

NIGHTS, DAYS_WITH_ROLLS = 6, 3
#: School days after which a term has its routine.
SETTLED = 20
NOON, AFTER, EVENING, LATE = time(12, 20), time(13, 20), time(19, 0), time(20, 30)
WORRIES = (
    (
        "{name}这几天午饭只打白饭，说不饿，衣服也单薄。",
        "已和班主任核实：奶奶住院，暂由邻居照看；安排食堂加餐，家访了解。",
    ),
    ("听同学说{name}周末独自在家，晚上不敢睡。", ""),
)
WORDS_OF_A_CHILD = "我想换座位，但是不想让别人知道是我说的。"
COUNSELLING = "最近常说头疼不想上学，想请您和她聊聊。"
PLAN = {
    "subject": "数学",
    "situation": "计算慢，常漏写作业，家里没有人辅导。",
    "goals": "期末能按时独立完成作业，计算正确率到八成。",
    "measures": "每周二、四放学后辅导半小时；同桌做学习小老师；每两周和妈妈视频说说进步。",
    "child_view": "希望老师多讲几遍，不想被留太晚。",
}


def counted_evenings(school: School, first: date, today: date) -> list[date]:
    """The evenings from `first` on that are over as `today` begins: whoever looks at the demo has tonight before them."""
    return due_evenings(school, first, today - timedelta(days=1))


def _morning(on: date) -> datetime:
    """The beginning of a school day, when all its turns are still to come."""
    return timezone.make_aware(datetime.combine(on, time.min))


class Caring:
    """The centre has all of it; the village schools have what small schools do."""

    def __init__(self, calendar: Calendar, clock: TypedAt, sites: list[Site], pupils: list[Pupil]) -> None:
        self.calendar, self.clock, self.sites, self.pupils = calendar, clock, sites, pupils
        self.today = calendar.until
        self.rng = draw("caring")

    def write(self) -> None:
        # In the first weeks of a term nobody has signed, met or missed anything yet.
        if len(self._days(SETTLED)) < SETTLED:
            return
        for site in self.sites:
            own = [p for p in self.pupils if p.child.school_id == site.school.pk]
            behind = [p for p in own if p.left_behind]
            self._pledges(site, behind)
            self._leaders(site, behind)
            self._worries(site, behind)
            if site is self.sites[0]:
                self._peers(behind)
                self._deputy(site)
                self._calls(site, behind)
                self._quiet(site, behind)
                self._families(site, behind)
                self._absences(site)
                self._nights(site)
                self._plan(site, behind)
                self._excuse(site, behind)

    def _now(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.today, time(16, 10)))

    def _days(self, number: int) -> list[date]:
        return school_days(self.calendar.term.first, self.today)[-number:]

    def _pledges(self, site: Site, behind: list[Pupil]) -> None:
        """Class teachers and mentors have signed for most; the others are on the list of who has not."""
        on = self.calendar.term.first + timedelta(days=14)
        there = [p.child for number, p in enumerate(behind) if number % 9 and p.came <= on]
        for kind in ("pledge_homeroom", "pledge_mentor"):
            sign_many(
                kind=kind, children=there, on=on, today=self.today, until=None, version="系统文本", term=site.term,
                by=site.lead,
            )  # fmt: skip

    def _leaders(self, site: Site, behind: list[Pupil]) -> None:
        leaders = list(leaders_of(site.school, self.today))
        shares = share_out([(p.child.pk, p.school_class.pk) for p in behind], [leader.pk for leader in leaders])
        by_id = {leader.pk: leader for leader in leaders}
        children = {p.child.pk: p.child for p in behind}
        first = self.calendar.term.first + timedelta(days=10)
        chosen = {children[child]: by_id[leader] for child, leader in shares.items() if _came(behind, child) <= first}
        charge(chosen=chosen, on=first, today=self.today, by=site.lead)

    def _worries(self, site: Site, behind: list[Pupil]) -> None:
        for pupil, (what, outcome) in zip(behind[3:], WORRIES, strict=False):
            worry, _ = worries.report_worry(
                school=site.school, by=site.mentors()[0], who=pupil.child.name,
                what=what.format(name=pupil.called), now=self._now(), child=pupil.child,
            )  # fmt: skip
            if outcome:
                worries.take_up(worry=worry, by=site.lead, now=self._now())
                worries.handle(worry=worry, outcome=outcome, by=site.lead, now=self._now(), child=pupil.child)

    def _peers(self, behind: list[Pupil]) -> None:
        first = self.calendar.term.first + timedelta(days=20)
        known = set(PeerPairing.objects.values_list("child", flat=True))
        free = [p for p in behind if p.came <= first and p.child.pk not in known]
        for number, kind in enumerate((PeerPairing.Kind.HAND_IN_HAND, PeerPairing.Kind.STUDY_HELPER) * 3):
            child = free.pop(0)
            peer = next((p for p in free if p.school_class == child.school_class), None)
            if peer is None:
                continue
            free.remove(peer)
            pair = pair_peers(child=child.child, peer=peer.child, kind=kind, on=first, today=self.today)
            if not number % 2:
                check_peers(
                    pair=pair, on=self._days(5)[0], effect="better", note="一起写作业，课间常在一起。",
                    today=self.today, by=self.sites[0].homeroom[child.school_class.pk],
                )  # fmt: skip

    def _deputy(self, site: Site) -> None:
        mentors = Mentor.objects.of_school(site.school).working(self.today)
        caring = [m for m in mentors.order_by("pk") if Pairing.objects.open().filter(mentor=m).exists()]
        away, deputy = next((a, b) for a in caring for b in caring if a.pk != b.pk and b.staff_id)
        plan_absence(
            mentor=away, deputy=deputy, starts_on=self.today, ends_on=self.today + timedelta(days=12),
            reason="外出培训", by=site.lead,
        )  # fmt: skip

    def _calls(self, site: Site, behind: list[Pupil]) -> None:
        phone = CallLine(
            school=site.school, name="1号亲情电话", number="0859-00001188", place="留守儿童之家", minutes=15,
            weekdays=[1, 2, 3, 4, 5], opens=NOON, closes=AFTER, opens_again=EVENING, closes_again=LATE,
        )  # fmt: skip
        video = CallLine(
            school=site.school, name="视频室", kind=CallLine.Kind.VIDEO, place="计算机教室", minutes=20,
            weekdays=[3, 5], opens=NOON, closes=AFTER,
        )  # fmt: skip
        for line in (phone, video):
            line.full_clean(exclude=["change"])
            line.save()
        days = [day for day in self._days(8) if calls.free_turns(phone, day, _morning(day))]
        for pupil, on in zip(behind[10:], days, strict=False):
            teacher = site.homeroom[pupil.school_class.pk]
            known = calls.callables(pupil.child, teacher)
            booking = calls.book(
                child=pupil.child, line=phone, on=on, at=calls.free_turns(phone, on, _morning(on))[0],
                phone=None, with_whom="妈妈" if known else "家里人", by=teacher, now=_morning(on),
            )  # fmt: skip
            if on < self.today:
                self.clock.on(on)
                calls.log_call(booking=booking, outcome="done", by=site.lead, today=self.today)

    def _quiet(self, site: Site, behind: list[Pupil]) -> None:
        writer = behind[6]
        chosen = site.homeroom[writer.school_class.pk]
        sealed.receive(
            school=site.school, child=writer.child, addressee=chosen, via=SealedNote.Via.SCREEN,
            received_on=self.today, by=site.lead, today=self.today, client_key=uuid.UUID(int=1), text=WORDS_OF_A_CHILD,
        )  # fmt: skip
        asked = counselling.ask_for_counselling(child=behind[7].child, reason=COUNSELLING, by=chosen)
        counsellor = Staff.objects.filter(appointments__role=Role.COUNSELLOR, appointments__school=site.school).first()
        if counsellor is not None:
            counselling.give_time(
                appointment=asked, on=self.today + timedelta(days=3), at=NOON, minutes=30, place="心语室",
                by=counsellor, today=self.today,
            )  # fmt: skip
        counselling.ask_for_counselling(child=behind[8].child, reason="爸妈吵架后一直不说话。", by=site.lead)

    def _families(self, site: Site, behind: list[Pupil]) -> None:
        letters.take_shipped(site.school, site.lead, self.calendar.term.first)
        text = (
            LetterText.objects.filter(school=site.school, retired_on=None).exclude(question="").order_by("pk").first()
        )
        on = self._days(15)[0]
        if text is not None:
            letters.send(
                text, [p.child for p in behind[:30] if p.came <= on], on=on, return_by=self.today, by=site.lead
            )
            letters.take_slips(text.sent.order_by("pk")[:18], on=self._days(4)[0], choice=text.options[0])
        early = [p.child for p in behind if p.came <= on]
        promises.agree(early[: len(early) * 2 // 3], on=on, by=site.lead, today=self.today)

    def _absences(self, site: Site) -> None:
        for school_class, teacher in ((p.school_class, site.homeroom[p.school_class.pk]) for p in self.pupils[:40:20]):
            members = [p.child for p in self.pupils if p.school_class == school_class]
            for day, child in zip(self._days(DAYS_WITH_ROLLS), members[2:], strict=False):
                enter_day(
                    school_class=school_class, on=day, absent={child.pk: Entry("sick", called="reached", note="发烧，家长已请假")},
                    by=teacher, today=self.today,
                )  # fmt: skip

    def _nights(self, site: Site) -> None:
        evenings = counted_evenings(site.school, self.calendar.term.first, self.today)[-NIGHTS:]
        children = Child.objects.filter(school=site.school)
        # One evening nobody counted: the month names it.
        for number, evening in enumerate(evenings):
            if number == 1:
                continue
            now = timezone.make_aware(datetime.combine(evening, time(21, 40)))
            for place, room in enumerate(rooms_of(children, site.school, evening)):
                missing = {}
                if number == 3 and place == 0:
                    missing = {room.boarders[0].pk: Missing("fetched", called="confirmed", note="家长下午接回")}
                count_room(school=site.school, room=room, on=evening, missing=missing, by=site.lead, now=now)
        for leader in leaders_of(site.school, self.today)[:1]:
            for evening in due_evenings(site.school, self.today, self.today + timedelta(days=6)):
                NightDuty.objects.create(school=site.school, staff=leader, on=evening)

    def _plan(self, site: Site, behind: list[Pupil]) -> None:
        for pupil in behind[12:15]:
            first = max(pupil.came, self.calendar.term.first) + timedelta(days=21)
            plan = SupportPlan(
                child=pupil.child, kind=SupportPlan.Kind.LEARNING, starts_on=first,
                review_on=first + timedelta(days=30), **PLAN,
            )  # fmt: skip
            by = site.homeroom[pupil.school_class.pk]
            support.make(plan, by=by)
            if plan.review_on and plan.review_on < self.today and pupil is not behind[14]:
                support.review(
                    plan, on=plan.review_on, effect="作业能按时交了，计算还常出错。", next_step="增加口算练习。",
                    review_on=self.today + timedelta(days=20), by=by,
                )  # fmt: skip

    def _excuse(self, site: Site, behind: list[Pupil]) -> None:
        item = ProgrammeItem.objects.filter(
            programme__school=site.school, name__contains="家访", ends_on__isnull=True
        ).first()
        month = self.calendar.month()
        if item is not None:
            excuse(
                item=item, first=month.first, last=month.last, reason="住院治疗，家人都在县医院陪护",
                by=site.lead, children=[behind[16].child],
            )  # fmt: skip


def _came(pupils: list[Pupil], child: int) -> date:
    return next(p.came for p in pupils if p.child.pk == child)
