"""Pledges and agreements on paper, as frozen data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from caretrack.schools.models import School, Term
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import roll_order
from mentoring.models import PaperKind
from mentoring.paper_texts import Wording, current, paragraphs
from mentoring.signing import facts_of, open_ones, signers

#: Who signs where, in the order of the paper.
SIGNS: dict[str, tuple[str, ...]] = {
    PaperKind.PLEDGE_CARER: ("学校（盖章）", "监护人（签名）"),
    PaperKind.PLEDGE_HOMEROOM: ("学校（盖章）", "班主任（签名）"),
    PaperKind.PLEDGE_MENTOR: ("学校（盖章）", "帮扶教师（签名）"),
    PaperKind.PAIRING: ("学校（盖章）", "代理家长（签名）", "监护人（签名）"),
    PaperKind.ENTRUSTMENT: ("委托人（签名）", "被委托人（签名）", "学校（盖章）", "村（居）委会（盖章）"),
}


@dataclass(frozen=True)
class SignPaper:
    """One paper to sign."""

    title: str
    version: str
    paragraphs: tuple[str, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Unsigned:
    """One pupil whose paper is not signed yet."""

    name: str
    class_name: str
    signer: str


@dataclass(frozen=True)
class Reminder:
    """未签名单."""

    title: str
    school: str
    on: date
    lines: tuple[Unsigned, ...]

    @property
    def count(self) -> int:
        return len(self.lines)


def papers_of(kind: str, children: Sequence[Child], term: Term | None, on: date) -> list[SignPaper]:
    """A paper for each of `children` of one school (school and class loaded), in their order."""
    wording = current(children[0].school, kind)
    facts = facts_of(children, term, on)
    return [_paper(wording, paragraphs(wording.text, facts[child.pk])) for child in children]


def blank_paper(wording: Wording, school: School | None) -> SignPaper:
    """The paper with lines to write on; the school stands on it already where it is known."""
    return _paper(wording, paragraphs(wording.text, {"学校": school.name} if school else {}))


def _paper(wording: Wording, texts: tuple[str, ...]) -> SignPaper:
    return SignPaper(wording.title, wording.label, texts, SIGNS[wording.kind])


def reminder_paper(kind: PaperKind, children: ChildQuerySet, school: School | None, on: date) -> Reminder:
    """Those of `children`, all of whom are to sign, who have not."""
    waiting = open_ones(kind, children.select_related("school", "school_class__school").order_by(*roll_order()), on)
    names = signers(kind, [child.pk for child in waiting], on)
    return Reminder(
        f"{kind.label}未签名单",
        school.name if school else "",
        on,
        tuple(Unsigned(child.name, child.class_name(on), names.get(child.pk, "")) for child in waiting),
    )
