"""The importer from the shell: the same code, the JSON shape of the sample rosters."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from caretrack.schools.models import School
from children.models import Child, ImportBatch
from tests.support.factories import make_class, make_school, make_term

pytestmark = pytest.mark.django_db
SHEETS = Path(__file__).parents[2] / "sheets"


@pytest.fixture
def school() -> School:
    school = make_school(code="990001")
    make_term(school)
    for grade in range(1, 7):
        make_class(school, grade, 1)
        make_class(school, grade, 2)
    return school


def run(number: str, *options: str) -> dict:
    out = io.StringIO()
    path = next(SHEETS.glob(f"{number}_*.xlsx"))
    call_command("import_roster", str(path), "--school", "990001", "--on", "2026-11-20", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_a_look_prints_everything_and_writes_nothing(school: School) -> None:
    found = run("a08")
    assert list(found) == [
        "kind", "sheets", "header", "headers", "children", "faults", "skipped_rows", "control_totals", "questions",
        "summary",
    ]  # fmt: skip
    assert (found["header"]["row"], len(found["children"]), found["summary"]["new"]) == (3, 48, 48)
    assert not Child.objects.exists()
    assert not ImportBatch.objects.exists()


def test_answers_come_from_a_file(school: School, tmp_path: Path) -> None:
    keys = [question["key"] for question in run("a06")["questions"]]
    said = {"answers": {key: f"{number}-2" for number, key in enumerate(sorted(keys, key=_grade), start=1)}}
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(said))
    found = run("a06", "--commit", "--answers", str(file))
    assert found["summary"]["new"] == 40
    assert Child.objects.filter(school_class__number=2).count() == 40
    assert run("a06")["summary"]["same"] == 40


def _grade(key: str) -> int:
    return "一二三四五六".index(key.rsplit("/", 1)[1][0])


def test_an_unanswered_question_leaves_its_rows_out(school: School) -> None:
    assert run("a06", "--commit")["summary"]["waiting"] == 40
    assert not Child.objects.exists()


def test_a_file_that_is_no_roster_fails_with_a_sentence(school: School, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("物品,数量\n铅笔,3\n")
    with pytest.raises(CommandError, match="没有找到名册的表头"):
        call_command("import_roster", str(file), "--school", "990001")


def test_an_unknown_school_is_told() -> None:
    with pytest.raises(CommandError, match="没有标识码"):
        call_command("import_roster", "a.xlsx", "--school", "1")
