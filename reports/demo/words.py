"""Fills the texts: picks a scene that fits the child, puts the names in, and never says the same thing twice."""

import random
import re

from activities.models import Topic
from children.models import codes
from reports.demo.families import Pupil
from reports.demo.talks import CLOSINGS, SETTINGS, TALKS, Scene

SUBJECTS = ("语文", "数学", "数学", "英语", "科学")
CALLED = {
    codes.Relation.FATHER: "爸爸",
    codes.Relation.MOTHER: "妈妈",
    codes.Relation.GRANDFATHER: "爷爷",
    codes.Relation.GRANDMOTHER: "奶奶",
    codes.Relation.MATERNAL_GRANDFATHER: "外公",
    codes.Relation.MATERNAL_GRANDMOTHER: "外婆",
    codes.Relation.ELDER_SISTER: "姐姐",
    codes.Relation.AUNT_PATERNAL: "姑姑",
}
# What belongs to a part of the year: words, and the months in which they may be said.
SEASONS = (
    (("天冷", "冻疮", "棉", "冷水", "单衣", "早上冷"), (11, 12, 1, 2, 3)),
    (("期中",), (11, 12, 5, 6)),
    (("期末",), (6, 7, 12, 1)),
    (("过年", "腊", "春节", "年底"), (10, 11, 12, 1, 2)),
    (("中秋", "月饼"), (9, 10)),
    (("晒谷", "收稻", "运动会", "红薯"), (9, 10, 11)),
    (("茶籽",), (10, 11)),
    (("暑假",), (5, 6, 7)),
)


class Words:
    """Texts about pupils. `friends` maps a class id to the names of its pupils."""

    def __init__(self, rng: random.Random, friends: dict[int, list[str]]) -> None:
        self.rng, self.friends = rng, friends
        self.used: set[str] = set()
        self.month = 0

    def fill(self, text: str, pupil: Pupil, p: str = "") -> str:
        """Put names and pronouns into a text; `p` is which of the parents is meant."""
        child, home, rng = pupil.child, pupil.home, self.rng
        others = [name for name in self.friends.get(pupil.school_class.pk, []) if name != pupil.called]
        said = text.format(
            n=pupil.called,
            p=p or home.away_names or "爸爸妈妈",
            c=CALLED.get(codes.Relation(home.carer.relation), "家里人") if home.carer else "家里人",
            city=home.city or "外地",
            s=rng.choice(SUBJECTS[:3] if pupil.grade < 3 else SUBJECTS),
            f=rng.choice(others) if others else "同桌",
            h=child.hobbies.split("、")[0] or "画画",
            v=home.village.name,
        )
        if child.sex == codes.Sex.FEMALE:
            said = re.sub("(?<!其)他(?!们)", "她", said)
        return said

    def one(self, pool: tuple[str, ...], pupil: Pupil, p: str = "") -> str:
        """A text of the pool, another one than before while there are any."""
        said = ""
        for _ in range(10):
            said = self.fill(self.rng.choice(pool), pupil, p)
            if said not in self.used and self.in_season(said):
                break
        self.used.add(said)
        return said

    def turns(self, parts: tuple[tuple[str, ...], ...], pupil: Pupil, linked: int = 0) -> str:
        """One sentence of each part; the first `linked` parts from the same place."""
        said = ""
        for _ in range(12):
            place = self.rng.randrange(len(parts[0]))
            chosen = [p[place] if i < linked else self.rng.choice(p) for i, p in enumerate(parts)]
            said = self.fill("".join(chosen), pupil)
            if said not in self.used and self.in_season(said):
                break
        self.used.add(said)
        return said

    def in_season(self, said: str) -> bool:
        """No frost in September, no half-term papers in the first weeks, no New Year in July."""
        return all(self.month in months or not any(w in said for w in words) for words, months in SEASONS)

    def scene(self, pupil: Pupil) -> Scene:
        """A kind of talk that fits the child."""
        fitting = [s for s in TALKS if _fits(s.tags, pupil)]
        return self.rng.choices(fitting, [s.weight for s in fitting])[0]

    def talk(self, scene: Scene, pupil: Pupil) -> str:
        """What was said, with the setting before and the impression after; short ones are short."""
        rng = self.rng
        parts = scene.turns if rng.random() < 0.85 else scene.turns[:2]
        closing = rng.choice(CLOSINGS[scene.state]) if rng.random() < 0.7 else ""
        return rng.choice(SETTINGS) + self.turns(parts, pupil, scene.linked) + closing

    def topics(self, scene: Scene) -> tuple[str, ...]:
        return tuple(Topic(name).value for name in scene.topics.split())


def _fits(tags: str, pupil: Pupil) -> bool:
    facts = {
        "away": bool(pupil.home.away_names),
        "elder": pupil.home.care_type == codes.CareType.GRANDPARENT,
        "boarder": pupil.child.boarding == codes.Boarding.BOARDER,
        "low": pupil.grade <= 2,
        "high": pupil.grade >= 5,
        "girl": pupil.child.sex == codes.Sex.FEMALE,
        "key": pupil.level in (*codes.KEY_LEVELS, codes.SupportLevel.WATCH),
        "new": pupil.came.day != 1,
    }
    return all(facts[tag] for tag in tags.split())
