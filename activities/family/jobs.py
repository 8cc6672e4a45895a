"""Background work: the letters of a whole school as one file."""

from django.utils import timezone

from activities.family.letters import letter_papers, readers
from activities.models import LetterText
from caretrack.access import log
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Act
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, job
from caretrack.pdf import PRINT_SHEET, render_pdf
from children.life.papers import imprint
from children.queries import roll_order

LETTERS = "home_letters"
SHEETS = (PRINT_SHEET, "print/family.css")


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
    log.write(
        [
            AccessEntry(
                staff_id=staff.pk, staff_name=str(staff), roles=staff.role_names(), event=Event.PRINT, page="job",
                child_id=child.pk, detail=f"letter {letter.pk}",
            )
            for child in listed
        ]
    )  # fmt: skip
    now = timezone.localtime()
    papers = letter_papers(letter, listed, by=staff, on=timezone.localdate())
    context = {"papers": papers, "imprint": imprint(staff, now)}
    content = render_pdf("print/home_letter.html", context, title=letter.title, stylesheets=SHEETS)
    running.advance(len(listed), len(listed), "已排好。")
    running.keep_file(f"{letter.title}{now:%Y%m%d}.pdf", content)
