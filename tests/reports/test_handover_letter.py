"""The hand-over letter on paper: a usual summary stands on one sheet, the blanks of the receipt stay whole."""

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from children.models import Child, Transfer
from reports.builders.dossier import Dossier
from reports.change_papers import transfers_paper
from tests.reports import specimens
from tests.support.factories import make_child
from tests.support.paper import silent_layout

pytestmark = pytest.mark.django_db


def laid_out(child: Child, dossier: Dossier | None = None) -> list[str]:
    """The text of each sheet, line by line."""
    transfer = Transfer(
        child=child, from_school=child.school, to_name="青榕镇初级中学", letter_no="移交〔2026〕1号",
        sent_on=date(2026, 7, 10), due_on=date(2026, 9, 10), items=["档案摘要"],
    )  # fmt: skip
    summaries = {child.pk: dossier} if dossier else {}
    with silent_layout():
        paper = transfers_paper([transfer], summaries, specimens.IMPRINT, date(2026, 7, 10))
    return [page.extract_text() for page in PdfReader(io.BytesIO(paper.pdf)).pages]


def test_a_usual_summary_stands_on_one_sheet() -> None:
    dossier = specimens.dossier()
    told = next(section for section in dossier.sections if not section.withheld)
    sections = tuple(replace(told, title=f"第{at}节", rows=(told.rows * 2)[:2]) for at in range(7))
    usual = replace(dossier, sections=sections, changes=(dossier.changes * 3)[:3])
    assert len(laid_out(make_child(), usual)) == 2


def test_no_date_of_the_receipt_breaks_between_its_blanks() -> None:
    child = make_child()
    for name in ("高巧", "高巧珍", "阿依古丽", "阿依古丽·买买提"):
        child.name = name
        (page,) = laid_out(child)
        lines = page.partition("回　执")[2].splitlines()
        assert sum(len(re.findall(r"年\s*月\s*日", line)) for line in lines) == 3, name
        assert any(re.search(r"年级\s*班", line) for line in lines), name
