import json
from datetime import date
from decimal import Decimal

from reports.builders.frozen import from_plain, to_plain
from reports.builders.month import MonthFigures
from reports.builders.semester import SemesterFigures
from reports.builders.tables import Cell
from tests.reports import specimens


def test_a_month_survives_the_way_through_json():
    figures = specimens.month(broken=True)
    assert from_plain(MonthFigures, json.loads(json.dumps(to_plain(figures)))) == figures


def test_a_semester_survives_the_way_through_json():
    figures = specimens.semester().figures
    assert from_plain(SemesterFigures, json.loads(json.dumps(to_plain(figures)))) == figures


def test_decimals_and_nothing_keep_their_kind():
    for value in (Decimal("12.50"), None, 3, "66.7%"):
        assert from_plain(Cell, json.loads(json.dumps(to_plain(Cell(value, "k"))))) == Cell(value, "k")


def test_an_older_form_takes_defaults_and_drops_what_is_gone():
    plain = to_plain(specimens.month())
    del plain["behind"]
    plain["once_there"] = 1
    assert from_plain(MonthFigures, plain).behind == {}
    assert from_plain(MonthFigures, plain).starts_on == date(2025, 10, 26)
