"""Loads the demo township: all of it or nothing, only into an empty installation, the same every time."""

import json
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from caretrack.access.history import change_by
from caretrack.access.models import ChangeSet
from caretrack.schools.models import Staff
from children.left_behind import Definition, statuses
from children.models import Child
from reports.demo.cards import Cards
from reports.demo.caring import Caring
from reports.demo.clock import Calendar, TypedAt
from reports.demo.dossiers import Dossiers
from reports.demo.families import Families
from reports.demo.groups import Groups
from reports.demo.handed_in import HandedIn
from reports.demo.happenings import Happenings
from reports.demo.honours import Honours
from reports.demo.living import Living
from reports.demo.movements import Movements
from reports.demo.pairings import Pairings
from reports.demo.people import Registry, draw
from reports.demo.records import Records
from reports.demo.roster import import_roster
from reports.demo.rounds import Rounds
from reports.demo.township import Township

REASON = "装入演示数据"


class NotEmpty(Exception):
    """The installation holds data that is not the demo's."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded: the accounts with their passwords, and what a reader wants to know about the children."""

    accounts: list[dict[str, str]]
    pupils: int
    counts: dict[str, int]
    on: date
    schools: list[str] = field(default_factory=list)


def is_loaded() -> bool:
    """Whether this installation holds the demo."""
    return ChangeSet.objects.filter(reason=REASON, staff_id__isnull=True).exists()


def load(today: date) -> Loaded:
    """
    Write the whole demo as of `today`.

    Raises NotEmpty if there is any account already, so that invented children never stand among real ones.
    """
    if Staff.objects.exists():
        raise NotEmpty
    with transaction.atomic(), change_by(None, REASON):
        calendar = Calendar.around(today)
        registry = Registry(draw("names"))
        clock = TypedAt(draw("clock"), today)
        with clock.running():
            township = Township(calendar, registry)
            sites = township.build()
            families = Families(calendar, registry, clock)
            families.fill(sites)
            Movements(calendar, clock, families).make(sites)
            families.decide_levels(sites)
            pairings = Pairings(calendar)
            pairings.make(sites, families.pupils)
            everybody = [*families.gone, *families.pupils]
            Records(calendar, clock, sites, everybody, pairings).write()
            Happenings(calendar, sites, families.pupils, pairings).write()
            Groups(calendar, sites, families.pupils).write()
            Living(calendar, sites, families.pupils).write()
            Dossiers(calendar, sites, families.pupils).write()
            Caring(calendar, clock, sites, families.pupils).write()
            Honours(calendar, sites, families.pupils).write()
            Rounds(calendar, sites).write()
            HandedIn(calendar, clock, sites).write()
            Cards(calendar, clock, sites, families.pupils).write()
            import_roster(calendar, sites[1], families.pupils)
    loaded = Loaded(
        accounts=[account.plain() for account in township.accounts],
        pupils=Child.objects.on_roll().count(),
        counts=counts(today),
        on=today,
        schools=[site.school.name for site in sites],
    )
    _keep_accounts(loaded.accounts)
    return loaded


def counts(on: date) -> dict[str, int]:
    """Children on the roll who count under each of the four definitions on the day."""
    answers = statuses(Child.objects.on_roll(), on).values()
    return {d.value: sum(answer.under(d) for answer in answers) for d in Definition}


# --- the accounts of the demo, for those who start it again -------------------------------------------------------


def _accounts_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-accounts.json"


def _keep_accounts(accounts: list[dict[str, str]]) -> None:
    path = _accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=1)


def kept_accounts() -> list[dict[str, str]]:
    """The accounts as they were when the demo was loaded; empty when the list was removed."""
    try:
        return json.loads(_accounts_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
