"""Every paper of CareTrack: from built data to a title and a PDF file. Pages and the shell print through these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from activities.pictures import files_of
from caretrack.pdf import PRINT_SHEET, render_pdf, render_pdf_set
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from children.models import Child
from mentoring.sign_papers import SignPaper
from reports.builders.cards import CardFace, CardSheets, school_lines
from reports.builders.civil_summary import CivilSummary
from reports.builders.dossier import Dossier
from reports.builders.draw import drawn
from reports.builders.family_card import FamilyCardSheets
from reports.builders.growth_file import GrowthFile
from reports.builders.history import History
from reports.builders.ledger import Ledger
from reports.builders.month import MonthFigures
from reports.builders.monthly_form import MonthlyFormSheet
from reports.builders.paper import Imprint, formal_date
from reports.builders.registration import RegistrationForm
from reports.builders.semester import SemesterFigures, paper
from reports.builders.statistics import Statistics, basis_line
from reports.builders.workbook import Workbook
from reports.models import MonthlyReport, ReportState, SemesterSummary
from reports.services import REPORT_TEXTS

TEXT_LABELS = dict(zip(REPORT_TEXTS, ("本月工作", "亮点", "存在问题", "下月打算"), strict=True))


@dataclass(frozen=True)
class Paper:
    """A printed document: its title, also the name of its file, and the PDF."""

    title: str
    pdf: bytes

    @property
    def filename(self) -> str:
        return f"{self.title}.pdf"


def card_paper(school: School, faces: Sequence[CardFace], name: str, imprint: Imprint) -> Paper:
    """Contact cards, four on a sheet."""
    title = f"{name}联系卡"
    sheets = CardSheets(school_lines(school), tuple(faces))
    return Paper(title, render_pdf("print/cards.html", {"cards": sheets, "imprint": imprint}, title=title))


def family_card_paper(sheets: FamilyCardSheets, name: str, imprint: Imprint) -> Paper:
    """Cards for the families, four on a sheet."""
    title = f"{name}便民服务联系卡"
    return Paper(title, render_pdf("print/family_cards.html", {"cards": sheets, "imprint": imprint}, title=title))


def sign_paper(papers: Sequence[SignPaper], title: str, imprint: Imprint) -> Paper:
    """Pledges and agreements to sign, each with pages of its own; ValueError without any."""
    contexts = [{"paper": paper, "imprint": imprint} for paper in papers]
    sheets = (PRINT_SHEET, "print/pairing.css")
    return Paper(title, render_pdf_set("print/sign.html", contexts, title=title, stylesheets=sheets))


def registration_paper(forms: Sequence[RegistrationForm], name: str, imprint: Imprint) -> Paper:
    """The official registration form, one sheet a child, each with its own page numbers; ValueError without any."""
    title = f"{name}农村留守儿童基本情况登记表"
    contexts = [{"form": form, "imprint": imprint} for form in forms]
    return Paper(title, render_pdf_set("print/registration.html", contexts, title=title))


def growth_file_paper(child: Child, growth: GrowthFile, pictures: Iterable[tuple[str, str]], imprint: Imprint) -> Paper:
    """The binder of one child; pictures whose files are gone are left out."""
    title = f"{child.name}成长档案"
    found = {key: Path(path) for key, path in pictures if Path(path).is_file()}
    if growth.dossier.photo and Path(child.photo.path).is_file():
        found[growth.dossier.photo] = Path(child.photo.path)
    context = {"growth": growth, "dossier": growth.dossier, "pictures": frozenset(found), "imprint": imprint}
    return Paper(title, render_pdf("print/growth_file.html", context, title=title, photos=found))


def history_paper(history: History, imprint: Imprint) -> Paper:
    """One child's timeline; without names neither title nor foot says who it is about."""
    title = f"{history.name}{history.title}"
    foot = f"打印：{chinese_date(imprint.printed_at)}" if history.outside else imprint
    photos = files_of(one for line in history.lines for one in line.pictures)
    context = {"history": history, "imprint": foot}
    return Paper(title, render_pdf("print/history.html", context, title=title, photos=photos))


