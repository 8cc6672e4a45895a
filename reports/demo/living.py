"""Beds, seats on the bus and results: what a school keeps lists of, with the gaps that a list is there to show."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from caretrack.schools.models import Staff, Term
from children.life.boarding import write_stays
from children.models import BoardingTerm, BusRide, BusRoute, Result, codes
from reports.demo.clock import Calendar
from reports.demo.families import Pupil
from reports.demo.people import draw, weighted
from reports.demo.township import Site

Vehicle, Rating = BusRoute.Vehicle, BoardingTerm.Rating
BEDS_A_ROOM = 6
STAY_WORDS = {
    Rating.GOOD: ("内务整齐，按时就寝，能照顾同屋的小同学。", "生活自理能力强，被评为文明寝室成员。"),
    Rating.FAIR: ("作息规律，偶尔忘记叠被子。", "与同学相处融洽，洗衣还要提醒。"),
    Rating.PLAIN: ("熄灯后有时说话，经提醒能改正。", "内务要老师督促。"),
    Rating.CARE: ("夜里想家哭过几次，生活老师多陪伴，已与父母约定每晚通话。",),
}
# Direction, village, vehicle, plate, seats, driver, phone, attendant.
ROUTES = (
    ("渡口—大沙坝—学校", "大沙坝村", Vehicle.LICENSED, "云A·0001学", 19, "黎师傅", "13900009901", "甘有福"),
    ("上湾—白泥塘—学校", "白泥塘村", Vehicle.LICENSED, "云A·0002学", 7, "苏师傅", "13900009903", "石磊"),
    ("竹林湾—学校（村民自租）", "竹林湾村", Vehicle.UNLICENSED, "", None, "梁某", "13900009902", ""),
)
VILLAGE_ROUTE = ("水口—茶山—上坪小学", "上坪村", Vehicle.COACH, "云A·00215", 14, "农师傅", "13900009904", "")


class Living:
    """Boarding, transport and results of all sites."""

    def __init__(self, calendar: Calendar, sites: list[Site], pupils: list[Pupil]) -> None:
        self.calendar, self.sites, self.pupils = calendar, sites, pupils
        self.rng = draw("living")

    def write(self) -> None:
        for site in self.sites:
            own = [p for p in self.pupils if p.child.school_id == site.school.pk]
            self._results(site, own)
        centre, upper = self.sites[:2]
        self._boarding(centre)
        for route in ROUTES:
            self._route(centre, route)
        self._route(upper, VILLAGE_ROUTE)

    # --- boarding --------------------------------------------------------------------------------------------------

    def _boarding(self, site: Site) -> None:
        """Rooms of six by sex and grade. One boy has no bed yet, two girls were given the same, two lack a keeper."""
        keepers = {codes.Sex.MALE: site.teachers[-1], codes.Sex.FEMALE: site.teachers[1]}
        now: list[BoardingTerm] = []
        for sex, house in ((codes.Sex.MALE, "男生宿舍"), (codes.Sex.FEMALE, "女生宿舍")):
            boarders = [
                p
                for p in self.pupils
                if p.child.school_id == site.school.pk and p.child.boarding == codes.Boarding.BOARDER and p.child.sex == sex
            ]  # fmt: skip
            boarders.sort(key=lambda p: (p.grade, p.child.pk))
            beds = [f"{house}{101 + place // BEDS_A_ROOM}-{place % BEDS_A_ROOM + 1}" for place in range(len(boarders))]
            before = [
                self._stay(pupil, site.earlier, bed, keepers[sex], told=True)
                for pupil, bed in zip(boarders, beds, strict=True)
                if pupil.came <= self.calendar.earlier.first
            ]
            write_stays(before, [], (), present=False)
            if sex == codes.Sex.MALE:
                beds[-1] = ""
            elif len(beds) > 1:
                beds[-1] = beds[-2]
            now += [
                self._stay(pupil, site.term, bed, keepers[sex] if place < len(beds) - 1 else None, told=False)
                for place, (pupil, bed) in enumerate(zip(boarders, beds, strict=True))
            ]
        write_stays(now, [], (), present=True)

    def _stay(self, pupil: Pupil, term: Term, bed: str, keeper: Staff | None, *, told: bool) -> BoardingTerm:
        stay = BoardingTerm(child=pupil.child, term=term, bed=bed, since=term.starts_on, keeper=keeper)
        if told:
            stay.rating = weighted(
                self.rng, ((Rating.GOOD, 40), (Rating.FAIR, 38), (Rating.PLAIN, 16), (Rating.CARE, 6))
            )
            stay.comment = self.rng.choice(STAY_WORDS[Rating(stay.rating)])
        return stay

    # --- transport -------------------------------------------------------------------------------------------------

    def _route(self, site: Site, facts: tuple[str, str, BusRoute.Vehicle, str, int | None, str, str, str]) -> None:
        """A route with those who come by bus from its village; who comes from elsewhere waits for a seat."""
        direction, village, vehicle, plate, seats, driver, phone, attendant = facts
        route = BusRoute.objects.create(
            school=site.school, direction=direction, vehicle=vehicle, plate=plate, capacity=seats, driver_name=driver,
            driver_phone=phone, attendant=attendant,
        )  # fmt: skip
        first = self.calendar.term.first
        BusRide.objects.bulk_create(
            BusRide(
                child=p.child, route=route, stop=f"{village}{p.home.group}路口",
                met_by=p.home.carer.name if p.home.carer else "", starts_on=max(p.came, first),
            )
            for p in self.pupils
            if p.child.school_id == site.school.pk and p.home.village.name == village and self._rides(p)
        )  # fmt: skip

    def _rides(self, pupil: Pupil) -> bool:
        return pupil.child.commute == codes.Commute.SCHOOL_BUS and pupil.child.boarding != codes.Boarding.BOARDER

    # --- results ---------------------------------------------------------------------------------------------------

    def _results(self, site: Site, pupils: list[Pupil]) -> None:
        """期中 and 期末 of the term before, 期中 of this one: levels in the first two grades, marks above."""
        occasions = [(site.earlier, "期中"), (site.earlier, "期末")]
        if self.calendar.until >= self.calendar.term.first + timedelta(days=70):
            occasions.append((site.term, "期中"))
        able: dict[int, float] = defaultdict(lambda: self.rng.gauss(79, 10))
        rows = []
        for term, occasion in occasions:
            for pupil in pupils:
                if pupil.came > term.starts_on + timedelta(days=60):
                    continue
                for subject in ("语文", "数学") if pupil.grade < 4 else ("语文", "数学", "英语"):
                    mark = min(max(able[pupil.child.pk] + self.rng.gauss(0, 6), 38), 99)
                    result = Result(
                        child=pupil.child, term=term, subject=subject, occasion=occasion,
                        entered_by=site.homeroom.get(pupil.school_class.pk),
                    )  # fmt: skip
                    if pupil.grade < 3:
                        result.level = (
                            "优" if mark >= 85 else "良" if mark >= 70 else "合格" if mark >= 60 else "待合格"
                        )
                    else:
                        result.mark = Decimal(round(mark * 2)) / 2
                    rows.append(result)
        Result.objects.bulk_create(rows, batch_size=500)
