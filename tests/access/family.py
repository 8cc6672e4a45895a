"""Who may open the pages of school and family: the class teacher for the own class, the leads."""

from activities.models import HomeLetter, LetterText, ParentPromise, Suggestion
from tests.access.walk import Case
from tests.access.world import LEADS, World, canary

HOME = {"home1", *LEADS}
OTHER = {"other_home", "other_principal"}
VIEWERS = HOME | OTHER | {"home2"}
SCHOOL = HOME | {"home2"}
WRITERS = set(LEADS)
TEXT = {"kind": "other", "title": "又一封", "text": "您好"}
ASKED = {"given_by": "父亲", "on": "2026-11-20", "about": "care", "text": "多辅导", "answer_by": "2026-12-01"}
WHY = {"reason": "登错了学生"}
ANSWER = {"answer": "好", "answered_on": "2026-11-20", "version": 1}


def family_rows(w: World) -> None:
    """A letter of each school that went to a child, a suggestion of its family."""
    today = w.record.on
    for mark, child, by in (("own", w.child, "lead"), ("other", w.stranger, "other_principal")):
        contact = canary("CONTACT" if mark == "own" else "STRANGER")
        text = LetterText.objects.create(
            school=child.school, kind="other", title="一封信", text="{{学生}}", question="来吗", options=["来"],
            made_by=w.people[by], made_on=today,
        )  # fmt: skip
        letter = HomeLetter.objects.create(text=text, child=child, on=today, sent_by=w.people[by])
        asked = Suggestion.objects.create(
            child=child, given_by=contact, on=today, about="care", text=contact, answer_by=today, noted_by=w.people[by]
        )
        agreed = ParentPromise.objects.create(child=child, agreed_on=today, noted_by=w.people[by])
        w.extra[f"family_{mark}"] = {"text": text, "letter": letter, "suggestion": asked, "promise": agreed}


def family(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    mine, theirs = w.extra["family_own"], w.extra["family_other"]
    letter, far = {"pk": mine["text"].pk}, {"pk": theirs["text"].pk}
    return {
        "activities:feedback_list": [Case(VIEWERS)],
        "activities:feedback_edit": [
            Case(HOME, own, data={"words": "有进步", "version": 1}), Case(OTHER, other, data={"words": "有进步", "version": 1}),
        ],
        # Whom one does not see is not among the picked; without any the page leads back to the list.
        "activities:feedback_sent": [Case(VIEWERS)],
        "activities:feedback_print": [Case(VIEWERS)],
        "activities:feedback_print_all": [Case(VIEWERS)],
        "activities:letter_text_list": [Case(VIEWERS)],
        "activities:letter_text_add": [Case(WRITERS | {"other_principal"}, data=TEXT)],
        "activities:letter_text_ship": [Case(WRITERS | {"other_principal"})],
        "activities:letter_text_change": [Case(WRITERS, letter, data=TEXT), Case({"other_principal"}, far, data=TEXT)],
        "activities:letter_text_show": [Case(SCHOOL, letter), Case(OTHER, far)],
        "activities:letter_text_send": [
            Case(SCHOOL, letter, data={"to": "all", "on": "2026-11-20"}), Case(OTHER, far, data={"to": "all"}),
        ],
        "activities:letter_slips": [
            Case(SCHOOL, letter, data={"letter": mine["letter"].pk, "on": "2026-11-20"}), Case(OTHER, far),
        ],
        "activities:letter_text_print": [Case(SCHOOL, letter), Case(OTHER, far)],
        "activities:letter_take_back": [Case(SCHOOL, letter), Case(OTHER, far)],
        "activities:promise_list": [Case(VIEWERS)],
        # Whom one does not see is not among the ticked.
        "activities:promise_agree": [Case(VIEWERS)],
        "activities:suggestion_list": [Case(VIEWERS)],
        "activities:suggestion_print": [Case(VIEWERS)],
        "activities:suggestion_pick": [Case(VIEWERS)],
        "activities:suggestion_add": [Case(HOME, own, data=ASKED), Case(OTHER, other, data=ASKED)],
        "activities:suggestion_answer": [
            Case(HOME, {"pk": mine["suggestion"].pk}, data=ANSWER),
            Case(OTHER, {"pk": theirs["suggestion"].pk}, data=ANSWER),
        ],
        # Entered by a lead: the class teacher sees it and does not take it back.
        **{
            f"activities:{what}_take_back": [
                Case(WRITERS, {"pk": mine[what].pk}, data=WHY),
                Case({"other_principal"}, {"pk": theirs[what].pk}, data=WHY),
            ]
            for what in ("suggestion", "promise")
        },
    }  # fmt: skip
