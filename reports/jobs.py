"""Background work of the print centre and of the months."""

from collections.abc import Sequence

from django.utils import timezone

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, chore, job
from caretrack.schools.models import Term
from mentoring.models import Mentor
from reports import bulk_papers, keeping  # noqa: F401  bulk_papers registers the papers
from reports.access import books_for, books_together
from reports.builders.paper import Imprint
from reports.builders.workbook import class_book, mentor_book, volumes
from reports.bulk import archive, bundle, chosen, kind_called, note_prints
from reports.change_papers import batch_for, summaries_for, transfers_paper
from reports.papers import Paper, workbook_paper

BULK = "bulk_print"
WORKBOOK = "workbook"
TRANSFER_LETTERS = "transfer_letters"
#: A letter with its summary is two pages or three; what is laid out in one piece takes memory by the page.
LETTERS_IN_A_FILE = 40


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


@job(TRANSFER_LETTERS, title="打印档案移交函", act=Act.TRANSFER, repeatable=True, event=Event.PRINT)
def transfer_letters(running: Job, /, *, batch: int) -> None:
    """The letters of a batch, each with the summary of the dossier; what was called back meanwhile is left out."""
    staff, on = running.started_by, timezone.localdate()
    letters = batch_for(staff, batch)
    if not letters:
        raise JobError("这批移交已经撤回，或者不再由您办理。")
    note_prints(staff, [transfer.child_id for transfer in letters], "档案移交函（批量）")
    imprint = Imprint(str(staff), timezone.localtime())
    papers: list[Paper] = []
    for at in range(0, len(letters), LETTERS_IN_A_FILE):
        running.advance(at, len(letters), f"已排版 {at} 份，共 {len(letters)} 份移交函。")
        part = letters[at : at + LETTERS_IN_A_FILE]
        papers.append(transfers_paper(part, summaries_for(staff, part, on), imprint, on))
    _keep(running, papers, f"{letters[0].to_name}档案移交函")
    running.advance(len(letters), len(letters), f"已打印 {len(letters)} 份移交函。")


@job(WORKBOOK, title="装订工作手册", act=Act.WORKBOOK, repeatable=True, event=Event.PRINT)
def workbook(running: Job, /, *, owner: str, term: int) -> None:
    """Bind the book of a class or mentor, or those of a whole school; what the person may not read any more is not in it."""
    staff, on = running.started_by, timezone.localdate()
    books = books_for(staff, on)
    asked = [books[code] for code in books_together(staff, books).get(owner, [owner]) if code in books]
    found = Term.objects.filter(pk=term, school__in={whose.school_id for whose in asked})
    of_term = found.select_related("school").first()
    if not asked or of_term is None:
        raise JobError("这本工作手册不在您现在的打印范围内。")
    papers: list[Paper] = []
    cards = 0
    for at, whose in enumerate(asked):
        running.advance(at, len(asked), f"正在收集记录，第 {at + 1} 本，共 {len(asked)} 本。")
        make = mentor_book if isinstance(whose, Mentor) else class_book
        book = make(whose, of_term, staff=staff, on=on)  # type: ignore[arg-type]
        if not book.children:
            continue
        note_prints(staff, [child.pk for child in book.children], f"工作手册 {owner} {of_term}")
        cards, name = cards + book.cards, book.name
        for volume in volumes(book):
            running.advance(at, len(asked), f"已有 {cards} 份记录，正在排版“{volume.name}”。")
            papers.append(workbook_paper(volume, Imprint(str(staff), timezone.localtime())))
    if not papers:
        raise JobError("这个学期没有可以装订的学生和记录。")
    _keep(running, papers, name if len(asked) == 1 else f"{of_term.school.name}{of_term}工作手册")
    running.advance(len(asked), len(asked), f"已装订 {cards} 份记录，{len(papers)} 册。")


def _keep(running: Job, papers: Sequence[Paper], title: str) -> None:
    """The paper as it is, several in an archive of this title."""
    if len(papers) == 1:
        running.keep_file(papers[0].filename, papers[0].pdf)
    else:
        running.keep_file(f"{title}.zip", bundle((paper.filename, paper.pdf) for paper in papers))
