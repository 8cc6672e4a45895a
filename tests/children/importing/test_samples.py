"""
Every sample roster through ``manage.py import_roster`` against its expected result (tests/sheets/README.md).

Each file is read without answers, read with the natural answers, written, and written once more.
"""

import functools
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from caretrack.schools.models import School, Stage
from caretrack.schools.models.school import KINDERGARTEN_GRADES
from children.models import Child
from tests.support.factories import make_class, make_school, make_term

SHEETS = Path(__file__).parents[2] / "sheets"
EXPECTED = {path.name[:3]: json.loads(path.read_text()) for path in sorted(SHEETS.glob("*.expected.json"))}
CODE = "990001"

pytestmark = pytest.mark.django_db


def test_all_samples_are_here() -> None:
    assert sorted(EXPECTED) == [f"a{number:02}" for number in range(1, 18)]


@pytest.fixture(params=EXPECTED)
def expected(request: pytest.FixtureRequest) -> dict[str, Any]:
    found = EXPECTED[request.param]
    prepare(found)
    return found


def prepare(expected: dict[str, Any]) -> School:
    kindergarten = any(item.get("stage") == "kindergarten" for item in expected["classes"])
    school = make_school(expected["school"], code=CODE, stage=Stage.KINDERGARTEN if kindergarten else Stage.PRIMARY)
    make_term(school)
    for item in expected["classes"]:
        grade = KINDERGARTEN_GRADES.index(item["grade"]) + 1 if kindergarten else item["grade"]
        make_class(school, grade, item["number"])
    return school


def run(expected: dict[str, Any], *options: str) -> dict[str, Any]:
    out = io.StringIO()
    file = str(SHEETS / expected["file"])
    call_command("import_roster", file, "--school", CODE, "--on", expected["cut_off"], "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@functools.cache
def looked(number: str) -> dict[str, Any]:
    """The answer of a look without answers; it writes nothing, so one is enough for all tests of a file."""
    return run(EXPECTED[number])


def look(expected: dict[str, Any]) -> dict[str, Any]:
    return looked(expected["file"][:3])


def natural_answers(expected: dict[str, Any], questions: list[dict[str, Any]]) -> dict[str, str]:
    """What a person would answer: the stated class, else what the question offers, else the first class."""
    stated = {
        (fault["what"], fault["sheet"], fault["column"]): fault["answer"]
        for fault in expected["faults"]
        if isinstance(fault.get("answer"), dict)
    }
    wanted = {fault["what"] for fault in expected["faults"] if fault["level"] == "question" and "answer" in fault}
    answers = {}
    for question in questions:
        answer = stated.get((question["what"], question["sheet"], question["column"]))
        named = f"{answer['grade']}-{answer['number']}" if answer else ""
        if named in question["choices"]:
            answers[question["key"]] = named
        elif question["what"] in wanted | {"hidden_rows", "sheets_to_choose", "class_missing"}:
            answers[question["key"]] = question["default"] or next(iter(question["choices"]))
    return answers


def with_answers(expected: dict[str, Any], tmp_path: Path) -> list[str]:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"answers": natural_answers(expected, look(expected)["questions"])}))
    return ["--answers", str(file)]


def differences(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {"expected": value, "read": found.get(key)}
        for key, value in expected.items()
        if not agrees(key, value, found.get(key))
    }


