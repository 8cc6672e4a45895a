"""Which warnings stand today for some children, and what becomes of them when a person answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from activities.alerts.facts import Known, known_of
from activities.alerts.rules import Rule, all_rules
from activities.models import AlertAnswer, CareRules
from caretrack.schools.models import School, Staff
from children.models import Child

MOST_QUIET = timedelta(days=200)


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


def quiet(children: Iterable[int], on: date) -> set[tuple[int, str]]:
    """(child id, rule) of the warnings that somebody answered and that are not to be told again yet."""
    answers = AlertAnswer.objects.quiet_on(on).filter(child__in=list(children))
    return set(answers.values_list("child", "rule"))


def standing(facts: Iterable[Known], on: date) -> list[Finding]:
    """The warnings that stand, the gravest first; those answered stay quiet as long as it was said."""
    listed = list(facts)
    limits = rules_by_school({known.school_id for known in listed})
    silent = quiet((known.child_id for known in listed), on) if listed else set()
    found = []
    for rule in all_rules():
        for known in listed:
            rules = limits[known.school_id]
            if rule.code in rules.off or (known.child_id, rule.code) in silent:
                continue
            if words := rule.ask(known, on, rules):
                found.append(Finding(known.child_id, rule, words))
    return found


def findings(children: "QuerySet[Child]", on: date) -> list[Finding]:
    """The warnings about `children` (already narrowed by `visible_to`), in a fixed number of statements."""
    return standing(known_of(children, on), on)


@transaction.atomic
def answer(
    *, child: Child, rule: str, told: str, state: str, reason: str, until: date, by: Staff, on: date
) -> AlertAnswer:
    """
    Say that a warning was handled, or why it is not needed, and until when it stays quiet.

    Raises ValidationError without a reason, or for an end that has passed or is too far away to be meant.
    """
    errors = {}
    if not reason.strip():
        errors["reason"] = "请写明做了什么，或为什么不需要处理。"
    if until < on:
        errors["until"] = "请选择今天或以后的日期。"
    elif until > on + MOST_QUIET:
        errors["until"] = f"最长可以停 {MOST_QUIET.days} 天，过后会再看一次。"
    if errors:
        raise ValidationError(errors)
    return AlertAnswer.objects.create(
        child=child, rule=rule, told=told[:200], state=state, reason=reason.strip(), until=until, on=on, by=by
    )


@transaction.atomic
def ask_again(*, row: AlertAnswer, on: date) -> AlertAnswer:
    """End the quiet of an answer: the warning stands again from `on`, what was answered stays in the history."""
    current = AlertAnswer.objects.select_for_update().get(pk=row.pk)
    current.until = min(current.until, on - timedelta(days=1))
    current.save(update_fields=["until"])
    return current
