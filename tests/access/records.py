"""Sentences, remarks, promises and the other pages around a record, and who may open them."""

import uuid
from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from activities.letters import SENT
from activities.models import (
    CallBooking,
    CallLine,
    CareRecord,
    CounsellingAppointment,
    Phrase,
    RecordPhoto,
    RecordRemark,
    SealedNote,
    SpecialOpening,
)
from activities.services import Contact, record_contact
from tests.access.walk import Case
from tests.access.world import CASE, LEADER, LEADS, OTHER_CASE, World, canary

WRITERS = (CASE | OTHER_CASE | {"home2"}) - {"registrar", "other_registrar"}
READERS = WRITERS | LEADER
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
    quiet_rows(w)


def quiet_rows(w: World) -> None:
    """A letter, an envelope for the subject teacher, an appointment, and an opening that the principal made."""
    today, people = timezone.localdate(), w.people
    for key, child, by in (("letter", w.child, "home1"), ("other_letter", w.stranger, "other_home")):
        contact = Contact("letter", today, detail={"direction": SENT})
        (w.extra[key],), _ = record_contact(children=[child], contact=contact, by=people[by], today=today)
        w.extra[f"{key}_note"] = SealedNote.objects.create(
            school=child.school, child=child, received_on=today, text=canary("SEALED"), via="screen",
            addressee=people["teacher1" if key == "letter" else "other_home"], entered_by=people[by],
            client_key=uuid.uuid4(), opened_at=timezone.now(),
        )  # fmt: skip
    w.extra["other_letter_note"].text = canary("STRANGERCARE")
    w.extra["other_letter_note"].save()
    w.extra["appointment"] = CounsellingAppointment.objects.create(
        school=w.school, child=w.child, asked_by=people["home1"], reason=canary("ASKED")
    )
    w.extra["photo"] = RecordPhoto.objects.create(record=w.record, uploaded_by=people["home1"])
    w.extra["opening"] = SpecialOpening.objects.create(
        staff=people["principal"], record=CareRecord.objects.get(pk=w.extra["counselling"].pk), category="other",
        reason="上级检查要求核对", ends_at=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip


def quiet(w: World) -> dict[str, list[Case]]:
    """Letters, 悄悄话, counselling appointments, special openings."""
    letter, other = {"pk": w.extra["letter"].pk}, {"pk": w.extra["other_letter"].pk}
    sealed, elsewhere = {"pk": w.extra["letter_note"].pk}, {"pk": w.extra["other_letter_note"].pk}
    child, appointment = {"pk": w.child.pk}, {"pk": w.extra["appointment"].pk}
    readers: list[Case] = [Case(READ_CARE, letter), Case({"other_home", "other_principal"}, other)]
    mine = [Case({"teacher1"}, sealed), Case({"other_home"}, elsewhere)]
    counselled = w.extra["counselling"].pk
    photo = {"pk": w.extra["photo"].pk}
    return {
        "activities:record_photo_add": [
            Case({"home1"}, {"pk": w.record.pk}),
            Case({"other_home"}, {"pk": w.stranger_record.pk}),
        ],
        "activities:record_photo": [Case(set(), photo)],
        "activities:record_photo_remove": [Case({"home1"}, photo)],
        "activities:letter_list": [Case(READERS)],
        "activities:letter_print": [Case(READERS)],
        "activities:box_empty": [Case(WRITERS)],
        "activities:letter_reply": readers,
        "activities:letter_forward": [Case(case.allowed, case.kwargs, data={"to": "妈妈"}) for case in readers],
        "activities:note_list": [Case(READERS)],
        "activities:note_pick": [Case(WRITERS, {"way": "new"}), Case(WRITERS, {"way": "write"})],
        "activities:note_add_unnamed": [Case(WRITERS)],
        "activities:note_add": [Case(OF_CHILD, child)],
        "activities:note_write": [Case(OF_CHILD, child)],
        "activities:note_show": mine,
        # What waits less than a week for a teacher who is here is moved by nobody.
        "activities:note_readdress": [Case(set(), sealed), Case(set(), elsewhere)],
        "activities:note_open": mine,
        "activities:note_words": mine,
        "activities:note_done": mine,
        "activities:appointment_list": [Case({"counsellor"})],
        "activities:appointment_pick": [Case(WRITERS)],
        "activities:appointment_ask": [Case(OF_CHILD, child, data={"reason": "夜里哭"})],
        "activities:appointment_time": [Case({"counsellor"}, appointment)],
        "activities:appointment_end": [Case({"counsellor"}, appointment | {"state": "cancelled"})],
        "activities:counselling_step": [Case({"counsellor"}, {"pk": counselled})],
        "activities:opening_list": [Case(READERS)],
        "activities:opening_ask": [
            Case({"principal"}, {"what": "record", "pk": counselled}),
            Case({"principal"}, {"what": "note", "pk": sealed["pk"]}),
            Case({"other_principal"}, {"what": "note", "pk": elsewhere["pk"]}),
        ],
        "activities:opening_show": [Case(set(), {"pk": w.extra["opening"].pk})],
        "activities:opening_sign": [Case({"counsellor"}, {"pk": w.extra["opening"].pk})],
    }


def calls(w: World) -> dict[str, list[Case]]:
    """The family phone: its pages open to who keeps records, a booking to who sees the child."""
    call, other = w.extra["call"], w.extra["other_call"]
    today = timezone.localdate()
    turn = f"?line={call.line_id}&on={today}&at=10:00"
    own_numbers, phone = {"pk": w.child.pk}, w.child.phones.first()
    keepers = {"home1", "lead", "principal", "registrar"}
    setup = LEADS | {"other_principal"}
    return {
        "activities:call_board": [Case(READERS)],
        "activities:call_day": [Case(READERS)],
        "activities:call_notice": [Case(READERS)],
        "activities:call_print": [Case(READERS, {"paper": "log"}), Case(READERS, {"paper": "schedule"})],
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
        "activities:call_looks": [Case(setup)],
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
    return (
        calls(w)
        | quiet(w)
        | {
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
            "activities:remark_take_back": [
                Case({"lead"}, {"pk": w.extra["question"].pk}),
                Case({"other_principal"}, {"pk": w.extra["other_question"].pk}),
            ],
            "activities:follow_up_add": [
                Case(OF_CHILD, {"pk": w.child.pk}, data=promise),
                Case({"other_home", "other_principal"}, {"pk": w.stranger.pk}, data=promise),
            ],
            "activities:follow_up_move": [
                Case({"home1", "lead", "principal"}, {"pk": w.follow_up.pk}, data=promise),
            ],
        }
    )
