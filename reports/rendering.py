"""The papers that `manage.py render` makes beside those of months and terms, told once for the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from django.core.management.base import CommandError
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Staff
from children.models import Child
from children.sight import Sight, sight_of, sights
from reports.access import CARD_NEEDS, DOSSIER_NEEDS, REGISTRATION_NEEDS
from reports.builders.civil_summary import build_civil_summary
from reports.builders.family_card import build_family_cards
from reports.builders.growth_file import build_growth_file, pictures
from reports.builders.history import Variant, build_history
from reports.builders.ledger import LedgerAsk, build_ledger, register_ids
from reports.builders.paper import Imprint
from reports.builders.registration import blank_form, build_registration
from reports.builders.statistics import build_statistics
from reports.builders.unit import Unit
from reports.papers import (
    Paper,
    civil_paper,
    family_card_paper,
    growth_file_paper,
    history_paper,
    ledger_paper,
    registration_paper,
    statistics_paper,
)

Options = dict[str, Any]
# Without --as a paper shows what the principal sees, counselling left out.
PRINCIPAL = Sight(frozenset({Role.PRINCIPAL}))


class Asked(Protocol):
    """What the command knows: who prints, whom a print is logged for, how options name children, classes, schools."""

    staff: Staff | None
    imprint: Imprint
    children: list[Child]

    def pick(self, options: Options, needs: tuple[Any, ...]) -> list[Child]: ...

    def name(self, options: Options) -> str: ...

    def school(self, options: Options) -> School: ...

    def school_class(self, options: Options) -> SchoolClass: ...


def more_printers(asked: Asked) -> dict[str, Callable[[Options], Paper]]:
    """Kind → what prints it. Each raises CommandError with what to say for options that do not fit."""
    printers = {
        "registration": _registration,
        "family-card": _family_card,
        "growth-file": _growth_file,
        "history": _history,
        "statistics": _statistics,
        "ledger": _ledger,
        "civil-summary": _civil_summary,
    }
    return {kind: lambda options, run=run: run(asked, options) for kind, run in printers.items()}  # type: ignore[misc]


def _day(options: Options) -> Any:
    today = timezone.localdate()
    on = options["on"] or today
    if on > today:
        raise CommandError(f"{on} has not come yet.")
    return on


def _unit(asked: Asked, options: Options) -> Unit:
    if options["class_name"]:
        school_class = asked.school_class(options)
        return Unit(school_class.school, school_class)
    return Unit(asked.school(options))


def _one_child(asked: Asked, options: Options) -> tuple[Child, Staff]:
    if not options["child"]:
        raise CommandError("Say which child: --child NAME or ID.")
    if asked.staff is None:
        raise CommandError("Say whose sight: --as USERNAME.")
    (child,) = asked.pick(options, DOSSIER_NEEDS)
    return child, asked.staff


def _registration(asked: Asked, options: Options) -> Paper:
    if options["blank"]:
        return registration_paper([blank_form(asked.school(options).name)], "空白", asked.imprint)
    children = asked.pick(options, REGISTRATION_NEEDS)
    forms = build_registration(children, on=_day(options), full_numbers=options["whole_numbers"])
    return registration_paper(forms, asked.name(options), asked.imprint)


def _family_card(asked: Asked, options: Options) -> Paper:
    children = asked.pick(options, CARD_NEEDS)
    sheets = build_family_cards(children[0].school, children, on=_day(options))
    return family_card_paper(sheets, asked.name(options), asked.imprint)


def _growth_file(asked: Asked, options: Options) -> Paper:
    child, staff = _one_child(asked, options)
    growth = build_growth_file(child, staff=staff, sight=sight_of(staff, child), on=_day(options))
    return growth_file_paper(child, growth, pictures(child, staff), asked.imprint)


def _history(asked: Asked, options: Options) -> Paper:
    child, staff = _one_child(asked, options)
    history = build_history(
        child,
        staff=staff,
        sight=sight_of(staff, child),
        variant=Variant(options["variant"]),
        first=None,
        last=_day(options),
    )
    return history_paper(history, asked.imprint)


def _statistics(asked: Asked, options: Options) -> Paper:
    figures = build_statistics(_unit(asked, options), on=_day(options), definition=options["definition"])
    return statistics_paper(figures, asked.imprint, large=False)


def _ledger(asked: Asked, options: Options) -> Paper:
    unit, on, definition = _unit(asked, options), _day(options), options["definition"]
    ids = register_ids(unit, on=on, definition=definition)
    seen = sights(asked.staff, ids) if asked.staff else dict.fromkeys(ids, PRINCIPAL)
    found = build_ledger(unit, on=on, definition=definition, ask=LedgerAsk(), sights=seen)
    asked.children = list(Child.objects.filter(pk__in=[row.child_id for row in found.rows]))
    return ledger_paper(found, asked.imprint, large=True)


def _civil_summary(asked: Asked, options: Options) -> Paper:
    figures = build_civil_summary(Unit(asked.school(options)), on=_day(options), by_village=True)
    return civil_paper(figures, asked.imprint, large=True)
