"""
Which support level the rules suggest and why, in words; a person decides (domain §11.3, PIPL art. 24).

A higher level is suggested as soon as a rule gives it; a lower one only when the day has come to look at the decision
again, no rule gives the present level any longer, and no incident file about the child is open.

The sentences go into the decision and are read by whoever reads the child's care: of an incident they say that there
is a file and no more, of an individual plan that there is one and not why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from activities.alerts.facts import Known, known_of
from activities.alerts.findings import quiet, rules_by_school
from activities.alerts.rules import (
    MOST_QUIET,
    MOST_QUIET_URGENT,
    absence,
    all_rules,
    alone_young,
    first_minute,
    living_alone,
    night_missing,
    phone_stale,
    results_fall,
)
from activities.models import CareRules, Incident, IncidentChild
from children.models import Child, SupportDecision, codes

Level = codes.SupportLevel
RANK = {Level.GENERAL: 0, Level.WATCH: 1, Level.KEY: 2, Level.EMERGENCY: 3}
RHYTHM = {
    Level.EMERGENCY: "立即处置",
    Level.KEY: "每周谈心，每月家访，有帮扶计划",
    Level.WATCH: "两周谈心，每学期家访",
    Level.GENERAL: "按学校方案",
}
#: Days until a grave level is looked at again; for the others the school says (CareRules.review_days).
REVIEW_DAYS = {Level.EMERGENCY: 3, Level.KEY: 30}
KEY_GAP_DAYS = 30
HIGHER, LOWER = "level", "lower"
_URGENT = frozenset({Incident.Kind.MISSING, Incident.Kind.SELF_HARM, Incident.Kind.VIOLENCE, Incident.Kind.SEXUAL})
_GRAVE = frozenset({Incident.Kind.BULLYING, Incident.Kind.CRIME, Incident.Kind.UNCARED, Incident.Kind.DROPOUT})


def name_of(code: str) -> str:
    """What an answer was about, in words: the name of a warning, or the level that was suggested."""
    way, _, level = code.partition(":")
    if level in Level.values:
        return f"建议{'降' if way == LOWER else ''}为“{Level(level).label}”"
    return next((rule.name for rule in all_rules() if rule.code == code), code)


def review_day(level: str, on: date, rules: CareRules) -> date:
    """The day on which a level decided on `on` is usually looked at again."""
    return on + timedelta(days=REVIEW_DAYS.get(Level(level), rules.review_days))


@dataclass(frozen=True)
class Suggestion:
    """A level for a child with its reasons."""

    child_id: int
    current: str
    level: str
    reasons: tuple[str, ...]
    newest: datetime | None = None

    @property
    def words(self) -> str:
        return "".join(self.reasons)

    @property
    def label(self) -> str:
        return str(Level(self.level).label)

    @property
    def code(self) -> str:
        """Under which a refusal is kept."""
        return f"{LOWER if self.falls else HIGHER}:{self.level}"

    @property
    def most_quiet(self) -> timedelta:
        """How long a refusal may keep it away."""
        return MOST_QUIET_URGENT if self.level == Level.EMERGENCY else MOST_QUIET

    @property
    def rises(self) -> bool:
        return RANK[Level(self.level)] > RANK[Level(self.current)]

    @property
    def falls(self) -> bool:
        return RANK[Level(self.level)] < RANK[Level(self.current)]


def suggest(known: Known, on: date, rules: CareRules) -> Suggestion:
    """The highest level that a rule gives, with all the reasons of that level; 一般 without any."""
    reasons: dict[str, list[str]] = {Level.EMERGENCY: [], Level.KEY: [], Level.WATCH: []}
    for level, words in _reasons(known, on, rules):
        reasons[level].append(words)
    for level in (Level.EMERGENCY, Level.KEY, Level.WATCH):
        if reasons[level]:
            return Suggestion(known.child_id, known.level, level, tuple(reasons[level]), _newest(known, level))
    return Suggestion(known.child_id, known.level, Level.GENERAL, ())


def _newest(known: Known, level: str) -> datetime | None:
    """When something last happened that gives a level: a refusal from before says nothing about it."""
    happened = {
        Level.EMERGENCY: (known.night_at, known.incident_at),
        Level.KEY: (first_minute(known.absent_on), known.incident_at),
        Level.WATCH: (known.marks_at,),
    }[Level(level)]
    return max((at for at in happened if at is not None), default=None)


def _reasons(known: Known, on: date, rules: CareRules) -> Iterable[tuple[str, str]]:
    for ask in (alone_young, living_alone, night_missing):
        if words := ask(known, on, rules):
            yield Level.EMERGENCY, words
    if known.incidents & _URGENT:
        yield Level.EMERGENCY, "有未结案的严重事件（内容限知情人）。"
    if known.rating == codes.CareRating.POOR:
        yield Level.KEY, "监护情况评估为“差”。"
    if known.care_type in codes.UNCARED:
        yield Level.KEY, f"监护类型为“{codes.CareType(known.care_type).label}”。"
    if known.carer_excluded:
        yield Level.KEY, "照护人有不得委托的情形。"
    if known.carer_unable:
        yield Level.KEY, "照护人没有监护能力。"
    if known.unsupported:
        yield Level.KEY, "登记为事实无人抚养。"
    if known.ill:
        yield Level.KEY, "患重特大疾病或严重精神障碍。"
    if known.disabled:
        yield Level.KEY, "登记有残疾。"
    if known.dropout_open:
        yield Level.KEY, "有正在劝返的控辍个案。"
    elif words := absence(known, on, rules):
        yield Level.KEY, words
    if known.misconduct:
        yield Level.KEY, "有执行中的个别教育管理方案（内容限知情人）。"
    if known.incidents & _GRAVE:
        yield Level.KEY, "有未结案的事件（内容限知情人）。"
    # A school that keeps no log of calls would otherwise have every child here.
    since = known.since(known.family_on) if known.family_on else None
    if known.any_away and since is not None and (on - since).days >= KEY_GAP_DAYS:
        yield Level.KEY, f"已{(on - since).days}天没有亲子通话（电话、视频）或书信的记录。"
    if known.rating == codes.CareRating.FAIR:
        yield Level.WATCH, "监护情况评估为“一般”。"
    if known.away.both_away and known.care_type == codes.CareType.GRANDPARENT:
        if known.carer_age is not None and known.carer_age >= rules.carer_age:
            yield Level.WATCH, f"父母双方外出，祖辈照护人{known.carer_age}岁。"
        if known.carer_ill:
            yield Level.WATCH, "父母双方外出，祖辈照护人患慢性病或残疾。"
    if known.any_away and known.away_since and known.term_start and known.away_since >= known.term_start:
        yield Level.WATCH, "父母本学期刚外出。"
    if known.parted_on and known.term_start and known.parted_on >= known.term_start:
        yield Level.WATCH, "父母本学期离异，一方没有联系。"
    for ask in (results_fall, phone_stale):
        if words := ask(known, on, rules):
            yield Level.WATCH, words


def suggestions(children: "QuerySet[Child]", on: date) -> list[Suggestion]:
    """
    Levels higher than the present ones, the highest first, then lower ones where a review is due.

    Those that somebody refused stay quiet meanwhile. A fixed number of statements.
    """
    facts = known_of(children, on)
    limits = rules_by_school({known.school_id for known in facts})
    silent = quiet((known.child_id for known in facts), on)
    weighed = (suggest(known, on, limits[known.school_id]) for known in facts)
    found = [s for s in weighed if not silent.covers(s.child_id, s.code, s.newest)]
    rising = sorted((s for s in found if s.rises), key=lambda s: -RANK[Level(s.level)])
    return rising + lowered([s for s in found if s.falls], on)


def lowered(falling: Sequence[Suggestion], on: date) -> list[Suggestion]:
    """Of the lower levels those whose review is due on the day, with the reason in words; at most two statements."""
    ids = [s.child_id for s in falling]
    if not ids:
        return []
    # A file for named eyes only keeps the level up, and is not told of.
    open_files = IncidentChild.objects.filter(child__in=ids, incident__in=Incident.objects.real().open())
    kept = set(open_files.values_list("child", flat=True))
    decisions = SupportDecision.objects.filter(child__in=ids).order_by("on", "pk")
    review = dict(decisions.values_list("child", "review_on"))  # the last one stands
    return [
        replace(s, reasons=(_no_longer(s, day), *s.reasons))
        for s in falling
        if s.child_id not in kept and (day := review.get(s.child_id)) is not None and day <= on
    ]


def _no_longer(falling: Suggestion, review_on: date) -> str:
    day = f"{review_on.year}年{review_on.month}月{review_on.day}日"
    rest = "仍有以下情况：" if falling.reasons else "也没有要关注的情况。"
    return f"复核日期{day}已到，没有规则再支持“{Level(falling.current).label}”，{rest}"
