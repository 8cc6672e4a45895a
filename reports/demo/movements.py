"""Who came, went and changed class during the term, and what else the register of changes has lines for."""

from collections.abc import Callable
from datetime import date, timedelta

from caretrack.schools.models import SchoolClass
from children.changes import record_holiday
from children.corrections import correct
from children.models import codes
from children.services import change_class, enrol, leave_school
from children.transfers import accept, acknowledge, send
from reports.demo.clock import Calendar, TypedAt
from reports.demo.families import Families, Pupil
from reports.demo.township import Site

Kind = codes.ChangeKind
PAPERS = ("档案摘要", "基本情况登记表", "成长记录袋", "健康检查表", "学籍材料")


class Movements:
    """Written through the acts of the register; whatever has not come to pass by the demo's today is left out."""

    def __init__(self, calendar: Calendar, clock: TypedAt, families: Families) -> None:
        self.calendar, self.clock, self.families = calendar, clock, families

    def make(self, sites: list[Site]) -> None:
        """The movements of the three schools."""
        centre, upper, ridge = sites
        away, home = self._of(centre, "both_away"), self._of(centre, "at_home")
        for pupil, days, receipt in ((away[7], 16, 9), (away[19], 37, None)):
            self._to_the_city(centre, pupil, days, receipt)
        self._between_schools(ridge, centre, self._of(ridge, "both_away")[0], on=self._day(8), accepted=True)
        self._between_schools(centre, upper, away[12], on=self.calendar.today - timedelta(days=6), accepted=False)
        self._change_of_class(centre, away[14])
        self._wrong_line(centre, home[8])
        self._ill(centre, home[5])
        if self.calendar.is_autumn():
            self._again(centre, next(p for p in home[10:] if p.grade == 5), suspended=True)
            for grade in (2, 4):
                self._again(centre, next(p for p in home[10:] if p.grade == grade), suspended=False)
        self._holidays(centre, (away[3], away[9]))

    def _of(self, site: Site, case: str) -> list[Pupil]:
        return [p for p in self.families.pupils if p.child.school_id == site.school.pk and p.home.case == case]

    def _day(self, days: int) -> date:
        return self.calendar.term.first + timedelta(days=days)

    def _lies_ahead(self, on: date) -> bool:
        return on > self.calendar.today

    # --- to another school ----------------------------------------------------------------------------------------

    def _to_the_city(self, site: Site, pupil: Pupil, days: int, receipt: int | None) -> None:
        """With the parents to where they work: a hand-over that waits for its receipt or has got it."""
        on = self._day(days)
        if self._lies_ahead(on):
            return
        self.clock.on(on)
        transfer = send(
            child=pupil.child, on=on, by=site.registrar, to_name=f"{pupil.home.city}务工地小学", items=PAPERS,
            reason="随父母到务工地就读", evidence="家长书面申请",
        )  # fmt: skip
        self.families.went(pupil, on)
        if receipt and not self._lies_ahead(back := on + timedelta(days=receipt)):
            acknowledge(transfer=transfer, on=back, received_by="学籍管理员", note="材料齐全，已接收")

    def _between_schools(self, site: Site, other: Site, pupil: Pupil, *, on: date, accepted: bool) -> None:
        """To another school of the township, which takes the pupil in two days later or has not yet."""
        into = on + timedelta(days=2)
        if on < self.calendar.term.first or self._lies_ahead(into):
            return
        self.clock.on(on)
        transfer = send(
            child=pupil.child, on=on, by=site.registrar, to_school=other.school, items=PAPERS,
            reason="搬到外公外婆家居住", evidence="家长书面申请",
        )  # fmt: skip
        if not accepted:
            self.families.went(pupil, on)
            return
        place = next(c for c in other.classes if c.entry_year == pupil.school_class.entry_year)
        self.clock.on(into)
        accept(transfer=transfer, school_class=place, on=into, by=other.registrar)
        pupil.child.refresh_from_db(fields=["school", "school_class", "class_seq", "dorm_bed", "version"])
        pupil.school_class, pupil.came = place, into

    # --- within the school ----------------------------------------------------------------------------------------

    def _beside(self, site: Site, pupil: Pupil, *, lower: bool = False) -> SchoolClass:
        """The other class of the grade, or the own one of the grade below."""
        year = pupil.school_class.entry_year + (1 if lower else 0)
        found: Callable[[SchoolClass], bool] = lambda c: (c.number == pupil.school_class.number) == lower  # noqa: E731
        return next(c for c in site.classes if c.entry_year == year and found(c))

    def _change_of_class(self, site: Site, pupil: Pupil) -> None:
        on = max(self.calendar.term.first, pupil.came) + timedelta(days=13)
        if self._lies_ahead(on):
            return
        other = self._beside(site, pupil)
        self.clock.on(on)
        change_class(child=pupil.child, to=other, on=on, by=site.registrar, reason="家长申请，与堂妹同班便于接送")
        pupil.school_class = other

    def _wrong_line(self, site: Site, pupil: Pupil) -> None:
        """A change of class entered for the wrong pupil, answered by a counter entry four days later."""
        on = self._day(20)
        found = on + timedelta(days=4)
        if self._lies_ahead(found):
            return
        self.clock.on(on)
        place = self._beside(site, pupil)
        change_class(child=pupil.child, to=place, on=on, by=site.registrar, reason="家长申请")
        self.clock.on(found)
        line = pupil.child.status_changes.filter(kind=Kind.CLASS_CHANGE).get()
        correct(change=line, reason="登记时选错了学生，本人没有调班", on=found, by=site.registrar, counted=True)
        pupil.child.refresh_from_db(fields=["school_class", "version"])

    def _ill(self, site: Site, pupil: Pupil) -> None:
        on = self._day(31)
        if not self._lies_ahead(on):
            self.families.leave(pupil, on, Kind.SUSPENDED, site, "腿部骨折，在家休养一学期", "县医院诊断证明")

    def _again(self, site: Site, pupil: Pupil, *, suspended: bool) -> None:
        """Repeats the year in the class below: after an illness that kept the pupil at home, or by agreement."""
        first, by = self.calendar.term.first, site.registrar
        lower = self._beside(site, pupil, lower=True)
        if suspended:
            last = self.calendar.earlier.first + timedelta(days=40)
            self.clock.on(last)
            leave_school(
                child=pupil.child, on=last, kind=Kind.SUSPENDED, by=by, reason="肺炎住院后休养", evidence="县医院诊断证明"
            )  # fmt: skip
            self.clock.on(first)
            enrol(
                child=pupil.child, school_class=lower, on=first, by=by, kind=Kind.RESUME, reason="病愈复学，编入下一年级",
                evidence="复学申请、县医院证明",
            )  # fmt: skip
            pupil.came = first
        else:
            self.clock.on(first)
            change_class(child=pupil.child, to=lower, on=first, by=by, reason="留级", evidence="家长书面申请")
        pupil.school_class, pupil.grade = lower, pupil.grade - 1

    def _holidays(self, site: Site, pupils: tuple[Pupil, ...]) -> None:
        """A parent home for the National Day, or the first days of May: the absence goes on."""
        month = 10 if self.calendar.is_autumn() else 5
        on = date(self.calendar.term.first.year, month, 1)
        until = on + timedelta(days=6)
        if self._lies_ahead(until):
            return
        for pupil in pupils:
            father = pupil.members[id(pupil.home.father)]
            self.clock.on(until)
            record_holiday(
                member=father, on=on, until=until, by=site.registrar, reason="国庆假期" if month == 10 else "五一假期"
            )
