"""Who is in a round: the roll of the cut-off day, as far as the register knows it now (domain §5.2)."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from children.census import poverty
from children.models import Census, CensusRow, Enrollment

Answer, Review = CensusRow.Answer, CensusRow.Review


def asked_about(census: Census) -> QuerySet[Enrollment]:
    """
    Every pupil on the roll of the cut-off day, with the class of that day.

    A round about poverty asks only about those known to be poor and those of whose economy nothing is known.
    """
    enrolled = Enrollment.objects.filter(school=census.school_id).on(census.cut_off)
    if census.kind == Census.Kind.POVERTY:
        enrolled = enrolled.filter(child__in=poverty.to_ask(census.cut_off).order_by().values("pk"))
    return enrolled


def latecomers(census: Census, classes: set[int] | None = None) -> QuerySet[Enrollment]:
    """
    Pupils of the cut-off day whom the register learnt of after the round was opened; nobody once it is closed.

    With `classes` only those who were or are in one of them.
    """
    if census.closed_at is not None:
        return Enrollment.objects.none()
    listed = CensusRow.objects.filter(census=census, child=OuterRef("child"))
    late = asked_about(census).filter(~Exists(listed))
    return late if classes is None else late.filter(Q(school_class__in=classes) | Q(child__school_class__in=classes))


@transaction.atomic
def take_in(census: Census, classes: set[int] | None = None) -> int:
    """Put the latecomers into the round, open; returns how many. Nobody once it is closed."""
    census = Census.objects.select_for_update().get(pk=census.pk)
    places = latecomers(census, classes).order_by("pk").values_list("child_id", "school_class_id")
    return len(enter(census, places))


def enter(census: Census, places: "QuerySet[Enrollment, tuple[int, int]]") -> list[CensusRow]:
    """A row for each child and its class."""
    rows = [CensusRow(census=census, child_id=child, school_class_id=place) for child, place in places]
    return list(CensusRow.objects.bulk_create(rows, batch_size=500))


def as_of_the_day(census: Census) -> None:
    """
    Make the round agree with the roll of the cut-off day, before it is frozen: latecomers come in, each pupil stands in
    the class of that day, and who was not at school that day is gone unless somebody has answered.
    """
    take_in(census)
    on_roll = Enrollment.objects.filter(school=census.school_id).on(census.cut_off)
    that_day = on_roll.filter(child=OuterRef("child"))
    elsewhere = census.rows.filter(Exists(that_day.exclude(school_class=OuterRef("school_class"))))
    elsewhere.update(school_class=Subquery(that_day.values("school_class")[:1]))
    census.rows.filter(answer=Answer.OPEN, review=Review.NONE).exclude(child__in=on_roll.values("child")).delete()
