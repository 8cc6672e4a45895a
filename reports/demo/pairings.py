"""Who is whose 代理家长: teachers of the own class first, a few changes, some children still without."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from caretrack.schools.models import Staff
from children.models import codes
from mentoring.models import LeaderCharge, Mentor, Pairing, PeerPairing, PlanReview, SupportPlan
from mentoring.services import end_pairing, mentor_for, pair
from reports.demo.clock import Calendar
from reports.demo.families import Pupil
from reports.demo.people import draw
from reports.demo.township import Site


@dataclass
class Pairings:
    """Child id → who is the 代理家长 now (`mentor_of`), who was last term (`before`), since when there is one (`since`)."""

    calendar: Calendar
    mentor_of: dict[int, Staff] = field(default_factory=dict)
    before: dict[int, Staff] = field(default_factory=dict)
    since: dict[int, date] = field(default_factory=dict)

    def make(self, sites: list[Site], pupils: list[Pupil]) -> None:
        """Pair the left-behind children of every site."""
        self.rng = draw("pairings")
        for site in sites:
            own = [
                p
                for p in pupils
                if p.child.school_id == site.school.pk and (p.left_behind or p.home.case == "orphan_like")
            ]
            self._pair_site(site, own)
            self._outsiders(site)
            self._around(site, own)

    def _pair_site(self, site: Site, pupils: list[Pupil]) -> None:
        staff = site.mentors()
        load = {person.pk: 0 for person in staff}
        limit = -(-len(pupils) // len(staff)) + 1
        changing = 0
        for number, pupil in enumerate(pupils):
            since = max(self._start(pupil), pupil.came)
            if number % 17 == 8 and pupil.level == codes.SupportLevel.GENERAL:
                continue  # not yet paired: the care lead's list shows them
            first = site.homeroom.get(pupil.school_class.pk)
            if first is None or load[first.pk] >= limit - 1 or self.rng.random() < 0.35:
                first = min((p for p in staff if p is not first), key=lambda p: (load[p.pk], p.pk))
            # Somebody who has no class is still there to be shown: the mentor's own view of the product.
            load[first.pk] += 1
            pairing = pair(
                child=pupil.child, mentor=mentor_for(first, site.school), on=since, by=site.lead,
                child_view=self.rng.choice(("愿意", "愿意，喜欢这位老师", "都可以", "愿意，想多打电话")),
            )  # fmt: skip
            self.mentor_of[pupil.child.pk], self.since[pupil.child.pk] = first, since
            if since < self.calendar.term.first and changing < 4 and number % 9 == 4:
                changing += 1
                self._change(site, pupil, pairing, first, staff, load)

    def _change(
        self, site: Site, pupil: Pupil, pairing: Pairing, first: Staff, staff: list[Staff], load: dict[int, int]
    ) -> None:
        on = self.calendar.term.first + timedelta(days=3)
        if on >= self.calendar.today:
            return
        end_pairing(pairing=pairing, on=on, reason=Pairing.EndReason.REPLACED, by=site.lead, note="老师课务调整")
        new = min((p for p in staff if p is not first), key=lambda p: (load[p.pk], p.pk))
        load[first.pk] -= 1
        load[new.pk] += 1
        pair(child=pupil.child, mentor=mentor_for(new, site.school), on=on + timedelta(days=1), by=site.lead)
        self.before[pupil.child.pk], self.mentor_of[pupil.child.pk] = first, new

    def _start(self, pupil: Pupil) -> date:
        """Who was left behind already last term was paired then; others in the second week of this one."""
        away = [a.since for a in pupil.home.parents if a.away and a.since]
        lately = away and min(away) >= self.calendar.earlier.last
        if pupil.came >= self.calendar.term.first or lately or self.rng.random() < 0.15:
            second_week = self.calendar.term.first + timedelta(days=8)
            return min(max([second_week, *away]), self.calendar.today)
        return self.calendar.earlier.first + timedelta(days=self.rng.randrange(4, 20))

    def _outsiders(self, site: Site) -> None:
        """Helpers from outside the school; one whose check for offences has run out and who may not be assigned."""
        villages = site.villages
        first = self.calendar.term.first
        Mentor.objects.create(
            school=site.school, kind=Mentor.Kind.FIVE_ELDERS, name="韦老（退休教师）", title="爱心爷爷",
            unit=f"{villages[0].name}", background_checked_on=first,
        )  # fmt: skip
        Mentor.objects.create(
            school=site.school, kind=Mentor.Kind.CHILD_DIRECTOR, name="罗桂香", title="儿童主任",
            unit=f"{villages[-1].name}村民委员会", background_checked_on=first - timedelta(days=500),
        )  # fmt: skip

    def _around(self, site: Site, pupils: list[Pupil]) -> None:
        """Leaders in charge, children who help each other, plans with reviews."""
        term_first, today = self.calendar.term.first, self.calendar.today
        leaders = [one for one in (site.principal, site.lead, site.deputy) if one is not None]
        LeaderCharge.objects.bulk_create(
            LeaderCharge(
                child=p.child, leader=leaders[i % len(leaders)], starts_on=max(p.came, self.calendar.earlier.first)
            )
            for i, p in enumerate(pupils)
        )
        by_class: dict[int, list[Pupil]] = {}
        for pupil in pupils:
            by_class.setdefault(pupil.school_class.pk, []).append(pupil)
        PeerPairing.objects.bulk_create(
            PeerPairing(
                child=mates[0].child, peer=mates[1].child, starts_on=min(term_first + timedelta(days=12), today),
                kind=self.rng.choice(PeerPairing.Kind.values), effect="互相对作业，一起放学",
            )
            for mates in by_class.values()
            if len(mates) > 1
        )  # fmt: skip
        for number, pupil in enumerate(
            p for p in pupils if p.level in codes.KEY_LEVELS and p.child.pk in self.mentor_of
        ):
            self._plan(site, pupil, individual=number % 3 == 0)

    def _plan(self, site: Site, pupil: Pupil, *, individual: bool) -> None:
        start = max(self.calendar.term.first + timedelta(days=12), pupil.came)
        if start > self.calendar.today:
            return
        plan = SupportPlan.objects.create(
            child=pupil.child,
            kind=SupportPlan.Kind.INDIVIDUAL if individual else SupportPlan.Kind.LEARNING,
            term=site.term,
            made_by=self.mentor_of[pupil.child.pk],
            subject="" if individual else self.rng.choice(("数学", "语文")),
            criteria="监护情况评估为差" if individual else "学习困难",
            situation="照护人管教能力有限，孩子作息不规律，作业常缺交，情绪起伏较大。" if individual else "基础知识有断层，课后无人辅导，作业订正不及时。",
            causes="父母长期在外，通话少；隔代照料以吃饱穿暖为主；孩子缺少稳定的陪伴。" if individual else "识字量少、计算不熟，家里没有辅导条件。",
            goals="按时作息，每周与父母通话两次，遇到难处会求助。" if individual else "期末达到班级中等水平，养成当天订正的习惯。",
            measures="每周谈心；与父母约定通话时间；每月家访；心理老师每两周一次。" if individual else "每天放学辅导十五分钟；同伴对作业；每周小测一次。",
            schedule="每周二、周四放学后",
            child_view="愿意试试",
            guardian_told_on=start + timedelta(days=2),
            starts_on=start,
            review_on=start + timedelta(days=45),
        )  # fmt: skip
        review_on = start + timedelta(days=30)
        if review_on <= self.calendar.today:
            PlanReview.objects.create(
                plan=plan, on=review_on, effect=self.rng.choice(("作业上交比上月好，情绪平稳。", "通话能坚持，计算仍慢。", "有进步，反复也有，继续。")),
                next_step="照计划执行，月底再看", reviewed_by=self.mentor_of[pupil.child.pk],
            )  # fmt: skip
