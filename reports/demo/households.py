"""Households: who the parents and grandparents are, and what situation the family is in."""

import random
from dataclasses import dataclass, field
from datetime import date

from children.models import codes
from reports.demo.people import (
    BOYS,
    CITIES,
    GIRLS,
    JOBS,
    MEN,
    OLD_MEN,
    OLD_WOMEN,
    WOMEN,
    Registry,
    Village,
    day_in_year,
    weighted,
)

Status = codes.ParentStatus
Relation = codes.Relation

# What happens in the township's families, by how often. Every kind of case that the definitions tell apart is there.
USUAL = (
    ("both_away", 22.5),
    ("father_away", 16.0),
    ("mother_away", 3.0),
    ("at_home", 51.0),
    ("single_mother", 3.0),
    ("away_other", 2.0),
)
# These come once each, in this order, so that every demo has them.
SPECIAL = (
    "both_left_lately",
    "mother_unable",
    "father_dead_mother_away",
    "both_left_in_spring",
    "father_jailed_mother_away",
    "visit_home",
    "divorced_father_away",
    "back_home",
    "town_hukou_both_away",
    "since_unknown",
    "orphan_like",
    "both_away_alone",
    "left_this_month",
    "aunt_cares",
    "mother_dead_father_home",
    "back_home",
    "mother_left_after_father",
    "visit_home",
    "left_this_month",
    "both_left_lately",
)


@dataclass
class Adult:
    """A parent, grandparent or other kin."""

    relation: str
    name: str
    birth: date
    phone: str = ""
    status: str = Status.AT_HOME
    since: date | None = None
    place: str = ""
    region: str = ""
    unit: str = ""
    job: str = ""
    capacity: bool | None = True
    incapacity: str = ""
    health: str = codes.AdultHealth.GOOD
    education: str = codes.Education.JUNIOR
    # Later turns of the same life: (status, since).
    then: list[tuple[str, date]] = field(default_factory=list)

    @property
    def away(self) -> bool:
        last = self.then[-1][0] if self.then else self.status
        return last == Status.AWAY_WORK


@dataclass
class Household:
    surname: str
    village: Village
    group: str
    door: int
    case: str
    father: Adult
    mother: Adult
    elders: list[Adult]
    carer: Adult | None
    care_type: str
    rating: str
    structure: str
    hardship: list[str]
    size: int
    income: int
    urban: bool = False
    minority: str = "01"
    kids: int = 0
    grades: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"云禾县青榕镇{self.village.name}{self.group}{self.door}号"

    @property
    def parents(self) -> list[Adult]:
        return [self.father, self.mother]

    @property
    def away_names(self) -> str:
        """How the child calls who is away: 爸爸, 妈妈, 爸爸妈妈, or empty."""
        words = [("爸爸", self.father), ("妈妈", self.mother)]
        return "".join(word for word, adult in words if adult.away)

    @property
    def city(self) -> str:
        """Where the parents work, as one says it: 东莞, 上海."""
        places = [p.place for p in self.parents if p.away and p.place]
        return short_city(places[0]) if places else ""


def short_city(place: str) -> str:
    if not place.endswith("市"):
        return {"本省省会": "省城", "邻县县城": "邻县"}.get(place, "县城")
    return place.split("省")[-1].split("自治区")[-1].removesuffix("市")


