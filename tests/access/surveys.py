"""Who may open questionnaires, written by hand: those who set them up, and class teachers for the own class."""

import json
import uuid
from typing import Any

from caretrack.access.history import change_by
from children.models import Survey, SurveySheet
from children.surveys.wording import read, stored
from tests.access.walk import Case
from tests.access.world import canary

SETTERS = {"counsellor", "lead", "principal"}
OTHER_SETTERS = {"other_principal"}
READERS = {"home1", "home2"} | SETTERS
OTHER_READERS = {"other_home"} | OTHER_SETTERS


def survey_rows(w: Any) -> None:
    """A running questionnaire by name in each school with one sheet, and one nobody has answered."""
    asked = stored(read("1. 你好吗？（打分）\n2. 想说的话（填写）"))
    with change_by(None, "测试"):
        for key, school, child, words in (
            ("survey", w.school, w.child, canary("CARE")),
            ("other_survey", w.other_school, w.stranger, canary("STRANGERCARE")),
        ):
            term = school.terms.get()
            given = {
                "school": school,
                "term": term,
                "anonymous": False,
                "questions": asked,
                "opened_on": term.starts_on,
            }
            survey = Survey.objects.create(title="问卷", **given)
            w.extra[key] = SurveySheet.objects.create(
                survey=survey,
                school_class=child.school_class,
                child=child,
                answers=json.dumps([3, words]),
                client_key=uuid.uuid4(),
            )
            w.extra[f"{key}_empty"] = Survey.objects.create(title="另一份问卷", **given)


def surveys(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = w.extra["survey"], w.extra["other_survey"]
    empty, other_empty = {"pk": w.extra["survey_empty"].pk}, {"pk": w.extra["other_survey_empty"].pk}
    one = [Case(READERS, {"pk": own.survey_id}), Case(OTHER_READERS, {"pk": other.survey_id})]
    reading = [Case(case.allowed, case.kwargs, methods=("get",)) for case in one]
    setting = [Case(SETTERS, empty), Case(OTHER_SETTERS, other_empty)]
    place = {"pk": own.survey_id, "school_class": w.class1.pk}
    entering = [Case({"home1"} | SETTERS, place)]
    return {
        "children:survey_list": [Case(READERS | OTHER_READERS)],
        "children:survey_add": [Case(SETTERS | OTHER_SETTERS)],
        "children:survey_show": one,
        "children:survey_edit": setting,
        "children:survey_open": setting,
        "children:survey_close": setting,
        "children:survey_remove": setting,
        "children:survey_print": reading,
        "children:survey_result_print": reading,
        "children:survey_export": reading,
        "children:survey_class": entering,
        "children:sheet_add": entering,
        "children:sheet_lines": entering,
        "children:sheet_edit": [Case({"home1"} | SETTERS, {"pk": own.pk}), Case(OTHER_READERS, {"pk": other.pk})],
        "children:sheet_remove": [Case({"home1"} | SETTERS, {"pk": own.pk}), Case(OTHER_READERS, {"pk": other.pk})],
    }
