"""Who may open the papers: cards with their copies, registration forms, binders, statistics and ledgers."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from children.models import CardCopy, ContactCard
from tests.access.walk import Case

PAPERS = {"home1", "lead", "principal", "registrar"}
OTHERS = {"other_principal", "other_registrar", "other_home"}
PRINTERS = PAPERS | {"home2", "mentor"} | OTHERS


def void_copy(child: Any) -> CardCopy:
    """A copy of a version that is void and still in somebody's hands."""
    today = timezone.localdate()
    card = ContactCard.objects.create(
        child=child, number=1, fingerprint="x", printed_at=timezone.now(), replaced_on=today
    )
    return CardCopy.objects.create(card=card, holder="homeroom", handed_on=today - timedelta(days=3))


def papers(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases for prints of children, for a child of the school and one of another school."""
    child, stranger = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    own_class, other_class = {"pk": w.class1.pk}, {"pk": w.stranger.school_class_id}
    about_child = [Case(PAPERS | {"mentor"}, child), Case(OTHERS, stranger)]
    ticked = {"child": [w.child.pk, w.stranger.pk], "copies": "3"}
    keepers = PAPERS | {"home2"} | OTHERS
    figures = [Case(keepers)]
    wholes = [Case({"lead", "principal", "registrar", "other_principal", "other_registrar"})]
    purpose = {"unit": f"c{w.class1.pk}", "purpose": "学期检查"}
    own_lists = {"home1", "lead", "principal", "registrar"}
    return {
        "reports:class_table": figures,
        "reports:statistics_cell": [Case(keepers, {"scope": 0, "key": "t1.all"})],
        "reports:class_table_print": figures,
        "reports:class_table_export": figures,
        "reports:civil_summary": wholes,
        "reports:civil_print": wholes,
        "reports:civil_export": wholes,
        "reports:ledger": figures,
        "reports:ledger_print": [Case(own_lists, data=purpose)],
        "reports:ledger_export": [Case(own_lists, data=purpose)],
        "reports:card_list": [Case(PRINTERS)],
        "reports:card_print": [Case(PRINTERS, data=ticked)],
        "reports:card_hand_out": [Case(PRINTERS, data=ticked)],
        "reports:card_show": about_child,
        "reports:card_collect": [
            Case(PAPERS | {"mentor"}, {"pk": w.extra["void_copy"].pk}),
            Case(OTHERS, {"pk": w.extra["other_void_copy"].pk}),
        ],
        "reports:class_family_cards": [Case(PAPERS | {"mentor"}, own_class), Case(OTHERS, other_class)],
        "reports:child_family_card": about_child,
        "reports:class_papers": [Case(PAPERS | {"mentor"}, own_class), Case(OTHERS, other_class)],
        "reports:child_papers": [Case(PAPERS | {"mentor"}, child), Case(OTHERS, stranger)],
        "reports:child_growth_file": about_child,
        "reports:workbooks": [Case({"home1", "home2", "mentor", "lead", "principal", "other_principal", "other_home"})],
        "reports:registration": [Case(PRINTERS, data={"scope": w.class1.pk, "numbers": "masked"})],
        "reports:registration_blank": [Case(PRINTERS)],
        "reports:child_registration": [
            Case(PAPERS, child, data={"scope": f"child-{w.child.pk}", "numbers": "masked"}),
            Case(OTHERS, stranger, data={"scope": f"child-{w.stranger.pk}", "numbers": "masked"}),
        ],
    }