class Households:
    """Makes households one after the other; `term_first` is the day from which "lately" is counted."""

    def __init__(
        self, rng: random.Random, registry: Registry, term_first: date, month_first: date, today: date
    ) -> None:
        self.rng, self.registry = rng, registry
        self.term_first, self.month_first, self.today = term_first, month_first, today
        self.special = list(SPECIAL)

    def make(self, village: Village, *, special: bool) -> Household:
        """A new household in the village; `special` takes the next of the rarer cases while there are any."""
        rng = self.rng
        case = self.special.pop(0) if special and self.special else weighted(rng, USUAL)
        surname = self.registry.surname()
        born = self.term_first.year - rng.randrange(36, 49)
        father = Adult(Relation.FATHER, self.registry.name(surname, MEN), day_in_year(rng, born))
        mother = Adult(
            Relation.MOTHER,
            self.registry.name(self.registry.surname(), WOMEN),
            day_in_year(rng, born + rng.randrange(5)),
        )
        elders = self._elders(surname, mother.name[0], born)
        home = Household(
            surname, village, rng.choice(village.groups), rng.randrange(1, 80), case, father, mother, elders,
            None, "", "", codes.FamilyStructure.COMPLETE, [], rng.choice((4, 4, 5, 5, 6, 6, 7)),
            rng.randrange(60, 210) * 100, minority=weighted(rng, (("01", 70), ("08", 14), ("06", 6), ("12", 5), ("15", 5))),
        )  # fmt: skip
        for parent in (father, mother):
            parent.education = weighted(rng, (("primary", 20), ("junior", 58), ("senior", 22)))
            parent.phone = self.registry.phone()
        getattr(self, f"_{case}")(home)
        self._care(home)
        if rng.random() < 0.22:
            kind = weighted(rng, (("lifted", 5), ("minimum", 4), ("monitored", 2)))
            home.hardship = list(dict.fromkeys([*home.hardship, kind]))
            home.income = rng.randrange(35, 80) * 100
        return home

    def _elders(self, surname: str, maternal: str, born: int) -> list[Adult]:
        rng = self.rng
        paternal_side = rng.random() < 0.82
        family = surname if paternal_side else maternal
        old = born - rng.randrange(24, 32)
        man, woman = (
            (Relation.GRANDFATHER, Relation.GRANDMOTHER)
            if paternal_side
            else (Relation.MATERNAL_GRANDFATHER, Relation.MATERNAL_GRANDMOTHER)
        )
        elders = [
            Adult(
                woman, self.registry.name(self.registry.surname(), OLD_WOMEN), day_in_year(rng, old + rng.randrange(4))
            ),
            Adult(man, self.registry.name(family, OLD_MEN), day_in_year(rng, old)),
        ]
        for elder in elders:
            elder.education = weighted(rng, (("none", 25), ("little", 30), ("primary", 40), ("junior", 5)))
            elder.health = weighted(rng, (("good", 35), ("fair", 38), ("chronic", 24), ("disabled", 3)))
            elder.phone = self.registry.phone()
        return elders if rng.random() < 0.72 else elders[:1]

    # --- the cases -------------------------------------------------------------------------------------------------

    def _leave(self, adult: Adult, since: date | None) -> None:
        place, region = self.rng.choice(CITIES)
        unit, job = self.rng.choice(JOBS)
        adult.status, adult.since = Status.AWAY_WORK, since
        adult.place, adult.region, adult.unit, adult.job = place, region, unit, job

    def _this_term(self, day: int) -> date:
        """A day of the month in which the term began, not after today."""
        return min(self.term_first.replace(day=day), self.today)

    def _after_new_year(self) -> date:
        """Most leave in the weeks after the Spring Festival, one to seven years ago."""
        year = self.term_first.year - self.rng.randrange(1, 8)
        return date(year, self.rng.choice((2, 2, 2, 3, 3, 5, 8)), self.rng.randrange(6, 28))

    def _together(self, home: Household, since: date) -> None:
        self._leave(home.father, since)
        self._leave(home.mother, since)
        if self.rng.random() < 0.75:
            home.mother.place, home.mother.region = home.father.place, home.father.region

    def _both_away(self, home: Household) -> None:
        self._together(home, self._after_new_year())

    def _father_away(self, home: Household) -> None:
        self._leave(home.father, self._after_new_year())

    def _mother_away(self, home: Household) -> None:
        self._leave(home.mother, self._after_new_year())

    def _at_home(self, home: Household) -> None:
        pass

    def _away_other(self, home: Household) -> None:
        home.father.status, home.father.since = Status.AWAY_OTHER, self._after_new_year()
        home.father.place, home.father.job = "外地", "部队服役"

    def _single_mother(self, home: Household) -> None:
        home.father.status, home.father.since = Status.NO_CONTACT, self._after_new_year()
        home.father.phone = ""
        home.structure = codes.FamilyStructure.SINGLE

    def _both_left_lately(self, home: Household) -> None:
        self._together(home, self._this_term(self.rng.randrange(3, 12)))

    def _both_left_in_spring(self, home: Household) -> None:
        year, month = (self.term_first.year, self.term_first.month - 2)
        since = date(year, month, 18) if month > 0 else date(year - 1, month + 12, 18)
        self._together(home, since)

    def _left_this_month(self, home: Household) -> None:
        self._leave(home.father, self.month_first)

    def _mother_unable(self, home: Household) -> None:
        self._leave(home.father, self._after_new_year())
        home.mother.capacity, home.mother.incapacity = False, "精神残疾二级"
        home.mother.health, home.mother.phone = codes.AdultHealth.DISABLED, ""
        home.hardship = ["minimum", "disabled"]

    def _father_dead_mother_away(self, home: Household) -> None:
        self._gone(home.father, Status.DECEASED)
        self._leave(home.mother, self._after_new_year())
        home.structure, home.hardship = codes.FamilyStructure.SINGLE, ["minimum"]

    def _mother_dead_father_home(self, home: Household) -> None:
        self._gone(home.mother, Status.DECEASED)
        home.structure, home.hardship = codes.FamilyStructure.SINGLE, ["lifted"]

    def _father_jailed_mother_away(self, home: Household) -> None:
        self._gone(home.father, Status.DETAINED)
        self._leave(home.mother, self._after_new_year())
        home.hardship = ["minimum", "unsupported"]

    def _divorced_father_away(self, home: Household) -> None:
        self._gone(home.mother, Status.NO_CONTACT)
        self._leave(home.father, self._after_new_year())
        home.structure = codes.FamilyStructure.SINGLE

    def _orphan_like(self, home: Household) -> None:
        self._gone(home.father, Status.DECEASED)
        self._gone(home.mother, Status.MISSING)
        home.structure, home.hardship = codes.FamilyStructure.ORPHAN, ["unsupported", "extreme"]

    def _visit_home(self, home: Household) -> None:
        """Home for the harvest for less than a month: the absence goes on."""
        self._together(home, self._after_new_year())
        for parent in home.parents:
            if self.today >= self.term_first.replace(day=28):
                parent.then = [
                    (Status.AT_HOME, self._this_term(14)),
                    (Status.AWAY_WORK, self._this_term(28)),
                ]

    def _back_home(self, home: Household) -> None:
        self._leave(home.father, self._after_new_year())
        home.father.then = [(Status.AT_HOME, self._this_term(self.rng.randrange(10, 22)))]

    def _mother_left_after_father(self, home: Household) -> None:
        self._leave(home.father, self._after_new_year())
        self._leave(home.mother, self._this_term(self.rng.randrange(15, 25)))

    def _town_hukou_both_away(self, home: Household) -> None:
        self._both_away(home)
        home.urban = True

    def _since_unknown(self, home: Household) -> None:
        self._leave(home.father, None)
        self._leave(home.mother, None)

    def _both_away_alone(self, home: Household) -> None:
        """An elder sister of fourteen keeps house."""
        self._both_away(home)
        sister = Adult(
            Relation.ELDER_SISTER,
            self.registry.name(home.surname, GIRLS),
            day_in_year(self.rng, self.term_first.year - 14),
            education=codes.Education.PRIMARY,
        )
        home.elders, home.carer, home.care_type, home.rating = [sister], sister, codes.CareType.SIBLING, "poor"

    def _aunt_cares(self, home: Household) -> None:
        self._both_away(home)
        aunt = Adult(
            Relation.AUNT_PATERNAL,
            self.registry.name(home.surname, WOMEN),
            day_in_year(self.rng, self.term_first.year - 38),
            phone=self.registry.phone(),
        )
        home.elders.append(aunt)
        home.carer, home.care_type = aunt, codes.CareType.KIN_FRIEND

    def _gone(self, adult: Adult, status: str) -> None:
        adult.status, adult.since, adult.phone = status, self._after_new_year(), ""
        adult.capacity = None

    # --- care ------------------------------------------------------------------------------------------------------

    def _care(self, home: Household) -> None:
        """Who looks after the child: a capable parent at home, else a grandparent; how well."""
        rng = self.rng
        if home.carer is None:
            at_home = [p for p in reversed(home.parents) if _stays(p) and p.capacity]
            if at_home:
                home.carer, home.care_type = at_home[0], codes.CareType.ONE_PARENT
            else:
                home.carer, home.care_type = home.elders[0], codes.CareType.GRANDPARENT
        if home.rating:
            return
        if not home.away_names:
            home.rating = "good" if home.case == "at_home" else "fair"
        elif home.care_type == codes.CareType.ONE_PARENT:
            home.rating = weighted(rng, (("good", 70), ("fair", 28), ("poor", 2)))
        else:
            weak = home.carer.health in ("chronic", "disabled")
            home.rating = weighted(
                rng, (("good", 20 if weak else 45), ("fair", 60 if weak else 50), ("poor", 14 if weak else 4))
            )


def _stays(adult: Adult) -> bool:
    return (adult.then[-1][0] if adult.then else adult.status) == Status.AT_HOME


def child_name(registry: Registry, surname: str, *, male: bool) -> str:
    return registry.name(surname, BOYS if male else GIRLS)
