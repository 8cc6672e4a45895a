"""Where an open obligation is met: the form for its kind of evidence, filled as far as it is known."""

from datetime import date
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from activities.compliance.proofs import CLUB
from activities.compliance.rules import Obligation, Rule, Subject
from activities.kinds import SPECS
from activities.views.links import add_url


def record_kind(rule: Rule) -> str:
    """The kind of record that proves the item, the first by the order of the form; empty when none does."""
    return next((kind for kind in SPECS if kind in rule.kinds), "")


def entry_url(one: Obligation, child: int, here: str, today: date) -> str:
    """The form in which a child's obligation is met, with child, kind and day; empty where this person has none."""
    rule = one.rule
    kind = record_kind(rule)
    if kind:
        past = today > one.period.last
        return add_url(children=[child], kind=kind, next_page=here, on=one.period.days[-1] if past else "")
    if "goal" in rule.kinds:
        return f"{reverse('activities:goal_add', args=[child, rule.pk])}?{urlencode({'next': here})}"
    if "award" in rule.kinds:
        return reverse("children:awards_add", args=[child])
    if "home_return" in rule.kinds:
        return reverse("activities:homecoming_add", args=[child])
    if rule.subject == Subject.CHILD and CLUB in rule.kinds:
        return f"{reverse('activities:group_join', args=[child])}?{urlencode({'next': here})}"
    return _other_page(rule, child)


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
