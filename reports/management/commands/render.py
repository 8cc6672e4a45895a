"""Print from the shell, through the same builders and templates as the pages."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from activities.models import CareRecord
from caretrack.access import log
from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.periods import Month
from caretrack.schools.models import School, SchoolClass, Staff, Term
from children.left_behind import Definition
from children.models import Child
from children.queries import left_behind_ids
from children.sight import Sight, sight_of
from reports.access import CARD_NEEDS, DOSSIER_NEEDS, FORM_NEEDS, printable
from reports.builders.dossier import build_dossier
from reports.builders.frozen import from_plain
from reports.builders.history import Variant
from reports.builders.month import build_month
from reports.builders.monthly_form import build_forms
from reports.builders.paper import Imprint
from reports.builders.semester import SemesterFigures
from reports.builders.unit import Unit
from reports.models import MonthlyReport, SemesterSummary
from reports.papers import Paper, card_paper, dossier_paper, form_paper, month_paper, semester_paper
from reports.printing import issue_cards
from reports.rendering import more_printers
from reports.services import frozen_figures, summary_figures, take_snapshot

KINDS = {
    "card": "contact cards: --child, --class or --school",
    "dossier": "one dossier: --child",
    "monthly": "monthly record forms: --child or --class, with --month",
    "class-monthly": "month tables of a class: --class, with --month",
    "school-monthly": "month tables of a school: --school, with --month",
    "registration": "official registration forms: --child, --class or --school; --whole-numbers; --blank for an empty one",
    "family-card": "cards for the families: --child, --class or --school",
    "growth-file": "growth file of one child: --child, with --as",
    "history": "timeline of one child: --child, with --as and --variant",
    "statistics": "class table: --class or --school, with --on",
    "ledger": "ledger of left-behind children: --class or --school, with --on",
    "civil-summary": "summary of 32 columns: --school, with --on",
    "semester": "semester summary: --school; --term for another than the running one",
}
SHELL = "命令行"


class Command(BaseCommand):
    help = "Print a paper as PDF: " + "; ".join(f"{kind} ({what})" for kind, what in KINDS.items())

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("-o", "--output", required=True, type=Path, help="the file to write")
        parser.add_argument("--school", metavar="CODE", help="学校标识码; may be left out when there is one school")
        parser.add_argument(
            "--class", dest="class_name", metavar="NAME", help="a class by name, such as 四（1）班, or by id"
        )
        parser.add_argument("--child", metavar="NAME|ID", help="a child by id, or by name when no other has it")
        parser.add_argument("--month", metavar="YYYY-MM", help="reporting month; by default the running one")
        parser.add_argument("--term", metavar="YEAR-SEASON", help="term, such as 2026-1 for autumn 2026")
        parser.add_argument("--definition", choices=Definition.values, default=Definition.SEED, help="who counts")
        parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="as of which day; by default today")
        parser.add_argument(
            "--variant", choices=[v.value for v in Variant], default=Variant.SUMMARY, help="of a history"
        )
        parser.add_argument("--blank", action="store_true", help="an empty form to fill by hand")
        parser.add_argument("--whole-numbers", action="store_true", help="ID numbers unmasked; the print is logged")
        parser.add_argument("--as", dest="username", metavar="USERNAME", help="print with this person's sight")

    def handle(self, *args: Any, **options: Any) -> None:
        self.today = timezone.localdate()
        self.staff = self._staff(options["username"])
        self.imprint = Imprint(str(self.staff or SHELL), timezone.localtime())
        self.children: list[Child] = []
        printers = {
            "card": self._card,
            "dossier": self._dossier,
            "monthly": self._monthly,
            "class-monthly": self._class_month,
            "school-monthly": self._school_month,
            "semester": self._semester,
            **more_printers(self),
        }
        try:
            with change_by(self.staff, "命令行打印"):
                paper = printers[options["kind"]](options)
        except (ValidationError, ValueError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error
        options["output"].parent.mkdir(parents=True, exist_ok=True)
        options["output"].write_bytes(paper.pdf)
        self._log(options["kind"])
        self.stdout.write(f"{paper.title}: {len(paper.pdf) // 1024} KiB written to {options['output']}")

    def _log(self, kind: str) -> None:
        entry = {
            "staff_id": self.staff.pk if self.staff else None,
            "staff_name": str(self.staff or SHELL),
            "event": Event.PRINT,
            "page": "render",
            "detail": kind,
        }
        ids: list[int | None] = [child.pk for child in self.children] or [None]
        log.write([AccessEntry(**entry, child_id=pk) for pk in ids])

    def _staff(self, username: str | None) -> Staff | None:
        if username is None:
            return None
        staff = Staff.objects.filter(username=username, is_active=True).first()
        if staff is None:
            raise CommandError(f"No active account {username}.")
        return staff

    def school(self, options: dict[str, Any]) -> School:
        if options["school"]:
            school = School.objects.filter(code=options["school"]).first()
            if school is None:
                raise CommandError(f"No school has the code {options['school']}.")
            return school
        schools = list(School.objects.all()[:2])
        if len(schools) != 1:
            raise CommandError("Say which school: --school CODE.")
        return schools[0]

    def school_class(self, options: dict[str, Any]) -> SchoolClass:
        wanted = options["class_name"]
        if not wanted:
            raise CommandError("Say which class: --class NAME.")
        if wanted.isdigit():
            found = list(SchoolClass.objects.select_related("school").filter(pk=int(wanted)))
        else:
            plain = wanted.translate(str.maketrans("()", "（）"))
            running = (
                SchoolClass.objects.taught_on(self.today).filter(school=self.school(options)).select_related("school")
            )
            found = [one for one in running if one.name_on(self.today) == plain]
        if not found:
            raise CommandError(f"No class {wanted}.")
        return found[0]

    def pick(self, options: dict[str, Any], needs: tuple[Any, ...]) -> list[Child]:
        """The children named by --child, --class or --school, as far as --as may print them, in pinyin order."""
        children = printable(self.staff, *needs) if self.staff else Child.objects.all()
        if wanted := options["child"]:
            found = children.filter(pk=int(wanted)) if wanted.isdigit() else children.filter(name=wanted)
            if options["school"]:
                found = found.filter(school=self.school(options))
            if len(found) != 1:
                raise CommandError(f"{len(found)} children called {wanted}; give the id.")
        else:
            found = (
                children.filter(school_class=self.school_class(options))
                if options["class_name"]
                else children.on_roll().filter(school=self.school(options))
            )
            found = found.filter(pk__in=left_behind_ids(found, options["definition"], self.today))
        self.children = list(found.select_related("school", "school_class__school").by_name())
        if not self.children:
            raise CommandError("Nobody to print.")
        return self.children

    def name(self, options: dict[str, Any]) -> str:
        first = self.children[0]
        if options["child"]:
            return first.name
        return first.class_name(self.today) if options["class_name"] else first.school.name

    def _month(self, options: dict[str, Any], school: School) -> Month:
        if not options["month"]:
            return Month.of(self.today, school.closing_day)
        try:
            month = Month.parse(options["month"], school.closing_day)
        except ValueError as error:
            raise CommandError("--month is written as 2026-11.") from error
        if month.first > self.today:
            raise CommandError(f"{month.label} has not begun.")
        return month

    def _records(self) -> Any:
        return CareRecord.objects.visible_to(self.staff) if self.staff else CareRecord.objects.all()

    def _card(self, options: dict[str, Any]) -> Paper:
        children = self.pick(options, CARD_NEEDS)
        faces = issue_cards(children=children, by=self.staff, on=self.today, at=timezone.now())
        return card_paper(children[0].school, faces, self.name(options), self.imprint)

    def _dossier(self, options: dict[str, Any]) -> Paper:
        if not options["child"]:
            raise CommandError("Say which child: --child NAME or ID.")
        (child,) = self.pick(options, DOSSIER_NEEDS)
        # Without --as: what the principal sees, counselling left out.
        sight = sight_of(self.staff, child) if self.staff else Sight(frozenset({Role.PRINCIPAL}))
        dossier = build_dossier(child, sight=sight, records=self._records(), on=self.today)
        return dossier_paper(child, dossier, self.imprint)

    def _monthly(self, options: dict[str, Any]) -> Paper:
        children = self.pick(options, FORM_NEEDS)
        month = self._month(options, children[0].school)
        sheets = build_forms(children, month, records=self._records(), on=self.today)
        return form_paper(sheets, self.name(options), month.label, self.imprint)

    def _class_month(self, options: dict[str, Any]) -> Paper:
        school_class = self.school_class(options)
        return self._tables(Unit(school_class.school, school_class), options)

    def _school_month(self, options: dict[str, Any]) -> Paper:
        return self._tables(Unit(self.school(options)), options)

    def _tables(self, unit: Unit, options: dict[str, Any]) -> Paper:
        month = self._month(options, unit.school)
        report = MonthlyReport.objects.filter(
            school=unit.school, school_class=unit.school_class, month=month.key
        ).first()
        figures = frozen_figures(report) if report else None
        definition = report.definition if report else options["definition"]
        figures = figures or build_month(unit, month, definition=definition, on=self.today)
        return month_paper(figures, report, self.imprint)

    def _semester(self, options: dict[str, Any]) -> Paper:
        school = self.school(options)
        term = self._term(options, school)
        summary = SemesterSummary.objects.filter(school=school, term=term).first()
        figures = summary_figures(summary) if summary else None
        if summary is None or figures is None:
            cut_off: date = min(term.ends_on, self.today)
            summary = take_snapshot(
                school=school, term=term, cut_off=cut_off, definition=options["definition"], by=self.staff
            )
            self.stdout.write(f"Took a snapshot as of {cut_off}.")
            figures = from_plain(SemesterFigures, summary.figures or {})
        return semester_paper(summary, figures, self.imprint)

    def _term(self, options: dict[str, Any], school: School) -> Term:
        if options["term"]:
            year, _, season = options["term"].partition("-")
            term = Term.objects.filter(school=school, year=year, season=season or 0).first()
        else:
            term = Term.objects.current(school, self.today)
        if term is None:
            raise CommandError("No such term at this school.")
        return term