def agrees(key: str, expected: Any, read: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(read, dict) and not differences(expected, read)
    if key == "birth_precision":
        return True  # a more exact date of a valid ID is right too
    if key == "birth_date":
        return bool(expected) == bool(read) and str(read).startswith(str(expected))
    if key in ("phones", "contact_phones"):
        return [digits(phone) for phone in expected] == [digits(phone) for phone in read or []]
    if key == "family":
        return len(expected) == len(read or []) and all(map(functools.partial(agrees, ""), expected, read or []))
    if expected in (None, []):
        return not read
    return bool(expected == read)


def digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def test_kind_sheets_and_headers(expected: dict[str, Any]) -> None:
    found = look(expected)
    assert list(found) == [
        "kind", "sheets", "header", "headers", "children", "faults", "skipped_rows", "control_totals", "questions",
        "summary",
    ]  # fmt: skip
    assert (found["kind"], found["sheets"]) == (expected["kind"], expected["sheets"])
    headers = expected.get("headers", [expected["header"]])
    assert found["headers"] == [{"last_row": header["row"]} | header for header in headers]
    assert found["header"] == found["headers"][0]


def test_children_are_read_as_the_sheet_states_them(expected: dict[str, Any], tmp_path: Path) -> None:
    """With the natural answers; every child row stands in the file's order and nothing else does."""
    found = run(expected, *with_answers(expected, tmp_path))
    read = [(child["sheet"], child["row"]) for child in found["children"]]
    assert read == [(child["sheet"], child["row"]) for child in expected["children"]]
    for wanted, child in zip(expected["children"], found["children"], strict=True):
        ignored = {"expect"} | ({"class"} if "class" in wanted and "number" not in wanted["class"] else set())
        asserted = {key: value for key, value in wanted.items() if key not in ignored}
        assert not differences(asserted, child), f"row {wanted['row']}"
        if "class" in ignored:
            assert child["class"]["grade"] == wanted["class"]["grade"]


def test_what_may_be_written_waits_or_goes_back(expected: dict[str, Any]) -> None:
    told = [child["expect"] for child in look(expected)["children"]]
    assert told == [child["expect"] for child in expected["children"]]


def test_faults_stand_in_the_right_cell(expected: dict[str, Any]) -> None:
    """Everything a person must see, and nothing beside it; what was put right silently need not be reported."""
    places = ("sheet", "row", "column", "level", "what")
    wanted = {tuple(fault[key] for key in places) for fault in expected["faults"] if fault["level"] != "fixed"}
    found = {tuple(fault[key] for key in places) for fault in look(expected)["faults"] if fault["level"] != "fixed"}
    assert found == wanted
    offers = {tuple(fault[key] for key in places): fault.get("offer") for fault in look(expected)["faults"]}
    for fault in expected["faults"]:
        if fault.get("offer"):
            assert offers[tuple(fault[key] for key in places)] == fault["offer"]


def test_every_fault_is_a_chinese_sentence_with_its_place(expected: dict[str, Any]) -> None:
    for fault in look(expected)["faults"]:
        assert fault["sentence"].endswith(("。", "？", "）")), fault
        assert re.search("[\u4e00-\u9fff]", fault["sentence"])
        if fault["row"] is not None:
            assert fault["sentence"].startswith(f"第{fault['row']}行")


def test_every_question_has_choices(expected: dict[str, Any]) -> None:
    for question in look(expected)["questions"]:
        assert question["choices"], question["key"]
        assert question["default"] in (None, *question["choices"])


def test_lines_that_are_no_pupils_are_skipped(expected: dict[str, Any]) -> None:
    assert look(expected)["skipped_rows"] == expected["skipped_rows"]


def test_control_totals_are_found_and_compared(expected: dict[str, Any]) -> None:
    found = [
        {key: value for key, value in total.items() if key != "sheet"} for total in look(expected)["control_totals"]
    ]
    assert found == [
        {key: value for key, value in total.items() if key != "note"} for total in expected.get("control_totals", [])
    ]


@pytest.mark.data
def test_a_commit_writes_what_is_right_and_a_second_one_nothing(expected: dict[str, Any], tmp_path: Path) -> None:
    options = with_answers(expected, tmp_path)
    first = run(expected, "--commit", *options)
    held = [child for child in expected["children"] if child["expect"] != "import"]
    written = [child for child in first["children"] if child["status"] == "new"]
    answered = [child for child in first["children"] if child["expect"] == "import"]
    assert len(written) == Child.objects.count() == len(answered)
    assert len(expected["children"]) - len(held) <= len(written)
    _stored_as_expected(expected)
    second = run(expected, "--commit", *options)
    assert (second["summary"]["new"], second["summary"]["changed"]) == (0, 0)
    assert second["summary"]["same"] == len(written)
    assert Child.objects.count() == len(written)


@pytest.mark.data
def test_a_plain_commit_leaves_out_what_waits(expected: dict[str, Any]) -> None:
    held = {(child["sheet"], child["row"]) for child in expected["children"] if child["expect"] != "import"}
    found = run(expected, "--commit")
    written = {(child["sheet"], child["row"]) for child in found["children"] if child["status"] in ("new", "changed")}
    assert not written & held
    assert Child.objects.count() == found["summary"]["new"]


def _stored_as_expected(expected: dict[str, Any]) -> None:
    """Names, dates, numbers and families of the children in the register, whichever row they came from."""
    stored: dict[str, list[dict[str, Any]]] = {}
    children = Child.objects.prefetch_related("family__phones")
    for child in children:
        parents = {member.relation: member for member in child.family.all()}
        stored.setdefault(child.name, []).append(
            {
                "sex": child.get_sex_display(),
                "birth_date": child.birth_date.isoformat() if child.birth_date else "",
                "id_no": child.id_no,
                "father": _parent(parents.get("51")),
                "mother": _parent(parents.get("52")),
            }
        )
    for wanted in expected["children"]:
        if wanted["expect"] == "import":
            keys = ("sex", "birth_date", "id_no", "father", "mother")
            asserted = {key: _without_places(wanted[key]) for key in keys if wanted.get(key)}
            found = stored[wanted["name"]]
            assert any(not differences(asserted, child) for child in found), (wanted["row"], asserted, found)


def _without_places(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: part for key, part in value.items() if key not in ("work_place", "work_unit")}


def _parent(member: Any) -> dict[str, Any]:
    if member is None:
        return {}
    phones = sorted(member.phones.all(), key=lambda phone: phone.order)
    return {"name": member.name, "status": member.status, "phones": [phone.number for phone in phones]}
