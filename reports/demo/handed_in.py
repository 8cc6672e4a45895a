"""Monthly reports and the summary of the term before, taken through their states by the people who would do it."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from caretrack.periods import months_between
from children.left_behind import Definition
from reports.builders.unit import Unit
from reports.demo.clock import Calendar, TermDates, TypedAt
from reports.demo.events import REPORT_TEXTS, SUMMARY_TEXTS
from reports.demo.people import draw
from reports.demo.township import Site
from reports.models import MonthlyReport, SemesterSummary
from reports.services import move_report, move_summary, open_month, save_report_texts, save_summary_texts, take_snapshot


class HandedIn:
    """Months that are over are approved; the last one stands in a different place in each school."""

    def __init__(self, calendar: Calendar, clock: TypedAt, sites: list[Site]) -> None:
        self.calendar, self.clock, self.sites = calendar, clock, sites
        self.rng = draw("reports")

    def write(self) -> None:
        for number, site in enumerate(self.sites):
            self._months(site, self.calendar.earlier, last_step=2)
            self._summary(site)
            # 中心校: waiting for the principal; the second school: approved; the third has not handed it in.
            self._months(site, self.calendar.term, last_step=(1, 2, 0)[number])

    def _months(self, site: Site, term: TermDates, *, last_step: int) -> None:
        over = [m for m in months_between(term.first, term.last) if m.last < self.calendar.today]
        for month in over:
            self.clock.on(month.last)
            report = open_month(unit=Unit(site.school), month=month, definition=Definition.SEED, by=site.lead)
            report = save_report_texts(
                report=report, version=report.version, texts={key: self.rng.choice(pool) for key, pool in REPORT_TEXTS.items()}
            )  # fmt: skip
            steps = last_step if month == over[-1] else 2
            on = min(month.last + timedelta(days=1), self.calendar.today)
            if steps:
                self.clock.on(on)
                report = move_report(report=report, move="submit", by=site.lead, on=on)
                self._frozen(MonthlyReport, report.pk, on)
            if steps > 1:
                self.clock.on(min(on + timedelta(days=1), self.calendar.today))
                move_report(report=report, move="approve", by=site.principal, on=on)

    def _summary(self, site: Site) -> None:
        last = self.calendar.earlier.last
        self.clock.on(last)
        summary = take_snapshot(
            school=site.school, term=site.earlier, cut_off=last, definition=Definition.SEED, by=site.lead
        )
        summary = save_summary_texts(summary=summary, texts=SUMMARY_TEXTS, version=summary.version)
        for move, by in (("submit", site.lead), ("approve", site.principal)):
            summary = move_summary(summary=summary, move=move, by=by)
        self._frozen(SemesterSummary, summary.pk, last)
        dated = (summary.figures or {}) | {"taken_on": last.isoformat()}
        SemesterSummary.objects.filter(pk=summary.pk).update(figures=dated)

    def _frozen(self, model: type[MonthlyReport] | type[SemesterSummary], pk: int, on: date) -> None:
        """The figures were taken on that day, as far as the story goes."""
        model.objects.filter(pk=pk).update(frozen_at=timezone.make_aware(datetime.combine(on, time(17, 20))))
