"""The papers that are printed for many children at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from activities.models import CareRecord
from caretrack.schools.models import Staff, Term
from children.models import Child
from children.sight import sight_of
from mentoring.models import PaperKind
from mentoring.sign_papers import papers_of
from reports.access import CARD_NEEDS, DOSSIER_NEEDS, REGISTRATION_NEEDS
from reports.builders.dossier import build_dossier
from reports.builders.family_card import build_family_cards
from reports.builders.growth_file import build_growth_file, pictures
from reports.builders.paper import Imprint
from reports.builders.registration import build_registration
from reports.bulk import BulkKind, Printer, register
from reports.papers import (
    Paper,
    card_paper,
    dossier_paper,
    family_card_paper,
    growth_file_paper,
    registration_paper,
    sign_paper,
)
from reports.printing import FOUR, THREE, copies_of, issue_cards

CARDS_AT_ONCE = 60
SIGNED_AT_ONCE = 30
FORMS_AT_ONCE = 12


def _cards(holders: Sequence[str]) -> Printer:
    def make(staff: Staff, children: Sequence[Child], name: str, on: date, imprint: Imprint) -> Paper:
        faces = issue_cards(children=children, by=staff, on=on, at=imprint.printed_at)
        return card_paper(children[0].school, copies_of(faces, holders), name, imprint)

    return make


def _family_cards(_staff: Staff, children: Sequence[Child], name: str, on: date, imprint: Imprint) -> Paper:
    return family_card_paper(build_family_cards(children[0].school, children, on=on), name, imprint)


def _registration(*, full_numbers: bool) -> Printer:
    def make(_staff: Staff, children: Sequence[Child], name: str, on: date, imprint: Imprint) -> Paper:
        return registration_paper(build_registration(children, on=on, full_numbers=full_numbers), name, imprint)

    return make


CARDS = {
    count: register(BulkKind(f"cards{count}", "联系卡", CARD_NEEDS, _cards(holders), CARDS_AT_ONCE // count))
    for count, holders in ((1, ()), (3, THREE), (4, FOUR))
}
FAMILY_CARDS = register(BulkKind("family_cards", "便民服务联系卡", CARD_NEEDS, _family_cards, CARDS_AT_ONCE))


def _growth_files(staff: Staff, children: Sequence[Child], _name: str, on: date, imprint: Imprint) -> Paper:
    (child,) = children
    growth = build_growth_file(child, staff=staff, sight=sight_of(staff, child), on=on)
    return growth_file_paper(child, growth, pictures(child, staff), imprint)


def _dossiers(staff: Staff, children: Sequence[Child], _name: str, on: date, imprint: Imprint) -> Paper:
    (child,) = children
    records = CareRecord.objects.visible_to(staff)
    return dossier_paper(child, build_dossier(child, sight=sight_of(staff, child), records=records, on=on), imprint)


def _to_sign(kind: PaperKind) -> Printer:
    def make(_staff: Staff, children: Sequence[Child], name: str, on: date, imprint: Imprint) -> Paper:
        papers = []
        for school in {child.school_id: child.school for child in children}.values():
            mine = [child for child in children if child.school_id == school.pk]
            papers += papers_of(kind, mine, Term.objects.current(school, on), on)
        return sign_paper(papers, f"{name}{kind.label}", imprint)

    return make


SIGN_PAPERS = {
    kind: register(BulkKind(f"sign_{kind.value}", kind.label, CARD_NEEDS, _to_sign(kind), SIGNED_AT_ONCE))
    for kind in PaperKind
}
GROWTH_FILES = register(BulkKind("growth_files", "成长档案", DOSSIER_NEEDS, _growth_files, 1, by_child=True))
DOSSIERS = register(BulkKind("dossiers", "档案", DOSSIER_NEEDS, _dossiers, 1, by_child=True))
REGISTRATION = {
    full: register(
        BulkKind(code, "基本情况登记表", REGISTRATION_NEEDS, _registration(full_numbers=full), FORMS_AT_ONCE)
    )
    for full, code in ((False, "registration"), (True, "registration_full"))
}
