"""Sentences, remarks, promises and the other pages around a record, and who may open them."""

from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from activities.models import CallBooking, CallLine, Phrase, RecordRemark
from tests.access.walk import Case
from tests.access.world import CASE, LEADS, OTHER_CASE, World, canary

WRITERS = (CASE | OTHER_CASE | {"home2"}) - {"registrar", "other_registrar"}
OF_CHILD = {"home1", "mentor", "teacher1", "counsellor", "lead", "principal"}
READ_CARE = {"home1", "counsellor", "lead", "principal"}
REVIEWERS = LEADS | {"other_principal"}


def record_rows(w: World) -> None:
    """What the pages are about: a sentence of one's own, a question to the author of a record and one elsewhere."""
    lead, elsewhere = w.people["lead"], w.people["other_principal"]
    w.extra["phrase"] = Phrase.objects.create(owner=w.people["home1"], text=canary("OWNPHRASE"))
    w.extra["question"] = RecordRemark.objects.create(
        record=w.record, kind="question", text=canary("CARE"), author=lead
    )
    w.extra["other_question"] = RecordRemark.objects.create(
        record=w.stranger_record, kind="question", text=canary("STRANGERCARE"), author=elsewhere
    )
    today = timezone.localdate()
    for key, child, by in (("call", w.child, w.people["home1"]), ("other_call", w.stranger, w.people["other_home"])):
        line = CallLine.objects.create(
            school=child.school,
            name="1号机",
            weekdays=[1, 2, 3, 4, 5, 6, 7],
            opens=time(8),
            closes=time(20),
            minutes=30,
        )
        phone = child.phones.first()
        w.extra[key] = CallBooking.objects.create(
            school=child.school, child=child, line=line, on=today, at=time(9), minutes=30, phone=phone, booked_by=by,
            with_whom=canary("IDENTITY") if key == "call" else canary("STRANGER"),
        )  # fmt: skip


def calls(w: World) -> dict[str, list[Case]]:
    """The family phone: its pages open to who keeps records, a booking to who sees the child."""
    call, other = w.extra["call"], w.extra["other_call"]
    today = timezone.localdate()
    turn = f"?line={call.line_id}&on={today}&at=10:00"
    own_numbers, phone = {"pk": w.child.pk}, w.child.phones.first()
    keepers = {"home1", "lead", "principal", "registrar"}
    setup = LEADS | {"other_principal"}
    return {
        "activities:call_board": [Case(WRITERS)],
        "activities:call_day": [Case(WRITERS)],
        "activities:call_notice": [Case(WRITERS)],
        "activities:call_print": [Case(WRITERS, {"paper": "log"}), Case(WRITERS, {"paper": "schedule"})],
        "activities:call_pick": [Case(WRITERS - {"other_home", "other_principal"}, query=turn)],
        "activities:call_book": [Case(OF_CHILD, {"pk": w.child.pk}, query=turn)],
        "activities:call_cancel": [
            Case(OF_CHILD, {"pk": call.pk}),
            Case({"other_home", "other_principal"}, {"pk": other.pk}),
        ],
        "activities:call_log": [
            Case(OF_CHILD, {"pk": call.pk, "outcome": "done"}),
            Case({"other_home", "other_principal"}, {"pk": other.pk, "outcome": "no_answer"}),
        ],
        "activities:call_number": [Case(OF_CHILD - {"teacher1"}, {"pk": call.pk})],
        "activities:call_setup": [Case(setup)],
        "activities:call_line_add": [Case(setup)],
        "activities:call_line_edit": [
            Case(LEADS, {"pk": call.line_id}),
            Case({"other_principal"}, {"pk": other.line_id}),
        ],
        "activities:call_check": [Case(setup)],
        "activities:call_numbers": [Case(keepers, own_numbers)],
        "activities:call_number_decide": [
            Case(keepers, own_numbers | {"phone": phone.pk, "answer": "refuse"}, data={"reason": "换人了"})
        ],
    }


def records(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = {"pk": w.record.pk}, {"pk": w.stranger_record.pk}
    phrase = {"pk": w.extra["phrase"].pk}
    sentence = {"text": "讲解错题。", "kind": ""}
    day = timezone.localdate() + timedelta(days=3)
    promise: dict[str, Any] = {"what": "看看作业", "due_on": day.isoformat(), "owner": w.people["home1"].pk}
    return calls(w) | {
        "activities:phrase_list": [Case(WRITERS, data=sentence)],
        "activities:phrase_keep": [Case(WRITERS, data=sentence)],
        "activities:phrase_begin": [Case(WRITERS)],
        "activities:phrase_edit": [Case({"home1"}, phrase, data=sentence)],
        "activities:phrase_delete": [Case({"home1"}, phrase)],
        "activities:remark_ask": [
            Case(LEADS, own, data={"text": "孩子后来怎样？"}),
            Case({"other_principal"}, other, data={"text": "孩子后来怎样？"}),
            Case(set(), {"pk": w.extra["counselling"].pk}, data={"text": "谈了什么？"}),
        ],
        "activities:remark_thank": [Case(LEADS, own), Case({"other_principal"}, other)],
        "activities:remark_answer": [
            Case({"home1"}, {"pk": w.extra["question"].pk}, data={"text": "好多了。"}),
            Case({"other_home"}, {"pk": w.extra["other_question"].pk}, data={"text": "好多了。"}),
        ],
        "activities:follow_up_add": [
            Case(OF_CHILD, {"pk": w.child.pk}, data=promise),
            Case({"other_home", "other_principal"}, {"pk": w.stranger.pk}, data=promise),
        ],
        "activities:follow_up_move": [
            Case({"home1", "lead", "principal"}, {"pk": w.follow_up.pk}, data=promise),
        ],
    }
