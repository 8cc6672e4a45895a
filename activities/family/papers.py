"""The papers that go to families, as frozen data: no query runs while they are laid out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from activities.family.feedback import parents_away, written
from activities.family.month import facts_of_month
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import Month
from caretrack.schools.models import Staff
from children.life.papers import imprint
from children.models import Child

FAMILY_SHEETS = (PRINT_SHEET, "print/family.css")


@dataclass(frozen=True)
class FeedbackPaper:
    """家校联系单 of one child: who gets it, the facts, the teacher's words, room for the answer."""

    school: str
    child: str
    class_name: str
    parents: str
    month: str
    first: date
    last: date
    lines: tuple[tuple[str, str], ...]
    words: str
    next_step: str
    on: date


def feedback_papers(children: Iterable[Child], month: Month, *, on: date) -> list[FeedbackPaper]:
    """The papers of these children (school and class loaded); what a parent may be told, see activities.family.month."""
    listed = list(children)
    ids = [child.pk for child in listed]
    facts, rows, parents = facts_of_month(listed, month), written(ids, month), parents_away(ids)
    papers = []
    for child in listed:
        row = rows.get(child.pk)
        papers.append(
            FeedbackPaper(
                child.school.name,
                child.name,
                child.class_name(month.last),
                "、".join(parent.name or parent.relation for parent in parents.get(child.pk, ())),
                month.label,
                month.first,
                month.last,
                tuple(facts[child.pk].lines),
                row.words if row else "",
                row.next_step if row else "",
                on,
            )
        )
    return papers


def feedback_title(month: Month, name: str) -> str:
    """What the sheets of a child, a class or so many families are called."""
    return f"家校联系单 {month.label} {name}"


def feedback_pdf(children: Sequence[Child], month: Month, *, title: str, two: bool, by: Staff, now: datetime) -> bytes:
    """The sheets of these children as one PDF; `two` puts two on a page with a line to cut along."""
    papers = feedback_papers(children, month, on=now.date())
    context = {
        "papers": papers,
        "pairs": [papers[at : at + 2] for at in range(0, len(papers), 2)],
        "two": two,
        "imprint": imprint(by, now),
    }
    return render_pdf("print/family_feedback.html", context, title=title, stylesheets=FAMILY_SHEETS)