def _large(*, large: bool) -> str:
    return "broad" if large else "wide"


def statistics_paper(figures: Statistics, imprint: Imprint, *, large: bool) -> Paper:
    """The statistics of a day on A4 across, or on A3."""
    title = f"{figures.school}{figures.title}"
    context = {"figures": figures, "sheet": _large(large=large), "imprint": imprint}
    return Paper(title, render_pdf("print/statistics.html", context, title=title))


def civil_paper(figures: CivilSummary, imprint: Imprint, *, large: bool) -> Paper:
    """The summary of 32 columns on A3 across, or on A4."""
    title = f"{figures.school}{figures.table.title}"
    context = {"figures": figures, "sheet": _large(large=large), "imprint": imprint}
    return Paper(title, render_pdf("print/civil_summary.html", context, title=title))


def ledger_paper(ledger: Ledger, imprint: Imprint, *, large: bool) -> Paper:
    """The ledger of a day, heads repeated on every page."""
    title = f"{ledger.school}{ledger.title}"
    context = {
        "ledger": ledger,
        "basis": basis_line(ledger.definition, ledger.on),
        "sheet": _large(large=large),
        "imprint": imprint,
    }
    return Paper(title, render_pdf("print/ledger.html", context, title=title))


def dossier_paper(child: Child, dossier: Dossier, imprint: Imprint) -> Paper:
    """One child's dossier; a photo whose file is gone is left out."""
    title = f"{child.name}留守儿童档案"
    photos = {dossier.photo: Path(child.photo.path)} if dossier.photo else {}
    context = {"dossier": dossier, "imprint": imprint}
    return Paper(title, render_pdf("print/dossier.html", context, title=title, photos=photos))


def workbook_paper(book: Workbook, imprint: Imprint) -> Paper:
    """A book with cover, contents and every card; its name says whose it is and of which term."""
    sheets = (PRINT_SHEET, "print/records.css")
    context = {"book": book, "imprint": imprint}
    return Paper(book.name, render_pdf("print/workbook.html", context, title=book.name, stylesheets=sheets))


def form_paper(sheets: Sequence[MonthlyFormSheet], name: str, month: str, imprint: Imprint) -> Paper:
    """Monthly forms, each with its own page numbers; ValueError without any."""
    title = f"{name}{month}关爱留守儿童记录表"
    contexts = [{"form": sheet, "imprint": imprint} for sheet in sheets]
    return Paper(title, render_pdf_set("print/monthly_form.html", contexts, title=title))


def month_paper(figures: MonthFigures, report: MonthlyReport | None, imprint: Imprint) -> Paper:
    """The month of a class or a school with its written part, when there is one."""
    title = f"{figures.school}{figures.unit}{figures.month_label}留守儿童关爱工作月报表"
    texts = [(label, getattr(report, name)) for name, label in TEXT_LABELS.items()] if report else []
    context = {
        "figures": figures,
        "state_line": f"状态：{report.get_state_display()}" if report else "状态：未建立月报",
        "texts": texts if any(text for _label, text in texts) else [],
        "imprint": imprint,
    }
    return Paper(title, render_pdf("print/month.html", context, title=title))


def semester_paper(summary: SemesterSummary, figures: SemesterFigures, imprint: Imprint) -> Paper:
    """
    The summary: a draft says so, an approved one carries the day of its approval.

    The day is left to the hand where the figures say that they were taken later: no paper is signed before its figures.
    """
    approved = summary.state == ReportState.APPROVED
    move = summary.moves.filter(move="approve").last() if approved else None
    approved_on = timezone.localdate(move.made_at) if move else None
    signed_on = approved_on if approved_on and approved_on >= figures.taken_on else None
    title = f"{figures.school}{figures.term}留守儿童关爱工作总结"
    context = {
        "paper": paper(figures, summary.texts, signed_on=signed_on, draft=not approved),
        "figures": figures,
        "charts": drawn(figures.charts),
        "signed_date": formal_date(signed_on) if signed_on else "",
        "imprint": imprint,
    }
    return Paper(title, render_pdf("print/semester.html", context, title=title))
