"""A term of contacts: talks, visits, calls, tutoring … as each mentor with more or less zeal kept them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from activities.follow_ups import close_follow_up
from activities.models import FollowUp, Kind
from activities.services import Contact, record_contact
from caretrack.periods import Month
from caretrack.schools.models import Staff
from children.models import codes
from reports.demo import notes
from reports.demo.clock import Calendar, TypedAt, days, is_school_day, school_days
from reports.demo.contacts import Contacts
from reports.demo.families import Pupil
from reports.demo.ledger import Ledger
from reports.demo.pairings import Pairings
from reports.demo.people import draw, weighted
from reports.demo.talks import GROUP_TALKS
from reports.demo.township import Site
from reports.demo.words import Words

# How likely each kind is in a month: what the 代理家长 owes, and what happens anyway.
MENTORS = ((Kind.HOMEWORK, 0.95), (Kind.TUTORING, 0.85), (Kind.HOME_VISIT, 0.72), (Kind.MEAL, 0.7))
EVERYBODYS = (
    (Kind.CALL, 0.75), (Kind.CALL, 0.35), (Kind.VIDEO, 0.3), (Kind.PARENT_CONTACT, 0.6), (Kind.LETTER, 0.08),
    (Kind.READING, 0.18), (Kind.GOOD_DEED, 0.1), (Kind.ILLNESS, 0.02),
)  # fmt: skip
# Some have not been talked with since before this.
LONG_SILENCE = timedelta(days=50)
FAR_AWAY = (Kind.CALL, Kind.VIDEO, Kind.PARENT_CONTACT, Kind.LETTER)
ANY_DAY = (Kind.HOME_VISIT, Kind.CALL, Kind.VIDEO)


@dataclass(frozen=True)
class Stretch:
    """A reporting month with the days on which something can have happened, and how busy it was."""

    month: Month
    first: date
    last: date
    density: float
    unfinished: bool


class Records:
    """Writes the records of both terms. `pupils` are all who were at school in them."""

    def __init__(
        self, calendar: Calendar, clock: TypedAt, sites: list[Site], pupils: Sequence[Pupil], pairings: Pairings
    ) -> None:
        self.calendar, self.clock, self.pairings = calendar, clock, pairings
        self.rng = draw("records")
        self.ledger = Ledger(clock, calendar.today)
        friends: dict[int, list[str]] = {}
        for pupil in pupils:
            friends.setdefault(pupil.school_class.pk, []).append(pupil.called)
        self.words = Words(self.rng, friends)
        self.contacts = Contacts(self.rng, self.words, calendar.today)
        self.sites = {site.school.pk: site for site in sites}
        self.pupils = list(pupils)
        # How faithfully each person keeps records, the whole year through.
        people = [person for site in sites for person in site.mentors()]
        self.zeal = {person.pk: self.rng.uniform(0.62, 1.0) for person in people}
        # Who has been overlooked in the running month, and the few who have been for longer.
        behind = [p for p in self.pupils if p.left_behind and p.left is None]
        self.overlooked = {p.child.pk for p in behind if self.rng.random() < 0.3}
        self.forgotten = {p.child.pk for p in self.rng.sample(behind, k=min(6, len(behind)))}

    def write(self) -> None:
        """Month after month, oldest first, so that record numbers follow time."""
        for stretch in self.stretches():
            for pupil in self.pupils:
                if pupil.left_behind or pupil.home.case == "orphan_like":
                    self._month_of(pupil, stretch)
                elif self._there(pupil, stretch) and self.rng.random() < 0.16 * stretch.density:
                    self._talk(pupil, self._day(pupil, stretch), self._teacher(pupil))
            self._group_talks(stretch)
            self.ledger.flush()
        self._counselling()
        self._close_some()

    def stretches(self) -> list[Stretch]:
        """The months of the earlier term, kept lightly, and those of this one."""
        found = []
        young = (self.calendar.until - self.calendar.term.first).days < 60
        for term, density in ((self.calendar.earlier, 0.8 if young else 0.45), (self.calendar.term, 1.0)):
            month = Month.of(term.first)
            until = min(term.last, self.calendar.until)
            while month.first <= until:
                first, last = max(month.first, term.first), min(month.last, until)
                found.append(Stretch(month, first, last, density, month == self.calendar.month()))
                month = month.next()
        return found

    # --- one child, one month --------------------------------------------------------------------------------------

    def _month_of(self, pupil: Pupil, stretch: Stretch) -> None:
        mentor = self._mentor_on(pupil, stretch.last)
        who = mentor or self._teacher(pupil)
        # The share of the month that is over: in the running one much is still to come.
        share = len(days(stretch.first, stretch.last)) / len(days(stretch.month.first, stretch.month.last))
        zeal = self.zeal.get(who.pk, 0.75) * stretch.density * min(1.0, share + 0.1)
        if not self._there(pupil, stretch):
            return
        silent = pupil.child.pk in self.forgotten and stretch.last > self.calendar.today - LONG_SILENCE
        silent = silent or (stretch.unfinished and pupil.child.pk in self.overlooked)
        if not silent:
            self._talks(pupil, stretch, who, zeal)
        for kind, likelihood in (*(MENTORS if mentor else ()), *EVERYBODYS):
            if self.rng.random() < zeal * likelihood and (pupil.left_behind or kind not in FAR_AWAY):
                on = self._day(pupil, stretch, any_day=kind in ANY_DAY)
                self._save([pupil], self.contacts.make(kind, pupil, on, who), who)
        self._birthday(pupil, stretch)

    def _talks(self, pupil: Pupil, stretch: Stretch, who: Staff, zeal: float) -> None:
        """One a month; more with those who need watching, also by the class teacher."""
        extra = 3 if pupil.level in codes.KEY_LEVELS else 1 if pupil.level == codes.SupportLevel.WATCH else 0
        if self.rng.random() < zeal:
            self._talk(pupil, self._day(pupil, stretch), who)
        for _ in range(extra):
            if self.rng.random() < zeal:
                self._talk(pupil, self._day(pupil, stretch), self.rng.choice((who, self._teacher(pupil))))

    def _talk(self, pupil: Pupil, on: date, by: Staff) -> None:
        self._save([pupil], self.contacts.make(Kind.TALK, pupil, on, by), by)

    def _birthday(self, pupil: Pupil, stretch: Stretch) -> None:
        birth = pupil.child.birth_date
        if birth is None or pupil.child.birth_lunar:
            return
        for year in sorted({stretch.first.year, stretch.last.year}):
            day = date(year, birth.month, min(birth.day, 28))
            inside = stretch.first <= day <= stretch.last and day >= pupil.came
            if inside and is_school_day(day) and self.rng.random() < 0.7:
                teacher = self._teacher(pupil)
                self._save([pupil], self.contacts.make(Kind.BIRTHDAY, pupil, day, teacher), teacher)

    def _there(self, pupil: Pupil, stretch: Stretch) -> bool:
        if pupil.left is not None and pupil.left < stretch.last:
            return False
        away = [a.since for a in pupil.home.parents if a.away]
        if away and None not in away and min(s for s in away if s) > stretch.last:
            return False
        return pupil.came < stretch.last

    def _mentor_on(self, pupil: Pupil, day: date) -> Staff | None:
        found = self.pairings.since.get(pupil.child.pk)
        if found is None or day < found:
            return None
        if day < self.calendar.term.first and pupil.child.pk in self.pairings.before:
            return self.pairings.before[pupil.child.pk]
        return self.pairings.mentor_of.get(pupil.child.pk)

    def _teacher(self, pupil: Pupil) -> Staff:
        """The class teacher; for who has left school, whoever leads the care work."""
        site = self.sites[pupil.child.school_id]
        return site.homeroom.get(pupil.school_class.pk) or site.lead

    def _day(self, pupil: Pupil, stretch: Stretch, *, any_day: bool = False) -> date:
        first = max(stretch.first, pupil.came)
        chosen = days(first, stretch.last) if any_day else school_days(first, stretch.last)
        return self.rng.choice(chosen or [stretch.last])

    def _save(self, pupils: list[Pupil], contact: Contact, by: Staff, private: dict[int, str] | None = None) -> None:
        self.clock.on(contact.on, late=weighted(self.rng, ((0, 70), (1, 16), (2, 8), (5, 4), (9, 2))))
        self.ledger.add([p.child for p in pupils], contact, by, private)

    # --- groups, counselling, follow-ups ---------------------------------------------------------------------------

    def _group_talks(self, stretch: Stretch) -> None:
        """Most class teachers sit down once a month with the left-behind children of the class."""
        classes: dict[int, list[Pupil]] = {}
        for pupil in self.pupils:
            told = pupil.child.pk not in self.forgotten or stretch.last <= self.calendar.today - LONG_SILENCE
            told = told and not (stretch.unfinished and pupil.child.pk in self.overlooked)
            if pupil.left_behind and told and self._there(pupil, stretch):
                classes.setdefault(pupil.school_class.pk, []).append(pupil)
        for members in classes.values():
            if len(members) < 3 or self.rng.random() > 0.42 * stretch.density:
                continue
            on = self._day(max(members, key=lambda p: p.came), stretch)
            self.words.month = on.month
            text, topics = self.rng.choice([talk for talk in GROUP_TALKS if self.words.in_season(talk[0])])
            here = [p for p in members if p.came <= on and (p.left is None or p.left >= on)][:8]
            contact = Contact(
                kind=Kind.TALK, on=on, at=time(16, 20), minutes=30, place="care_home", content=text,
                topics=tuple(topics.split()), state="steady",
            )  # fmt: skip
            quiet = self.rng.choice(here)
            line = self.words.fill("{n}坐在边上话不多，会后单独陪着走了一段。", quiet)
            self._save(
                here, contact, self._teacher(here[0]), {quiet.child.pk: line} if self.rng.random() < 0.5 else None
            )

    def _counselling(self) -> None:
        """The counsellor's own records; their content is kept apart."""
        worrying = [p for p in self.pupils if p.level in codes.KEY_LEVELS and p.left is None]
        worrying += [p for p in self.pupils if p.home.case == "mother_dead_father_home"]
        term = self.calendar.term
        for number, case in enumerate(notes.COUNSELLING):
            if number >= len(worrying):
                return
            pupil = worrying[number]
            by = self.sites[pupil.child.school_id].counsellor
            complaint, assessment, process, advice, risk = case
            for visit in range(1 + number % 3):
                on = term.first + timedelta(days=18 + number * 3 + visit * 14)
                if on > self.calendar.until or on < pupil.came:
                    continue
                self.clock.on(on)
                record_contact(
                    children=[pupil.child],
                    contact=Contact(kind=Kind.COUNSELLING, on=on, minutes=40, place="counselling_room", visibility="restricted"),
                    by=by,
                    today=self.calendar.today,
                    counselling={
                        "complaint": self.words.fill(complaint, pupil),
                        "assessment": assessment,
                        "process": self.words.fill(process, pupil) if visit == 0 else "回顾上次约定，完成情况较好；继续练习。",
                        "advice": self.words.fill(advice, pupil),
                        "risk": risk if visit == 0 else "low",
                        "next_on": on + timedelta(days=14),
                    },
                )  # fmt: skip

    def _close_some(self) -> None:
        """What was promised long ago is mostly done; a few are overdue, the latest still to come."""
        today = self.calendar.today
        outcomes = (
            "已了解，情况好转",
            "已通话，约定每周日联系",
            "作业上交正常",
            "检查无大碍",
            "已面谈，照护人答应配合",
        )
        gone = {p.child.pk for p in self.pupils if p.left is not None}
        for follow in FollowUp.objects.open().select_related("record", "owner"):
            late = (today - follow.due_on).days
            forgotten = late > 0 and self.rng.random() > (0.97 if late > 30 else 0.6)
            if follow.child_id in gone or (late > 0 and not forgotten):
                done = min(follow.due_on + timedelta(days=self.rng.choice((0, 0, 1, 2))), today)
                close_follow_up(follow_up=follow, on=done, by=follow.owner, outcome=self.rng.choice(outcomes))
