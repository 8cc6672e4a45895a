"""What lies in the dossiers besides the form: entrustments, siblings, 三特生, photos and papers."""

from datetime import date, timedelta

from children.files import keep_file
from children.models import CareArrangement, ChildFile, Consent, SpecialStanding, codes
from children.photos import keep_photo
from children.siblings import say_sibling
from reports.demo.clock import Calendar
from reports.demo.families import Pupil
from reports.demo.people import draw
from reports.demo.scans import painting, portrait, signed_page
from reports.demo.township import Site

Kind = ChildFile.Kind
GIFTS = (
    "绘画，作品多次在镇里展出",
    "唱山歌，校合唱队领唱",
    "短跑，校运会六十米第一名",
    "书法，每天练字半小时",
    "乒乓球，镇小学生赛第三名",
)
DISABLED = ("听力残疾三级，佩戴助听器，座位安排在前排", "肢体残疾四级，左腿行走不便，体育课做适应性活动")
# Days after the demo's today on which the first entrustments run out: one has, two will soon.
RUN_OUT = (-9, 11, 24)
# So many pupils have a photo, a painting, a signed paper: enough to look at, quick to draw.
PHOTOS, PAINTINGS = 10, 6


class Dossiers:
    """Written after the pairings, for who is at school now."""

    def __init__(self, calendar: Calendar, sites: list[Site], pupils: list[Pupil]) -> None:
        self.calendar, self.sites, self.pupils = calendar, sites, pupils
        self.rng = draw("dossiers")
        self.on = min(calendar.term.first + timedelta(days=12), calendar.today)

    def write(self) -> None:
        self._entrustments()
        self._siblings()
        self._special()
        self._photos()
        self._papers()

    def _site(self, pupil: Pupil) -> Site:
        return next(site for site in self.sites if site.school.pk == pupil.child.school_id)

    # --- entrustment -----------------------------------------------------------------------------------------------

    def _entrustments(self) -> None:
        """Parents who are both away entrust in writing (未保法 art. 22); most have, each for a year."""
        named = {p.child.pk: p for p in self.pupils if p.left_behind}
        rows = list(
            CareArrangement.objects.open()
            .filter(child__in=named)
            .exclude(care_type=codes.CareType.ONE_PARENT)
            .select_related("child")
            .order_by("pk")
        )
        for row in rows:
            row.excluded_checked_on = self.on
            row.entrusted = self.rng.random() < 0.82
            if row.entrusted:
                row.entrusted_on = max(self.on - timedelta(days=self.rng.randrange(0, 12)), row.starts_on or self.on)
                row.entrusted_until = row.entrusted_on + timedelta(days=364)
                row.school_told_on = row.entrusted_on + timedelta(days=2)
        signed = [row for row in rows if row.entrusted]
        for row, days in zip(signed, RUN_OUT, strict=False):
            row.entrusted_until = self.calendar.today + timedelta(days=days)
            row.entrusted_on = max(row.entrusted_until - timedelta(days=364), row.starts_on or date.min)
            row.school_told_on = row.entrusted_on + timedelta(days=3)
        fields = ("entrusted", "entrusted_on", "entrusted_until", "school_told_on", "excluded_checked_on")
        CareArrangement.objects.bulk_update(rows, fields, batch_size=200)
        for row in signed[:4]:
            pupil = named[row.child_id]
            for kind in (Kind.ENTRUSTMENT, Kind.NOTICE):
                keep_file(
                    child=pupil.child, file=signed_page(self.rng), kind=kind, title=str(kind.label), on=row.entrusted_on or self.on,
                    by=self._site(pupil).registrar, care=row,
                )  # fmt: skip

    # --- siblings and standings ------------------------------------------------------------------------------------

    def _siblings(self) -> None:
        """Most brothers and sisters are linked; every sixth pair waits as a proposal, for the shared phone."""
        homes: dict[int, list[Pupil]] = {}
        for pupil in self.pupils:
            homes.setdefault(id(pupil.home), []).append(pupil)
        pairs = [(kids[0], other) for kids in homes.values() for other in kids[1:]]
        for number, (first, second) in enumerate(pairs):
            if number % 6 == 5 or first.child.school_id != second.child.school_id:
                continue
            by = self._site(first).registrar
            say_sibling(child=first.child, other=second.child, confirmed=True, by=by, on=self.on)

    def _special(self) -> None:
        """三特生: 特困生 by what the family is recognised as, a few with a gift, two with a disability."""
        Group = codes.SpecialKind
        told: list[tuple[Pupil, str, str]] = []
        behind = [p for p in self.pupils if p.left_behind]
        told += [
            (pupil, Group.DISABLED, note) for pupil, note in zip((behind[14], self.pupils[163]), DISABLED, strict=True)
        ]
        for number, pupil in enumerate(self.pupils):
            if {"minimum", "unsupported", "extreme"} & set(pupil.child.hardship):
                told.append(
                    (pupil, Group.POOR, "低保家庭，由祖辈照顾" if pupil.left_behind else "低保家庭，收入以种养为主")
                )
            if number % 29 == 11:
                told.append((pupil, Group.GIFTED, self.rng.choice(GIFTS)))
        SpecialStanding.objects.bulk_create(
            SpecialStanding(
                child=p.child, kind=kind, note=note, starts_on=max(self.on, p.came),
                recorded_by=self._site(p).homeroom.get(p.school_class.pk),
            )
            for p, kind, note in told
        )  # fmt: skip

    # --- photos and papers -----------------------------------------------------------------------------------------

    def _photos(self) -> None:
        """Every family was asked; one in twelve would rather not. The first class has its photos."""
        asked = [p for p in self.pupils if p.home.carer]
        Consent.objects.bulk_create(
            Consent(
                child=p.child, purpose=Consent.Purpose.PHOTO, given_by=p.home.carer.name, relation=p.home.carer.relation,
                given_on=max(self.on, p.came), notice_version=f"{self.on.year}版", refused=number % 12 == 7,
            )
            for number, p in enumerate(asked)
            if p.home.carer
        )  # fmt: skip
        for number, pupil in enumerate(asked[:PHOTOS]):
            if number % 12 != 7:
                pupil.child.refresh_from_db()
                keep_photo(child=pupil.child, file=portrait(self.rng))

    def _papers(self) -> None:
        """Something of the twelve kinds in the dossiers of a few left-behind pupils."""
        behind = [p for p in self.pupils if p.left_behind]
        for number, pupil in enumerate(behind[:PAINTINGS]):
            by = self._site(pupil).homeroom[pupil.school_class.pk]
            on = min(self.on + timedelta(days=10 + number), self.calendar.today)
            keep_file(child=pupil.child, file=painting(self.rng), kind=Kind.WORK, title="绘画：我的一家", on=on, by=by)
            if number % 2 == 0:
                keep_file(
                    child=pupil.child, file=signed_page(self.rng), kind=Kind.INTRODUCTION, title="自我介绍", on=on, by=by
                )  # fmt: skip
