"""Where an open obligation is met: the form for its kind of evidence, filled as far as it is known."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from activities.compliance.proofs import CLUB
from activities.compliance.rules import Obligation, Rule, Subject
from activities.kinds import SPECS
from activities.models import Kind
from activities.views.links import add_url
from caretrack.access.policy import Act, DataClass
from children.sight import Sight, sights


def record_kind(rule: Rule) -> str:
    """The kind of record that proves the item, the first by the order of the form; empty when none does."""
    return next((kind for kind in SPECS if kind in rule.kinds), "")


@dataclass(frozen=True)
class _Right:
    """What somebody needs to enter a kind of evidence about a child, and who enters it otherwise."""

    held: Callable[[Sight], bool]
    by_whom: str


#: By the table of the evidence; whoever answers for a child may enter what is not named here.
RIGHTS = {
    "award": _Right(lambda sight: sight.may(Act.AWARD_EDIT), "奖励由班主任、德育主任登记"),
    "home_return": _Right(
        lambda sight: sight.may(Act.EVENT_EDIT) and sight.writes(DataClass.CONTACT), "返乡由班主任登记"
    ),
    "meeting": _Right(lambda sight: sight.may(Act.EVENT_EDIT), "会议由班主任、德育主任登记"),
    "activity": _Right(lambda sight: sight.may(Act.EVENT_EDIT), "活动由班主任、德育主任登记"),
    "pairing": _Right(lambda sight: sight.may(Act.PAIRING_EDIT), "代理家长由德育主任、校长安排"),
    "peer": _Right(lambda sight: sight.may(Act.PEER_EDIT), "结对同学由班主任安排"),
}


@dataclass(frozen=True)
class Entries:
    """The forms in which `staff` meets what is open for `children`, as one page needs them; they lead back to `here`."""

    staff: Any
    children: Collection[int]
    here: str
    today: date

    @cached_property
    def _sights(self) -> dict[int, Sight]:
        return sights(self.staff, self.children)

    def url(self, one: Obligation, child: int) -> str:
        """The form for an obligation, with child, kind and day; empty where this person has none."""
        rule, back = one.rule, urlencode({"next": self.here})
        if kind := record_kind(rule):
            period, past = one.period, self.today > one.period.last
            given: dict[str, Any] = {"on": period.days[-1] if past else ""}
            if kind == Kind.LETTER:
                given |= {"occasion": period.occasion, "whom": period.elder.words if period.elder else ""}
            return add_url(children=[child], kind=kind, next_page=self.here, **given)
        if "goal" in rule.kinds:
            return f"{reverse('activities:goal_add', args=[child, rule.pk])}?{back}"
        if self.by_whom(one, child):
            return ""
        if "award" in rule.kinds:
            return reverse("children:awards_add", args=[child])
        if "home_return" in rule.kinds:
            return reverse("activities:homecoming_add", args=[child])
        if _is_club(rule):
            return f"{reverse('activities:group_join', args=[child])}?{back}"
        return _other_page(rule, child)

    def by_whom(self, one: Obligation, child: int) -> str:
        """Who else enters what meets the obligation, where this person may not; empty where it is this person's."""
        right = None if record_kind(one.rule) or _is_club(one.rule) else RIGHTS.get(_table(one.rule))
        return "" if right is None or right.held(self._sights[child]) else right.by_whom


def _is_club(rule: Rule) -> bool:
    """Whoever may put nobody into a group is told there whom to ask."""
    return rule.subject == Subject.CHILD and CLUB in rule.kinds


def _table(rule: Rule) -> str:
    first = next((name for name in ("goal", "award", "home_return") if name in rule.kinds), "")
    return first or min(rule.kinds, default="").partition(":")[0]


def unit_url(rule: Rule) -> str:
    """The form in which an obligation of a class or of the school is met."""
    kind = record_kind(rule)
    return add_url(kind=kind) if kind else _other_page(rule, 0)


def proof_url(rule: Rule) -> str:
    """The list in which everybody may read what proves an item of the school; empty where there is none."""
    tables = {evidence.partition(":")[0] for evidence in rule.kinds}
    names = {"meeting": "activities:meeting_list", "activity": "activities:event_list"}
    return next((reverse(names[table]) for table in sorted(tables) if table in names), "")


def _other_page(rule: Rule, child: int) -> str:
    """Pages of meetings, activities, groups and pairings, as far as they exist."""
    evidence = min(rule.kinds, default="")
    table, _, kind = evidence.partition(":")
    names = {
        "meeting": ("activities:meeting_add", f"?kind={kind}"),
        "activity": ("activities:event_add", f"?kind={kind}"),
        "pairing": ("mentoring:pairing_add", f"?child={child}" if child else ""),
        "peer": ("mentoring:peer_add", f"?child={child}" if child else ""),
        "care_home": ("activities:care_home", ""),
    }
    name, query = names.get(table, ("", ""))
    try:
        return reverse(name) + query if name else ""
    except NoReverseMatch:
        return ""
