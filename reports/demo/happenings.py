"""What happened besides the contacts: programme, activities, meetings, aid, awards, health checks, bus, monthly forms."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from activities.models import (
    Activity,
    ActivityParticipant,
    CareHomeVisit,
    Incident,
    IncidentChild,
    IncidentReport,
    Meeting,
    MeetingAttendee,
)
from activities.programmes import adopt
from caretrack.periods import Month, months_between
from caretrack.schools.models import Staff
from children.models import (
    AidGrant,
    Award,
    Consent,
    HealthCheck,
    SafetyPledge,
    codes,
)
from mentoring.models import Mentor
from reports.demo import events, notes
from reports.demo.clock import Calendar, TermDates, school_days
from reports.demo.families import Pupil
from reports.demo.pairings import Pairings
from reports.demo.people import draw
from reports.demo.township import Site
from reports.demo.words import Words
from reports.models import MonthlyForm


class Happenings:
    """Writes them in bulk: no service covers them yet, the database's constraints do."""

    def __init__(self, calendar: Calendar, sites: list[Site], pupils: list[Pupil], pairings: Pairings) -> None:
        self.calendar, self.sites, self.pupils, self.pairings = calendar, sites, pupils, pairings
        self.rng = draw("happenings")

    def write(self) -> None:
        for site in self.sites:
            own = [p for p in self.pupils if p.child.school_id == site.school.pk]
            behind = [p for p in own if p.left_behind]
            adopt("six_ones", site.school, self.calendar.earlier.first, site.lead)
            for term in (self.calendar.earlier, self.calendar.term):
                self._events(site, term, behind)
                self._meetings(site, term, behind)
            self._checks(own)
            self._aid(site, behind)
            self._awards(own)
            self._papers(site, own, behind)
            self._care_home(site, behind)
        self._incidents(self.sites[0])
        self._forms()

    def _day(self, term: TermDates, week: int) -> date | None:
        """A school day in the n-th week of a term; None if it has not come yet."""
        first = term.first + timedelta(days=7 * week)
        found = [d for d in school_days(first, first + timedelta(days=13)) if d <= min(term.last, self.calendar.until)]
        return self.rng.choice(found[:5]) if found else None

    # --- activities and meetings -----------------------------------------------------------------------------------

    def _events(self, site: Site, term: TermDates, behind: list[Pupil]) -> None:
        small = site.pupils_a_class[0] < 10
        for week, kind, name, place, process, effect, cost in events.ACTIVITIES[term.season]:
            on = self._day(term, week)
            if on is None or (small and self.rng.random() < 0.45):
                continue
            came = [p for p in behind if p.came <= on and self.rng.random() < 0.8]
            activity = Activity.objects.create(
                school=site.school, kind=kind, name=name, on=on, place=place, leader=site.lead, process=process,
                effect=effect, cost=cost, others_count=self.rng.randrange(5, 60),
            )  # fmt: skip
            self._present(came, activity=activity)
        for school_class in site.classes:
            on = self._day(term, self.rng.randrange(3, 12))
            members = [p for p in behind if p.school_class.pk == school_class.pk and on and p.came <= on]
            if on is None or not members:
                continue
            lecture = Activity.objects.create(
                school=site.school, school_class=school_class, kind=Activity.Kind.CLASS_MEETING, on=on, place="教室",
                name=self.rng.choice(events.CLASS_MEETINGS), leader=site.homeroom.get(school_class.pk),
                process="学生讲述、小组讨论、老师小结。",
            )  # fmt: skip
            self._present(members, activity=lecture)

    def _meetings(self, site: Site, term: TermDates, behind: list[Pupil]) -> None:
        own_term = site.term if term is self.calendar.term else site.earlier
        for month in months_between(term.first, min(term.last, self.calendar.until)):
            days = school_days(max(month.first, term.first), min(month.last, term.last, self.calendar.until))
            # The unfinished month still owes its meeting of mentors.
            if not days or month == self.calendar.month() or self.rng.random() < 0.15:
                continue
            agenda, minutes, opinions = self.rng.choice(events.MENTOR_MEETINGS)
            meeting = Meeting.objects.create(
                school=site.school, term=own_term, kind=Meeting.Kind.MENTORS, on=self.rng.choice(days), at=time(16, 20), place="会议室",
                chair=site.lead.name, agenda=agenda, minutes=minutes, opinions=opinions,
            )  # fmt: skip
            self._colleagues(meeting, site.mentors(), absent=self.rng.randrange(0, 3))
        for week, kind, agenda, minutes in events.MEETINGS:
            on = self._day(term, week)
            if on is None:
                continue
            came = [p for p in behind if p.came <= on and self.rng.random() < 0.7]
            leading = kind == Meeting.Kind.CARE_GROUP
            meeting = Meeting.objects.create(
                school=site.school, term=own_term, kind=kind, on=on, at=time(15, 30), place="会议室" if leading else "多功能室",
                chair=site.principal.name, agenda=agenda, minutes=minutes,
                expected=None if leading else len(behind), present=None if leading else len(came),
            )  # fmt: skip
            if leading:
                self._colleagues(meeting, [site.principal, site.lead, *site.homeroom.values()])
                continue
            self._present(came, meeting=meeting, carer_came=kind in (Meeting.Kind.CARERS, Meeting.Kind.PARENT_SCHOOL))

    def _colleagues(self, meeting: Meeting, people: Iterable[Staff], absent: int = 0) -> None:
        """The grown-ups of a meeting without pupils; the last ones were away."""
        named = list({person.pk: person for person in people}.values())
        MeetingAttendee.objects.bulk_create(
            MeetingAttendee(
                meeting=meeting, staff=person, name=person.name, capacity=person.title,
                came=number < len(named) - absent, absence="" if number < len(named) - absent else "外出学习",
            )
            for number, person in enumerate(named)
        )  # fmt: skip

    def _present(self, pupils: Iterable[Pupil], *, carer_came: bool = False, **at: Activity | Meeting) -> None:
        ActivityParticipant.objects.bulk_create(
            ActivityParticipant(child=p.child, carer_came=carer_came, **at) for p in pupils
        )

    # --- what is counted of a pupil --------------------------------------------------------------------------------

    def _checks(self, pupils: list[Pupil]) -> None:
        """The free check in the first weeks of each term (domain §7.9)."""
        rows = []
        for term in (self.calendar.earlier, self.calendar.term):
            on = self._day(term, 1)
            for pupil in pupils:
                birth = pupil.child.birth_date
                if on is None or birth is None or pupil.came > on or self.rng.random() < 0.04:
                    continue
                years = (on - birth).days / 365.25
                left, right = (Decimal(self.rng.choice(("5.0", "5.0", "4.9", "4.8", "4.6", "5.1"))) for _ in range(2))
                weak = min(left, right) < Decimal("4.8")
                looked = on + timedelta(days=self.rng.randrange(20, 40)) if weak and self.rng.random() < 0.7 else None
                looked = looked if looked and looked <= self.calendar.today else None
                rows.append(
                    HealthCheck(
                        child=pupil.child, on=on, place="青榕镇卫生院", sight_left=left, sight_right=right,
                        height_cm=round(Decimal(77 + years * 6 + self.rng.uniform(-6, 6)), 1),
                        weight_kg=round(Decimal(2.6 * years + 2 + self.rng.uniform(-2, 4)), 1),
                        lung_ml=int(years * 170 + self.rng.randrange(-150, 250)),
                        finding="视力偏低，建议到县医院复查" if weak else self.rng.choice(("未见异常", "未见异常", "龋齿", "轻度贫血可能")),
                        needs_follow_up=weak, followed_up_on=looked,
                        follow_up_result=self.rng.choice(("已配镜", "假性近视，点眼药水后好转", "继续观察")) if looked else "",
                    )
                )  # fmt: skip
        HealthCheck.objects.bulk_create(rows)

    def _aid(self, site: Site, behind: list[Pupil]) -> None:
        rows = []
        for term, own in ((self.calendar.earlier, site.earlier), (self.calendar.term, site.term)):
            label = f"{term.year}{'秋' if term.season == 1 else '春'}"
            on = self._day(term, 6)
            for pupil in [p for p in self.pupils if p.child.school_id == site.school.pk]:
                if on is None or pupil.came > on:
                    continue
                carer = pupil.home.carer.name if pupil.home.carer else ""
                if pupil.child.hardship:
                    rows.append(
                        AidGrant(
                            child=pupil.child, term=own, programme="家庭经济困难学生生活补助", source="财政资金", on=on,
                            amount=Decimal("625.00" if pupil.child.boarding == "2" else "312.50"), batch=f"{label}第一批", received_by=carer,
                        )
                    )  # fmt: skip
            gift = self._day(term, 10)
            for pupil in behind:
                if gift and pupil.came <= gift and (pupil.level in codes.KEY_LEVELS or self.rng.random() < 0.12):
                    goods, source = self.rng.choice(events.GIFTS)
                    rows.append(AidGrant(child=pupil.child, term=own, programme="爱心捐助", source=source, goods=goods, on=gift, batch=f"{label}捐助", received_by=pupil.child.name))  # fmt: skip
        AidGrant.objects.bulk_create(rows)

    def _awards(self, pupils: list[Pupil]) -> None:
        rows = []
        for term in (self.calendar.earlier, self.calendar.term):
            last = min(term.last, self.calendar.until)
            days = school_days(term.first + timedelta(days=30), last)
            for pupil in pupils:
                if days and pupil.came <= days[0] and self.rng.random() < 0.07:
                    title, scope, evidence = self.rng.choice(events.AWARDS)
                    rows.append(
                        Award(child=pupil.child, title=title, scope=scope, on=self.rng.choice(days), evidence=evidence)
                    )
        Award.objects.bulk_create(rows)

    def _papers(self, site: Site, pupils: list[Pupil], behind: list[Pupil]) -> None:
        on = self.calendar.term.first + timedelta(days=6)
        if on > self.calendar.today:
            return
        SafetyPledge.objects.bulk_create(
            SafetyPledge(
                child=p.child, term=site.term, party=party, signed_on=max(on, p.came), template_version=f"{on.year}版",
                signed_by=(p.home.carer.name if p.home.carer else "") if party == "carer" else site.homeroom[p.school_class.pk].name,
                recorded_by=site.homeroom[p.school_class.pk],
            )
            for p in behind
            for party in ("carer", "homeroom")
            if self.rng.random() < 0.93
        )  # fmt: skip
        Consent.objects.bulk_create(
            Consent(
                child=p.child, purpose=Consent.Purpose.EXTRA, given_by=p.home.carer.name, relation=p.home.carer.relation,
                given_on=max(on, p.came), notice_version=f"{on.year}版", refused=self.rng.random() < 0.04,
            )
            for p in pupils
            if p.home.carer and self.rng.random() < 0.9
        )  # fmt: skip

    def _care_home(self, site: Site, behind: list[Pupil]) -> None:
        days = school_days(self.calendar.term.first + timedelta(days=7), self.calendar.until)
        duty = site.teachers or list(site.homeroom.values())
        CareHomeVisit.objects.bulk_create(
            CareHomeVisit(school=site.school, child=p.child, on=day, use=self.rng.choice(CareHomeVisit.Use.values), duty=self.rng.choice(duty))
            for day in days[::2]
            for p in self.rng.sample(behind, k=min(len(behind), 4))
            if p.came <= day
        )  # fmt: skip

    # --- the centre only -------------------------------------------------------------------------------------------

    def _incidents(self, site: Site) -> None:
        """One closed, one being handled; told to those whom the rules name."""
        own = [p for p in self.pupils if p.child.school_id == site.school.pk and p.left_behind]
        for number, (kind, place, account, measures, outcome, told) in enumerate(events.INCIDENTS):
            on = self._day(self.calendar.term, 4 + 5 * number)
            if on is None:
                continue
            pupil = own[11 + number * 20]
            found = timezone.make_aware(datetime.combine(on, time(15, 10)))
            teacher = site.homeroom[pupil.school_class.pk]
            closed = bool(outcome)
            incident = Incident.objects.create(
                school=site.school, kind=kind, place=place, account=account, measures=measures, outcome=outcome,
                state=Incident.State.CLOSED if closed else Incident.State.HANDLING, found_at=found, reported_by=teacher,
                closed_at=found + timedelta(days=5) if closed else None,
            )  # fmt: skip
            part = IncidentChild.objects.create(incident=incident, child=pupil.child, part=IncidentChild.Part.HARMED)
            IncidentReport.objects.bulk_create(
                IncidentReport(incident=incident, to=to, about=part if to == "guardian" else None, at=found + timedelta(minutes=minutes), way="电话", received_by=who, made_by=teacher)
                for to, minutes, who in told
            )  # fmt: skip

    def _forms(self) -> None:
        """关爱留守儿童记录表 of the months that are over; a few have not been handed in."""
        words = Words(draw("forms"), {})
        mentors = {(m.staff_id, m.school_id): m for m in Mentor.objects.filter(staff__isnull=False)}
        rows = []
        for term in (self.calendar.earlier, self.calendar.term):
            for month in months_between(term.first, min(term.last, self.calendar.until)):
                if month != self.calendar.month():
                    rows += [row for p in self.pupils if (row := self._form(p, month, mentors, words))]
        MonthlyForm.objects.bulk_create(rows)

    def _form(
        self, pupil: Pupil, month: Month, mentors: dict[tuple[int | None, int], Mentor], words: Words
    ) -> MonthlyForm | None:
        since = self.pairings.since.get(pupil.child.pk)
        if since is None or since > month.last or self.rng.random() < 0.1:
            return None
        earlier = self.pairings.before if month.last < self.calendar.term.first else {}
        who = earlier.get(pupil.child.pk) or self.pairings.mentor_of[pupil.child.pk]
        words.month = month.month
        handed = month.last + timedelta(days=self.rng.choice((-1, 0, 0, 1, 3)))
        return MonthlyForm(
            child=pupil.child, mentor=mentors[who.pk, pupil.child.school_id], month=month.key, written_by=who,
            conduct=words.one(notes.FORM_CONDUCT, pupil), problems=words.one(notes.FORM_PROBLEMS, pupil),
            next_steps=words.one(notes.FORM_NEXT, pupil), handed_in_on=handed if handed <= self.calendar.today else None,
        )  # fmt: skip
