"""Background work of the print centre and of the months."""

from django.utils import timezone

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, chore, job
from caretrack.schools.models import Term
from mentoring.models import Mentor
from reports import bulk_papers, keeping  # noqa: F401  bulk_papers registers the papers
from reports.access import books_for
from reports.builders.paper import Imprint
from reports.builders.workbook import class_book, mentor_book, volumes
from reports.bulk import archive, bundle, chosen, kind_called, note_prints
from reports.papers import workbook_paper

BULK = "bulk_print"
WORKBOOK = "workbook"


@chore
def keep_month_figures() -> None:
    """Work out ahead what the pages of the months show, where something was saved since."""
    keeping.keep_up(timezone.localdate())


@job(BULK, title="批量打印", act=Act.PRINT, repeatable=True, event=Event.PRINT)
def bulk_print(running: Job, /, *, paper: str, children: list[int]) -> None:
    """Print one paper for many children; whom the person may no longer print is left out."""
    try:
        kind = kind_called(paper)
    except LookupError as error:
        raise JobError("这种打印件已经不再提供。") from error
    staff = running.started_by
    listed = chosen(kind, staff, children)
    if not listed:
        raise JobError("所选学生都不在您现在的打印范围内。")
    now = timezone.localtime()

    def progress(done: int, total: int) -> None:
        running.advance(done, total, f"已打印 {done} 人，共 {total} 人。")

    progress(0, len(listed))
    note_prints(staff, [child.pk for child in listed], f"{kind.title}（批量）")
    packed = archive(kind, staff, listed, on=timezone.localdate(), imprint=Imprint(str(staff), now), progress=progress)
    running.keep_file(f"{kind.title}{now:%Y%m%d}.zip", packed)


@job(WORKBOOK, title="装订工作手册", act=Act.WORKBOOK, repeatable=True, event=Event.PRINT)
def workbook(running: Job, /, *, owner: str, term: int) -> None:
    """Bind the book of a class or mentor; what the person may not read any more is not in it."""
    staff, on = running.started_by, timezone.localdate()
    whose = books_for(staff, on).get(owner)
    of_term = Term.objects.filter(pk=term, school=whose.school_id).select_related("school").first() if whose else None
    if whose is None or of_term is None:
        raise JobError("这本工作手册不在您现在的打印范围内。")
    running.advance(0, 1, "正在收集记录。")
    make = mentor_book if isinstance(whose, Mentor) else class_book
    book = make(whose, of_term, staff=staff, on=on)  # type: ignore[arg-type]
    if not book.children:
        raise JobError("这个学期没有可以装订的学生和记录。")
    note_prints(staff, [child.pk for child in book.children], f"工作手册 {owner} {of_term}")
    bound, papers = volumes(book), []
    for number, volume in enumerate(bound):
        running.advance(number, len(bound), f"共 {book.cards} 份记录，正在排版。")
        papers.append(workbook_paper(volume, Imprint(str(staff), timezone.localtime())))
    if len(papers) == 1:
        running.keep_file(papers[0].filename, papers[0].pdf)
    else:
        running.keep_file(f"{book.name}.zip", bundle((paper.filename, paper.pdf) for paper in papers))
    running.advance(len(bound), len(bound), f"已装订 {book.cards} 份记录，{len(bound)} 册。")
