"""The day of something that is counted: from the cell, from what was said for the file, from the title, today."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from caretrack.schools.models.school import Season
from children.importing.findings import Level
from children.importing.normalise.dates import DAY, YEAR
from children.importing.normalise.text import as_text
from children.life.days import before_birth
from children.tables.kinds import Setting
from children.tables.pupils import Pupil
from children.tables.sheets import TableRow

_TERM = re.compile(r"(20\d\d)(?:[-—–~至]+(20\d\d))?学?年?度?第?([一二12上下春秋])(?:学?期|季.*)?$")
_SPRING = "二2下春"


@dataclass(slots=True)
class Terms:
    """The terms of a school; one statement."""

    terms: list[Term]

    @classmethod
    def of(cls, setting: Setting) -> "Terms":
        """Load them."""
        return cls(list(Term.objects.filter(school=setting.school).order_by("starts_on")))

    def on(self, day: dt.date) -> Term | None:
        """The term of a day; None in the holidays."""
        return next((term for term in self.terms if term.starts_on <= day <= term.ends_on), None)

    def named(self, text: str) -> Term | None:
        """The term that words such as 2026年春季 or 2025—2026学年第二学期 name."""
        found = _TERM.search(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
        if found is None:
            return None
        spring = found[3] in _SPRING
        year = int(found[1]) - (1 if spring and not found[2] and found[3] == "春" else 0)
        season = Season.SPRING if spring else Season.AUTUMN
        return next((term for term in self.terms if term.year == year and term.season == season), None)


def day_of(row: TableRow, name: str, pupil: Pupil, setting: Setting, terms: Terms | None = None) -> dt.date | None:
    """
    The day that a row states, else the one for the whole file, else the title's, else today.

    A month counts from its first day and says so; a bare year, a day that lies ahead or before the pupil's birth fails
    the row.
    """
    day = _stated(row, name, setting, terms)
    if day and (words := before_birth(pupil.name, pupil.birth, day)):
        row.fail(name, words)
        return None
    return day


def _stated(row: TableRow, name: str, setting: Setting, terms: Terms | None) -> dt.date | None:
    if not row.has(name):
        return setting.day() or row.titles.date or setting.on
    raw = as_text(row.values[name])
    if terms and (term := terms.named(raw)):
        row.note(name, f"“{raw.strip()}”按学期第一天{chinese_date(term.starts_on)}登记。", Level.FIXED, "day_of_term")
        return term.starts_on
    stated = row.date(name, setting.on)
    if stated is None:
        if not row.failed:
            row.fail(name, f"“{raw.strip()}”看不出是哪一天，请写成 2026-03-05 这样。")
        return None
    if stated.precision == YEAR:
        row.fail(name, f"只写了 {stated.year} 年，请写到月或日，如 2026-03 或 2026-03-05。")
        return None
    if stated.precision != DAY:
        row.note(name, f"只写到月，按{chinese_date(stated.first_day)}登记。", Level.FIXED, "day_of_month")
    return stated.first_day
