"""What a frozen census row keeps: the facts of that day as plain values, so that later edits change nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F

from caretrack.access.crypto import blind_index
from children.census import poverty
from children.left_behind import Definition, statuses
from children.models import AbsenceSpan, CareArrangement, Census, CensusRow, Child, FamilyMember, Phone, codes


def snapshots(ids: Sequence[int], on: date) -> dict[int, dict[str, Any]]:
    """
    Child id → what is known as of `on`: sex, boarding, each parent, who cares, how each definition counts.

    Phone numbers are kept as a fingerprint only: whether they changed is asked later, never what they were.
    """
    answers = statuses(list(ids), on)
    parents = _parents(ids, on)
    care = _care(ids, on)
    phones: dict[int, list[str]] = defaultdict(list)
    for child, number in Phone.objects.filter(child__in=ids).order_by("number").values_list("child", "number"):
        phones[child].append(number)
    found = {}
    for pk, name, sex, boarding, level in Child.objects.filter(pk__in=ids).values_list(
        "pk", "name", "sex", "boarding", "support_level"
    ):
        answer = answers[pk]
        found[pk] = {
            "name": name,
            "sex": sex,
            "boarding": boarding,
            "level": level,
            **parents.get(pk, {}),
            **care.get(pk, {}),
            "counts": {d.value: answer.away_parents(d) or int(answer.under(d)) for d in Definition},
            "away": (["father"] if answer.father_away else []) + (["mother"] if answer.mother_away else []),
            "unknown": list(answer.unknown),
            "contact": blind_index("/".join(phones[pk])) if phones.get(pk) else "",
        }
    return found


def facts_of_rows(census: Census, rows: Sequence[CensusRow]) -> dict[int, Mapping[str, Any]]:
    """Row id → the facts that the round tells of: the frozen ones once closed, the present ones before."""
    if census.closed_at is not None:
        return {row.pk: row.facts for row in rows}
    known = present_facts(census, [row.child_id for row in rows])
    return {row.pk: known[row.child_id] for row in rows}


def present_facts(census: Census, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Child id → what is known as of the cut-off day; in a round about poverty with the economy."""
    known = snapshots(ids, census.cut_off)
    if census.kind == Census.Kind.POVERTY:
        for child, economy in poverty.economies(ids).items():
            known[child]["economy"] = economy
    return known


def _parents(ids: Sequence[int], on: date) -> dict[int, dict[str, Any]]:
    spans: dict[int, AbsenceSpan] = {}
    for span in AbsenceSpan.objects.filter(member__child__in=ids, member__relation__in=codes.PARENTS):
        if (span.starts_on is None or span.starts_on <= on) and (span.ends_on is None or span.ends_on >= on):
            spans[span.member_id] = span
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    members = FamilyMember.objects.filter(child__in=ids, relation__in=codes.PARENTS).order_by("-relation")
    for member in members:
        side = "father" if member.relation in codes.FATHERS else "mother"
        if side in found[member.child_id] and member.status in codes.GONE:
            continue
        now = spans.get(member.pk)
        home = codes.ParentStatus.AT_HOME if member.status != codes.ParentStatus.UNKNOWN else member.status
        found[member.child_id][side] = {
            "status": now.status if now else home,
            "since": now.starts_on.isoformat() if now and now.starts_on else "",
            "place": (now.work_place or member.work_place) if now else "",
        }
    return found


def _care(ids: Sequence[int], on: date) -> dict[int, dict[str, Any]]:
    found = {}
    arranged = CareArrangement.objects.filter(child__in=ids).select_related("carer")
    # The latest holds; one whose beginning nobody knows was there before.
    for care in arranged.order_by(F("starts_on").asc(nulls_first=True), "pk"):
        if (care.starts_on is None or care.starts_on <= on) and (care.ends_on is None or care.ends_on >= on):
            carer = care.carer
            words = f"{carer.get_relation_display()} {carer.name}".strip() if carer else ""
            found[care.child_id] = {"carer": words, "care_type": care.care_type, "rating": care.rating}
    return found
