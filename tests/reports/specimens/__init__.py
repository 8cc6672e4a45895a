"""Invented papers: every print template filled without a database. All people and numbers are fictional."""

from tests.reports.specimens.names import IMPRINT
from tests.reports.specimens.of_children import cards, dossier, monthly_form
from tests.reports.specimens.of_school import month, semester

__all__ = ["IMPRINT", "cards", "dossier", "month", "monthly_form", "semester"]
