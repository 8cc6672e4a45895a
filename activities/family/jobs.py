"""Background work: the letters of a whole school as one file, its feedback sheets as a file for each class."""

import io
import zipfile
from collections.abc import Iterable

from django.utils import timezone

from activities.family.feedback import families
from activities.family.letters import letter_papers, readers
from activities.family.papers import FAMILY_SHEETS, feedback_pdf, feedback_title
from activities.models import LetterText
from caretrack.access import log
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Act
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, job
from caretrack.pdf import render_pdf
from caretrack.periods import Month
from caretrack.schools.models import Staff
from children.life.papers import imprint
from children.models import Child
from children.queries import roll_order

LETTERS = "home_letters"
FEEDBACK = "feedback_sheets"


@job(LETTERS, title="打印致家长的信", act=Act.FAMILY, repeatable=True, event=Event.PRINT)
def print_letters(running: Job, /, *, text: int, children: list[int]) -> None:
    """Lay out one letter for many families; whom the person may no longer see is left out."""
    staff = running.started_by
    letter = LetterText.objects.visible_to(staff).select_related("school").filter(pk=text).first()
    if letter is None:
        raise JobError("这封信已经不在您的范围内。")
    listed = list(
        readers(staff, letter.school)
        .filter(pk__in=children)
        .select_related("school", "school_class__school")
        .order_by(*roll_order())
    )
    if not listed:
        raise JobError("所选学生都不在您现在的范围内。")
    running.advance(0, len(listed), f"共 {len(listed)} 份。")
    _note_prints(staff, listed, f"letter {letter.pk}")
    now = timezone.localtime()
    papers = letter_papers(letter, listed, by=staff, on=timezone.localdate())
    context = {"papers": papers, "imprint": imprint(staff, now)}
    content = render_pdf("print/home_letter.html", context, title=letter.title, stylesheets=FAMILY_SHEETS)
    running.advance(len(listed), len(listed), "已排好。")
    running.keep_file(f"{letter.title}{now:%Y%m%d}.pdf", content)


@job(FEEDBACK, title="打印家校联系单", act=Act.FAMILY, repeatable=True, event=Event.PRINT)
def print_feedback(running: Job, /, *, month: str, closing_day: int, children: list[int], two: bool) -> None:
    """Lay out the sheets of a month, a file for each class; whom the person may no longer see is left out."""
    staff, of = running.started_by, Month.parse(month, closing_day)
    seen = families(staff).filter(pk__in=children).select_related("school", "school_class__school")
    listed = list(seen.order_by(*roll_order()))
    if not listed:
        raise JobError("所选学生都不在您现在的范围内。")
    running.advance(0, len(listed), f"共 {len(listed)} 份。")
    _note_prints(staff, listed, f"feedback {of.key}")
    now, done, packed = timezone.localtime(), 0, io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        for name, members in _by_class(listed, of).items():
            title = feedback_title(of, name)
            bundle.writestr(f"{title}.pdf", feedback_pdf(members, of, title=title, two=two, by=staff, now=now))
            done += len(members)
            running.advance(done, len(listed), f"已排好 {done} 份，共 {len(listed)} 份。")
    running.keep_file(f"{feedback_title(of, f'{len(listed)}份')}.zip", packed.getvalue())


def _by_class(children: Iterable[Child], month: Month) -> dict[str, list[Child]]:
    """The children under the name of their class, with the school before it where there are several."""
    listed = list(children)
    several = len({child.school_id for child in listed}) > 1
    found: dict[str, list[Child]] = {}
    for child in listed:
        school = child.school.label if several else ""
        found.setdefault(f"{school}{child.class_name(month.last)}", []).append(child)
    return found


def _note_prints(staff: Staff, children: Iterable[Child], detail: str) -> None:
    """One line a child in the access log."""
    log.write(
        [
            AccessEntry(
                staff_id=staff.pk, staff_name=str(staff), roles=staff.role_names(), event=Event.PRINT, page="job",
                child_id=child.pk, detail=detail,
            )
            for child in children
        ]
    )  # fmt: skip
