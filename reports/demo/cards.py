"""Contact cards as they lie about after a term: printed and handed out, some stale by now, some replaced."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from children.changes import change_phone
from children.models import Child, ContactCard
from reports.demo.clock import Calendar, TypedAt
from reports.demo.families import Pupil
from reports.demo.township import Site
from reports.printing import FOUR, THREE, hand_out, issue_cards

PRINTED_AFTER, CHANGED_AFTER, AGAIN_AFTER = timedelta(days=26), timedelta(days=40), timedelta(days=52)


class Cards:
    """Prints for whom a mentor answers, in two of the three schools; numbers that change make cards stale."""

    def __init__(self, calendar: Calendar, clock: TypedAt, sites: list[Site], pupils: list[Pupil]) -> None:
        self.calendar, self.clock, self.sites = calendar, clock, sites
        self.behind = [p for p in pupils if p.left_behind]

    def write(self) -> None:
        first = self.calendar.term.first
        printed = first + PRINTED_AFTER
        if printed > self.calendar.today:
            return
        centre, upper = self.sites[:2]
        for site in (centre, upper):
            own = [p.child.pk for p in self._of(site) if p.came <= printed]
            self._print(site, own, printed)
            in_use = ContactCard.objects.filter(child__in=own, replaced_on=None).order_by("child")
            hand_out(cards=in_use, holders=THREE, on=printed + timedelta(days=3))
            hand_out(cards=in_use[: len(own) // 2], holders=FOUR, on=printed + timedelta(days=5))
        called = [p for p in self._of(centre) if p.came <= printed][4:40:6]
        changed, again = first + CHANGED_AFTER, first + AGAIN_AFTER
        if again > self.calendar.today:
            return
        for number, pupil in enumerate(called):
            self._new_number(centre, pupil, f"138000091{number:02}", changed + timedelta(days=number))
        # Two have their new card; the old copies of one are still to be taken back.
        new = [p.child.pk for p in called[:2]]
        self._print(centre, new, again)
        hand_out(cards=ContactCard.objects.filter(child=new[0], replaced_on=None), holders=THREE, on=again)

    def _of(self, site: Site) -> list[Pupil]:
        return [p for p in self.behind if p.child.school_id == site.school.pk]

    def _print(self, site: Site, pks: list[int], on: date) -> None:
        children = Child.objects.filter(pk__in=pks).select_related("school", "school_class__school").order_by("pk")
        moment = timezone.make_aware(datetime.combine(on, time(15, 30)))
        issue_cards(children=children, by=site.registrar, on=on, at=moment)

    def _new_number(self, site: Site, pupil: Pupil, number: str, on: date) -> None:
        member = pupil.members.get(id(pupil.home.carer))
        if member is None:
            return
        self.clock.on(on)
        old = member.phones.order_by("order").first()
        change_phone(
            member=member, number=number, replaces=old, on=on, by=site.registrar, reason="换了号码", evidence="家长来电"
        )  # fmt: skip
