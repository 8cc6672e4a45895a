"""Census rounds: closed ones with what was noted, one that runs, one class that is late, one change that waits."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from children.census.answers import answer_rest, propose
from children.census.review import confirm
from children.census.rounds import close_round, open_round
from children.models import Census, CensusRow, Child, codes
from children.queries import in_hardship
from reports.demo.clock import Calendar
from reports.demo.people import draw
from reports.demo.texts import CENSUS_PARTS
from reports.demo.township import Site

Answer, Kind = CensusRow.Answer, Census.Kind
AFTER_TERM_START = timedelta(days=14)
AFTER_POVERTY = timedelta(days=9)
ONE_DAY = timedelta(days=1)


class Rounds:
    """The rounds of last term and this one, answered by the class teachers, closed by the registrar."""

    def __init__(self, calendar: Calendar, sites: list[Site]) -> None:
        self.calendar, self.sites = calendar, sites
        self.rng = draw("rounds")

    def write(self) -> None:
        for site in self.sites:
            for term, noted in ((self.calendar.earlier, 0.0), (self.calendar.term, 0.85)):
                if term.first + AFTER_TERM_START * 2 > self.calendar.today:
                    continue
                spring = term.season == 2
                self._closed(site, Kind.ANNUAL if spring else Kind.TERM_START, term.first + AFTER_TERM_START, noted)
                if spring:
                    self._closed(site, Kind.POVERTY, term.first + AFTER_POVERTY, 0.0)
        cut_off = self.calendar.today - timedelta(days=8)
        if self.calendar.term.first + timedelta(days=45) <= cut_off <= self.calendar.term.last:
            centre, upper = self.sites[:2]
            self._running(centre, cut_off, self.calendar.today + timedelta(days=4), answered=7)
            self._running(upper, cut_off, self.calendar.today - timedelta(days=1), answered=5)

    def _closed(self, site: Site, kind: str, cut_off: date, noted: float) -> None:
        census = open_round(
            school=site.school, kind=kind, cut_off=cut_off, due_on=cut_off + ONE_DAY * 10, by=site.lead, today=cut_off
        )  # fmt: skip
        if kind == Kind.POVERTY:
            self._new_aid(site, census)
        elif noted:
            self._changed_phone(site, census)
        self._answer(site, census, site.classes)
        self._rest(census, site)
        self._note(census, noted)
        self._answered_at(census, cut_off + ONE_DAY * 4)
        unclear = census.rows.filter(answer=Answer.OPEN).exists()
        close_round(census=census, by=site.registrar, reason="个别家庭情况正在补登" if unclear else "")
        closed_on = timezone.make_aware(datetime.combine(cut_off + ONE_DAY * 9, time(16, 40)))
        Census.objects.filter(pk=census.pk).update(closed_at=closed_on)

    def _running(self, site: Site, cut_off: date, due_on: date, *, answered: int) -> None:
        """The first classes are through; in one a change is put forward that the registrar has not looked at."""
        census = open_round(
            school=site.school, kind=Kind.HALF_TERM, cut_off=cut_off, due_on=due_on, by=site.lead, today=cut_off
        )  # fmt: skip
        self._propose(site, census, site.classes[0].pk)
        self._answer(site, census, site.classes[:answered])
        self._part_of(census, site.classes[answered].pk, site)
        self._answered_at(census, cut_off + ONE_DAY * 3)

    def _answer(self, site: Site, census: Census, classes: list) -> None:  # type: ignore[type-arg]
        for place in classes:
            answer_rest(census=census, school_class=place.pk, by=site.homeroom[place.pk])

    def _part_of(self, census: Census, school_class: int, site: Site) -> None:
        """A class whose teacher was called away in the middle."""
        known = census.rows.filter(school_class=school_class).order_by("child__pinyin").values_list("pk", flat=True)[:4]
        CensusRow.objects.filter(pk__in=list(known)).update(
            answer=Answer.UNCHANGED, answered_by=site.homeroom[school_class], answered_at=timezone.now()
        )

    def _rest(self, census: Census, site: Site) -> None:
        """Pupils of classes that have gone since are answered by the registrar from the papers."""
        left = census.rows.filter(answer=Answer.OPEN).exclude(school_class__in=site.classes)
        left.update(answer=Answer.UNCHANGED, answered_by=site.registrar, answered_at=timezone.now())

    def _answered_at(self, census: Census, on: date) -> None:
        """The moments of the story, not of the writing."""
        moment = timezone.make_aware(datetime.combine(min(on, self.calendar.today), time(11, 30)))
        census.rows.filter(answered_at__isnull=False).update(answered_at=moment)
        census.rows.filter(reviewed_at__isnull=False).update(reviewed_at=moment + timedelta(hours=5))

    def _father(self, census: Census, **more: str) -> dict[str, dict[str, str] | str]:
        return {"father": {"status": codes.ParentStatus.AWAY_WORK, **more}, "remark": "班主任电话核实"}

    def _changed_phone(self, site: Site, census: Census) -> None:
        """A father's new number, put forward at term start and confirmed."""
        row = self._row(census, away=True)
        number = f"139000098{self.sites.index(site):02}"
        by = site.homeroom[row.school_class_id]
        propose(row=row, proposed=self._father(census, phone=number), by=by, version=row.version)
        confirm(rows=[CensusRow.objects.select_related("census", "child").get(pk=row.pk)], by=site.registrar)

    def _new_aid(self, site: Site, census: Census) -> None:
        """A family on 低保 was given medical aid; the class teacher was told at a home visit."""
        poor = in_hardship(Child.objects.filter(school=site.school), codes.Hardship.MINIMUM)
        rows = census.rows.filter(child__in=poor.order_by().values("pk"), school_class__in=site.classes)
        row = rows.select_related("census", "child").order_by("pk").first()
        if row is None:
            return
        now = row.child.aid_received
        facts = {
            "economy": {"aid_received": "、".join(filter(None, (now, "医疗救助")))},
            "economy_before": {"aid_received": now},
            "remark": "家访时看过救助通知",
        }
        propose(row=row, proposed=facts, by=site.homeroom[row.school_class_id], version=row.version)
        confirm(rows=[CensusRow.objects.select_related("census", "child").get(pk=row.pk)], by=site.registrar)

    def _propose(self, site: Site, census: Census, school_class: int) -> None:
        row = self._row(census, away=False, school_class=school_class)
        since = (census.cut_off - ONE_DAY * 20).isoformat()
        facts = self._father(census, since=since, place="广东省东莞市", phone="13900009890")
        by = site.homeroom[school_class]
        propose(row=row, proposed=facts, by=by, version=row.version)

    def _row(self, census: Census, *, away: bool, **where: int) -> CensusRow:
        """The first pupil whose father works away, or whose parents are both at home."""
        fathers = Child.objects.filter(
            family__relation=codes.Relation.FATHER,
            family__status=codes.ParentStatus.AWAY_WORK if away else codes.ParentStatus.AT_HOME,
        )
        children = fathers if away else fathers.exclude(pk__in=Child.objects.with_a_parent_away())
        rows = census.rows.filter(child__in=children, child__school=census.school, **where)
        found: CensusRow = rows.select_related("census", "child").order_by("pk")[:1].get()
        return found

    def _note(self, census: Census, share: float) -> None:
        """The five parts for most left-behind pupils."""
        if not share:
            return
        behind = Child.objects.with_a_parent_away()
        rows = [row for row in census.rows.filter(child__in=behind).order_by("pk") if self.rng.random() < share]
        for row in rows:
            for part, words in CENSUS_PARTS.items():
                setattr(row, part, _one(self.rng, words))
        CensusRow.objects.bulk_update(rows, list(CENSUS_PARTS), batch_size=200)


def _one(rng: random.Random, words: tuple[str, ...]) -> str:
    return rng.choice(words)
