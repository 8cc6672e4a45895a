"""The pupils with their families, written through the services of the register."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from caretrack.schools.models import SchoolClass
from children.models import Child, FamilyMember, Phone, PhoneState, codes
from children.services import decide_support_level, enrol, leave_school, set_care, set_parent_status
from reports.demo.clock import Calendar, TypedAt
from reports.demo.households import Adult, Household, Households, child_name
from reports.demo.names import RareNames
from reports.demo.people import Registry, draw, id_number, weighted
from reports.demo.texts import ALLERGIES, CONDUCT, HOBBIES, ILLNESSES, STUDY, TEMPER_NOTES, WATERS, WISHES
from reports.demo.township import Site

Kind = codes.ChangeKind
AT_HOME = codes.ParentStatus.AT_HOME


@dataclass
class Pupil:
    """A child of the demo with what the texts need to know of it."""

    child: Child
    home: Household
    school_class: SchoolClass
    grade: int
    came: date
    left: date | None = None
    level: str = codes.SupportLevel.GENERAL
    members: dict[int, FamilyMember] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """How teachers call a pupil: 宇航 of 欧阳宇航; a name of two characters or with a · is said whole."""
        given = self.child.name.removeprefix(self.home.surname)
        return self.child.name if "·" in given or len(given) < 2 else given

    @property
    def left_behind(self) -> bool:
        return bool(self.home.away_names)


class Families:
    """Fills the classes of all sites. `pupils` holds who is at school now, `gone` who has left."""

    def __init__(self, calendar: Calendar, registry: Registry, clock: TypedAt) -> None:
        self.calendar, self.registry, self.clock = calendar, registry, clock
        self.rng = draw("families")
        self.households = Households(self.rng, registry, calendar.term.first, _recent(calendar), calendar.today)
        self.pupils: list[Pupil] = []
        self.gone: list[Pupil] = []
        self.rare = RareNames()

    def fill(self, sites: list[Site]) -> None:
        """Every class of every site; who was in the last grade has left."""
        for site in sites:
            open_homes: list[Household] = []
            for school_class in site.classes:
                for number in range(1, self.rng.randrange(*_up_to(site.pupils_a_class)) + 1):
                    self.pupils.append(self._pupil(site, school_class, number, open_homes))
            for school_class in site.graduated:
                for number in range(1, self.rng.randrange(*_up_to(site.pupils_a_class)) - 1):
                    pupil = self._pupil(site, school_class, number, [])
                    self.leave(pupil, self.calendar.earlier.last, Kind.GRADUATE, site, "升入青榕镇初级中学")

    def _pupil(self, site: Site, school_class: SchoolClass, number: int, open_homes: list[Household]) -> Pupil:
        rng = self.rng
        grade = self.calendar.school_year - school_class.entry_year + 1
        home = next((h for h in open_homes if h.kids < 3 and all(abs(g - grade) > 1 for g in h.grades)), None)
        if home is None or rng.random() > 0.25:
            # The rarer cases are spread over the classes, not heaped in the first.
            home = self.households.make(rng.choice(site.villages), special=number in (3, 9))
            open_homes.append(home)
        elif home in open_homes:
            open_homes.remove(home)
        home.kids += 1
        home.grades.append(grade)
        male = rng.random() < 0.53
        if rare := self.rare.take(home, number):
            male = rare.male
        # Who is six on 1 September enters school.
        entry = date(school_class.entry_year, 9, 1)
        birth = entry - timedelta(days=round(365.25 * 6) + rng.randrange(10, 360))
        child = self._child(site, school_class, home, number, male=male, birth=birth)
        child.name = rare.name if rare else child.name
        self.clock.on(entry)
        child.save()
        came = entry
        kind = Kind.ENROL_NEW
        if number == 5 and grade in (3, 5):
            came, kind = self.calendar.term.first + timedelta(days=rng.randrange(9, 30)), Kind.IN_TRANSFER
            self.clock.on(came)
        elif number == 7 and grade == 2 and site.pupils_a_class[0] < 10:
            came, kind = min(self.calendar.term.first + timedelta(days=14), self.calendar.today), Kind.FOUND
            self.clock.on(came)
        enrol(child=child, school_class=school_class, on=came, by=site.registrar, kind=kind)
        pupil = Pupil(child, home, school_class, grade, came)
        self._family(site, pupil)
        return pupil

    def _child(
        self, site: Site, school_class: SchoolClass, home: Household, number: int, *, male: bool, birth: date
    ) -> Child:
        rng, registry = self.rng, self.registry
        number_known = rng.random() < 0.96
        id_no = id_number(birth, registry.next(), male=male) if number_known else ""
        near = rng.random()
        km = round(rng.uniform(*home.village.km), 1)
        boards = km > 4 and site.pupils_a_class[0] > 10 and rng.random() < 0.6
        ill = rng.random() < 0.05
        child = Child(
            name=child_name(registry, home.surname, male=male),
            sex=codes.Sex.MALE if male else codes.Sex.FEMALE,
            birth_date=birth,
            birth_lunar="八月十五" if number == 4 else "",
            ethnic=home.minority,
            id_type=codes.IdType.CARD if number_known else codes.IdType.OTHER,
            id_no=id_no,
            id_verified=number_known and rng.random() < 0.9,
            student_no=f"G{id_no}" if id_no and rng.random() < 0.98 else "",
            class_seq=f"{number:02}",
            hukou_registered=True,
            hukou_kind=codes.HukouKind.URBAN if home.urban else codes.HukouKind.RURAL,
            hukou_place=f"云禾县青榕镇{home.village.name}",
            address=home.address,
            village_group=home.group,
            school=site.school,
            enrolled_on=date(school_class.entry_year, 9, 1),
            boarding=codes.Boarding.BOARDER if boards else codes.Boarding.DAY,
            dorm_bed=f"{'男' if male else '女'}生宿舍{rng.randrange(1, 5)}0{rng.randrange(1, 7)}-{rng.randrange(1, 9)}" if boards else "",
            commute=weighted(rng, (("bus", 3), ("public", 2), ("family", 5))) if km > 2.5 else weighted(rng, (("walk", 6), ("family", 4), ("bike", 1))),
            commute_km=Decimal(str(km)),
            needs_bus=km > 3 and not boards and number % 4 == 2,
            study_level=rng.choice(STUDY),
            body_state=codes.BodyState.ILL if ill else codes.BodyState.HEALTHY,
            school_health=codes.SchoolHealth.CHRONIC if ill else codes.SchoolHealth.GOOD,
            illness=rng.choice(ILLNESSES) if ill else "",
            allergy=rng.choice(ALLERGIES) if rng.random() < 0.06 else "",
            blood_type=rng.choice(("A", "B", "O", "AB", "")),
            household_size=home.size,
            income_per_head=home.income,
            income_sources="打工、种养殖" if home.away_names else rng.choice(("种养殖", "打零工、种养殖", "小生意", "工资")),
            hardship=list(home.hardship),
            family_structure=home.structure,
            temper=weighted(rng, (("cheerful", 50), ("introvert", 28), ("wilful", 8), ("irritable", 5), ("soft", 9))),
            temper_note=rng.choice(TEMPER_NOTES) if rng.random() < 0.5 else "",
            hobbies=rng.choice(HOBBIES),
            conduct=rng.choice(CONDUCT) if rng.random() < 0.5 else "",
            wishes=rng.choice(WISHES) if home.away_names else "",
            alone_at_home=home.care_type in codes.UNCARED or None,
            water_on_way=rng.choice(WATERS) if home.village.name in ("大沙坝村", "石桥村") and near < 0.6 else "",
            neighbour_contact=f"{home.village.name}儿童主任 {registry.phone()}" if near < 0.8 else "",
            family_confirmed_on=self.calendar.term.first + timedelta(days=rng.randrange(3, 20)) if near < 0.95 else None,
        )  # fmt: skip
        if rng.random() < 0.07:  # dossiers that still lack something
            setattr(child, rng.choice(("ethnic", "commute", "boarding", "body_state", "student_no", "address")), "")
        # The database checks what must be unique; asking it first for every row would take as long as writing.
        child.full_clean(exclude=["change"], validate_unique=False, validate_constraints=False)
        return child

    # --- family ----------------------------------------------------------------------------------------------------

    def _family(self, site: Site, pupil: Pupil) -> None:
        home, child = pupil.home, pupil.child
        today, by = self.calendar.today, site.registrar
        carer: FamilyMember | None = None
        for adult in [*home.parents, *home.elders]:
            member = FamilyMember(
                child=child,
                name=adult.name,
                relation=adult.relation,
                birth_date=adult.birth,
                status=AT_HOME if adult in home.elders or adult.status == AT_HOME else codes.ParentStatus.UNKNOWN,
                work_place=adult.place,
                work_region=adult.region,
                work_unit=adult.unit,
                job=adult.job or ("务农" if adult.status == AT_HOME else ""),
                has_capacity=adult.capacity,
                incapacity_reason=adult.incapacity,
                education=adult.education,
                health=adult.health if adult.status != codes.ParentStatus.DECEASED else "",
                is_guardian=adult not in home.elders,
                address=home.address if adult.status == AT_HOME else "",
                contact_every=self.rng.choice(("每天", "每周两三次", "每周一次", "半个月一次")) if adult.away else "",
                returns_every=self.rng.choice(("春节回一次", "春节、暑假", "半年一次", "两年一次"))
                if adult.away
                else "",
            )
            member.full_clean(exclude=["change"], validate_unique=False, validate_constraints=False)
            member.save()
            if adult not in home.elders and adult.status != AT_HOME:
                self._parent(site, member, adult)
            if adult is home.carer:
                carer = member
            pupil.members[id(adult)] = member
        order = 0
        for adult in sorted([*home.parents, *home.elders], key=lambda a: a is not home.carer):
            if adult.phone:
                order += 1
                self._phone(pupil, adult, order)
        left = [p.since for p in home.parents if p.away and p.since]
        since = max([pupil.came, *left]) if left else pupil.came
        self.clock.on(since)
        if home.case == "aunt_cares":
            set_care(
                child=child, carer=pupil.members[id(home.elders[0])], care_type=codes.CareType.GRANDPARENT,
                on=pupil.came, by=by, rating="fair",
            )  # fmt: skip
            since = max(pupil.came, self.calendar.term.first) + timedelta(days=24)
        if self.rng.random() > 0.025 or not pupil.left_behind:
            set_care(
                child=child, carer=carer, care_type=home.care_type, on=min(since, today), by=by,
                rating=home.rating, reason="原照护人生病住院" if home.case == "aunt_cares" else "",
            )  # fmt: skip

    def _parent(self, site: Site, member: FamilyMember, adult: Adult) -> None:
        for status, since in [(adult.status, adult.since), *adult.then]:
            day = since or self.calendar.earlier.first
            self.clock.on(max(day, member.child.enrolled_on or day), late=self.rng.choice((0, 2, 5)))
            set_parent_status(
                member=member,
                status=status,
                since=None if status == AT_HOME and not adult.then else since,
                by=site.registrar,
                on=day,
                work_place=adult.place if status == codes.ParentStatus.AWAY_WORK else "",
            )

    def _phone(self, pupil: Pupil, adult: Adult, order: int) -> None:
        rng = self.rng
        verified = rng.random() < 0.83
        dead = not verified and rng.random() < 0.3
        Phone.objects.create(
            child=pupil.child,
            member=pupil.members[id(adult)],
            number=adult.phone,
            order=order,
            state=PhoneState.DEAD if dead else PhoneState.OK if verified else PhoneState.UNVERIFIED,
            verified_on=self.calendar.term.first + timedelta(days=rng.randrange(2, 25)) if verified else None,
        )

    def leave(self, pupil: Pupil, on: date, kind: str, site: Site, reason: str, evidence: str = "") -> None:
        """Off the roll with `on` as the last day; the pupil counts among those who are gone."""
        self.clock.on(on)
        leave_school(child=pupil.child, on=on, kind=kind, by=site.registrar, reason=reason, evidence=evidence)
        self.went(pupil, on)

    def went(self, pupil: Pupil, on: date) -> None:
        """Note that a pupil is no longer at one of the schools."""
        if pupil in self.pupils:
            self.pupils.remove(pupil)
        pupil.left = on
        self.gone.append(pupil)

    def decide_levels(self, sites: list[Site]) -> None:
        """A person decided on the level of every left-behind child that the rule pointed at."""
        leads = {site.school.pk: site.lead for site in sites}
        on = self.calendar.term.first + timedelta(days=10)
        if on > self.calendar.today:
            on = self.calendar.earlier.first + timedelta(days=10)
        for pupil in self.pupils:
            level, reason = _suggest(pupil, self.rng)
            if level == codes.SupportLevel.GENERAL:
                continue
            day = max(on, pupil.came)
            decide_support_level(
                child=pupil.child, level=level, reason=reason, on=day, by=leads[pupil.child.school_id],
                review_on=day + timedelta(days=60), suggested_by="依据照护情况和监护情况评估",
            )  # fmt: skip
            pupil.level = level


def _suggest(pupil: Pupil, rng: random.Random) -> tuple[str, str]:
    home = pupil.home
    if home.case == "both_away_alone":
        return codes.SupportLevel.EMERGENCY, "父母均在外地，由未成年的姐姐照看，夜间无成年人陪护"
    if home.case == "orphan_like":
        return codes.SupportLevel.KEY, "父亲去世、母亲失联，事实无人抚养，由祖辈照看"
    if not pupil.left_behind:
        return codes.SupportLevel.GENERAL, ""
    if home.rating == "poor":
        return codes.SupportLevel.KEY, "监护情况评估为差，照护人无力管教，学习和生活缺人照应"
    if home.case in ("mother_unable", "father_jailed_mother_away"):
        return codes.SupportLevel.KEY, "家中没有具备监护能力的父母，情绪波动较大"
    carer = home.carer
    old = carer is not None and carer.birth.year < 1960
    if home.rating == "fair" and (old or rng.random() < 0.3):
        return codes.SupportLevel.WATCH, "祖辈年纪大、有慢性病，学习上没人辅导" if old else "父母外出不久，孩子还不适应"
    return codes.SupportLevel.GENERAL, ""


def _up_to(bounds: tuple[int, int]) -> tuple[int, int]:
    return bounds[0], bounds[1] + 1


def _recent(calendar: Calendar) -> date:
    """A day of the last weeks on which somebody left: in the running month, never after today."""
    month = calendar.month()
    first = max(month.first, calendar.term.first)
    return min(first + timedelta(days=5), calendar.today)
