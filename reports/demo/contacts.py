"""One contact of each kind, with the answers that the kind asks for (activities.kinds)."""

import random
from collections.abc import Callable
from datetime import date, time, timedelta

from activities.models import Kind
from activities.services import Contact
from caretrack.schools.models import Staff
from children.models import codes
from reports.demo import notes
from reports.demo.families import Pupil
from reports.demo.households import Adult
from reports.demo.people import weighted
from reports.demo.words import CALLED, Words

TALK_PLACES = (("office", 4), ("classroom", 2), ("yard", 3), ("corridor", 1), ("care_home", 3))
TALK_TYPES = {
    "study": "学业指导", "mood": "心理疏导", "friends": "人际关系", "conduct": "行为习惯", "praise": "荣誉激励", "family": "家庭沟通",
}  # fmt: skip
RELATIONS = {codes.Relation.FATHER: "父亲", codes.Relation.MOTHER: "母亲"}
EFFECTS = ("孩子愿意改", "情绪好转", "说出了心里话", "约好下次再谈", "比谈话前轻松", "答应照做")


class Contacts:
    """`make` gives what a person would have written about one contact."""

    def __init__(self, rng: random.Random, words: Words, today: date) -> None:
        self.rng, self.words, self.today = rng, words, today

    def make(self, kind: str, pupil: Pupil, on: date, by: Staff) -> Contact:
        makers: dict[str, Callable[[Pupil, date, Staff], Contact]] = {
            Kind.TALK: self._talk, Kind.HOME_VISIT: self._visit, Kind.CALL: self._call, Kind.VIDEO: self._video,
            Kind.PARENT_CONTACT: self._parents, Kind.LETTER: self._letter, Kind.HOMEWORK: self._homework,
            Kind.TUTORING: self._tutoring, Kind.MEAL: self._meal, Kind.READING: self._reading, Kind.GOOD_DEED: self._deed,
            Kind.BIRTHDAY: self._birthday, Kind.ILLNESS: self._illness,
        }  # fmt: skip
        self.words.month = on.month
        return makers[kind](pupil, on, by)

    def _talk(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        rng, scene = self.rng, self.words.scene(pupil)
        topics = self.words.topics(scene)
        if rng.random() < 0.02:
            return Contact(kind=Kind.TALK, on=on, reached=False, content="孩子请假回家，没有谈成，改日再谈。")
        follow = ""
        # More is still open of what was said lately.
        often = 0.8 if scene.state == "worrying" else 0.5 if (self.today - on).days < 18 else 0.22
        if scene.follow and rng.random() < often:
            follow = self.words.fill(rng.choice(scene.follow), pupil)
        detail = {"type": TALK_TYPES[topics[0]]} if topics[0] in TALK_TYPES and rng.random() < 0.6 else {}
        if rng.random() < 0.4 and scene.state != "worrying":
            detail["effect"] = rng.choice(EFFECTS)
        return Contact(
            kind=Kind.TALK,
            on=on,
            at=time(rng.choice((7, 9, 10, 12, 12, 15, 16, 16, 17)), rng.randrange(0, 60, 5)),
            minutes=rng.choice((10, 10, 15, 15, 20, 20, 25, 30)),
            place="dorm" if "boarder" in scene.tags else weighted(rng, TALK_PLACES),
            topics=topics,
            content=self.words.talk(scene, pupil),
            state=scene.state,
            advice=self.words.fill(rng.choice(scene.advice), pupil) if scene.advice and rng.random() < 0.75 else "",
            visibility="restricted" if scene.state == "worrying" and "body" in topics else "normal",
            detail=detail,
            follow_up=follow,
            follow_up_on=on + timedelta(days=rng.choice((3, 7, 7, 10, 14))) if follow else None,
        )

    def _visit(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        rng, words = self.rng, self.words
        if rng.random() < 0.09:
            content = words.one(notes.VISIT_FAILED, pupil)
            return Contact(kind=Kind.HOME_VISIT, on=on, content=content, place="home", reached=False)
        opening, home, said, agreed = notes.HOME_VISITS
        detail = {
            "purpose": weighted(rng, (("例行走访", 5), ("了解家庭情况", 3), ("学习情况沟通", 3), ("安全排查", 2), ("行为习惯沟通", 1))),
            "carer_met": self._carer(pupil),
            "environment": words.one(home, pupil),
            "agreed": words.one(agreed, pupil),
            "plan": words.fill(rng.choice(notes.VISIT_PLANS), pupil),
        }  # fmt: skip
        return Contact(
            kind=Kind.HOME_VISIT, on=on, content=words.turns((opening, said), pupil), minutes=rng.choice((30, 40, 50, 60)),
            place="home", with_whom=self._carer(pupil), state=weighted(rng, (("good", 5), ("steady", 5), ("low", 1))),
            detail={key: value for key, value in detail.items() if value},
        )  # fmt: skip

    def _call(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        whom, relation, said = self._parent(pupil)
        reached = self.rng.random() > 0.1
        return Contact(
            kind=Kind.CALL, on=on, content=self.words.one(notes.CALLS if reached else notes.CALL_FAILED, pupil, said),
            minutes=self.rng.randrange(3, 18) if reached else None, way="phone", place="care_home", with_whom=whom,
            reached=reached, detail={"relation": relation, "duty": by.name},
        )  # fmt: skip

    def _video(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        whom, relation, said = self._parent(pupil)
        return Contact(
            kind=Kind.VIDEO, on=on, content=self.words.one(notes.VIDEOS, pupil, said), minutes=self.rng.randrange(5, 25),
            way="video", place="care_home", with_whom=whom, detail={"relation": relation, "duty": by.name},
        )  # fmt: skip

    def _parents(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        whom, relation, said = self._parent(pupil)
        reached = self.rng.random() > 0.1
        return Contact(
            kind=Kind.PARENT_CONTACT, on=on, way="phone", with_whom=whom, reached=reached,
            content=self.words.one(notes.PARENT_CONTACTS if reached else notes.CONTACT_FAILED, pupil, said),
            minutes=self.rng.randrange(4, 15) if reached else None, detail={"relation": relation},
        )  # fmt: skip

    def _letter(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        occasion = "传统节日" if on.month in (1, 2, 6, 9, 10) else "平时"
        detail = {"direction": self.rng.choice(("寄出", "寄出", "收到")), "occasion": occasion, "guide": by.name}
        return Contact(kind=Kind.LETTER, on=on, way="writing", with_whom=self._parent(pupil)[0], detail=detail)

    def _homework(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        subject, done, seen = self.rng.choice(self._taught(notes.HOMEWORK, pupil))
        subject = subject or self.rng.choice(("语文", "数学", "数学") if pupil.grade < 3 else ("语文", "数学", "英语"))
        detail = {"subject": subject, "done": done}
        return Contact(
            kind=Kind.HOMEWORK, on=on, content=self.words.fill(seen, pupil), place="classroom", detail=detail
        )

    def _tutoring(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        subject, problem, measures, effect = self.rng.choice(self._taught(notes.TUTORING, pupil))
        detail = {
            "subject": subject,
            "problem": problem,
            "measures": self.words.fill(measures, pupil),
            "effect": effect,
        }
        return Contact(
            kind=Kind.TUTORING, on=on, content=self.words.fill(f"{subject}：{problem}，{measures}。", pupil),
            minutes=self.rng.choice((15, 20, 25, 30, 40)), place="classroom", detail=detail,
        )  # fmt: skip

    def _taught(self, pool: tuple[tuple[str, ...], ...], pupil: Pupil) -> list[tuple[str, ...]]:
        """The first two grades have no English."""
        return [row for row in pool if row[0] != "英语" or pupil.grade > 2]

    def _meal(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        return Contact(kind=Kind.MEAL, on=on, content=self.words.one(notes.MEALS, pupil), place="elsewhere", state="good", detail={"company": by.name})  # fmt: skip

    def _reading(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        book, note = self.rng.choice(notes.READING), self.words.one(notes.READING_NOTES, pupil)
        return Contact(kind=Kind.READING, on=on, content=note, place="care_home", detail={"book": book})

    def _deed(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        return Contact(kind=Kind.GOOD_DEED, on=on, content=self.words.one(notes.GOOD_DEEDS, pupil), detail={"witness": by.name})  # fmt: skip

    def _birthday(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        how = self.rng.choice(("班队会", "贺卡", "广播祝福", "集体生日"))
        return Contact(kind=Kind.BIRTHDAY, on=on, content=self.words.one(notes.BIRTHDAYS, pupil), place="classroom", state="good", detail={"how": how})  # fmt: skip

    def _illness(self, pupil: Pupil, on: date, by: Staff) -> Contact:
        detail = {"taken_to": "青榕镇卫生院", "told": "已告知"}
        return Contact(kind=Kind.ILLNESS, on=on, content=self.words.one(notes.ILLNESS, pupil), detail=detail)

    def _parent(self, pupil: Pupil) -> tuple[str, str, str]:
        """Whom one speaks with, as what, and what the child calls them: a parent who is away, else the carer."""
        away = [a for a in pupil.home.parents if a.away]
        adult = self.rng.choice(away) if away else pupil.home.carer
        if adult is None:
            return "", "", ""
        relation = codes.Relation(adult.relation)
        return _shown(adult), RELATIONS.get(relation, "祖辈"), CALLED.get(relation, "家里人")

    def _carer(self, pupil: Pupil) -> str:
        return _shown(pupil.home.carer) if pupil.home.carer else ""


def _shown(adult: Adult) -> str:
    return f"{CALLED.get(codes.Relation(adult.relation), '')}{adult.name}"
