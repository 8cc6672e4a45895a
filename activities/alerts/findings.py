"""Which warnings stand today for some children, and what becomes of them when a person answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from activities.alerts.facts import Known, known_of
from activities.alerts.rules import MOST_QUIET, Rule, all_rules
from activities.models import AlertAnswer, CareRules
from caretrack.schools.models import School, Staff
from children.models import Child


@dataclass(frozen=True)
class Finding:
    """One warning about one child, in words."""

    child_id: int
    rule: Rule
    words: str


def rules_by_school(schools: Iterable[int]) -> dict[int, CareRules]:
    """School id → its thresholds, saved or the defaults, in one statement."""
    wanted = set(schools)
    saved = {rules.school_id: rules for rules in CareRules.objects.filter(school__in=wanted)}
    return {pk: saved.get(pk) or CareRules(school=School(pk=pk)) for pk in wanted}


@dataclass(frozen=True)
class Silence:
    """What somebody answered and when, as long as it holds: (child id, code) → the last answer."""

    answered: Mapping[tuple[int, str], datetime]

    def covers(self, child_id: int, code: str, newest: datetime | None) -> bool:
        """Whether that is not to be told again yet: it was answered, and has not happened again since (`newest`)."""
        at = self.answered.get((child_id, code))
        return at is not None and (newest is None or newest <= at)


def quiet(children: Iterable[int], on: date) -> Silence:
    """The warnings and suggestions about these children that were answered until `on` or later; one statement."""
    answers = AlertAnswer.objects.quiet_on(on).filter(child__in=list(children)).order_by("at")
    return Silence({(child, rule): at for child, rule, at in answers.values_list("child", "rule", "at")})


def standing(facts: Iterable[Known], on: date) -> list[Finding]:
    """The warnings that stand, the gravest first; those answered stay quiet as long as it was said."""
    listed = list(facts)
    limits = rules_by_school({known.school_id for known in listed})
    silent = quiet((known.child_id for known in listed), on)
    found = []
    for rule in all_rules():
        for known in listed:
            rules = limits[known.school_id]
            if rule.code in rules.off or silent.covers(known.child_id, rule.code, rule.newest(known)):
                continue
            if words := rule.ask(known, on, rules):
                found.append(Finding(known.child_id, rule, words))
    return found


def findings(children: "QuerySet[Child]", on: date) -> list[Finding]:
    """The warnings about `children` (already narrowed by `visible_to`), in a fixed number of statements."""
    return standing(known_of(children, on), on)


@transaction.atomic
def answer(
    *,
    child: Child,
    rule: str,
    told: str,
    state: str,
    reason: str,
    until: date,
    by: Staff,
    at: datetime,
    most: timedelta = MOST_QUIET,
) -> AlertAnswer:
    """
    Say that a warning was handled, or why it is not needed, and until when it stays quiet unless it happens again.

    Raises ValidationError without a reason, or for an end that has passed or is further away than `most`.
    """
    on = timezone.localdate(at)
    errors = {}
    if not reason.strip():
        errors["reason"] = "请写明做了什么，或为什么不需要处理。"
    if until < on:
        errors["until"] = "请选择今天或以后的日期。"
    elif until > on + most:
        last = on + most
        errors["until"] = f"最长可以停到{last.month}月{last.day}日，过后会再看一次。"
    if errors:
        raise ValidationError(errors)
    return AlertAnswer.objects.create(
        child=child, rule=rule, told=told[:200], state=state, reason=reason.strip(), until=until, on=on, at=at,
        by=by,
    )  # fmt: skip


@transaction.atomic
def ask_again(*, row: AlertAnswer, on: date) -> AlertAnswer:
    """End the quiet of an answer: the warning stands again from `on`, what was answered stays in the history."""
    current = AlertAnswer.objects.select_for_update().get(pk=row.pk)
    current.until = min(current.until, on - timedelta(days=1))
    current.save(update_fields=["until"])
    return current
