"""Letters home and what families proposed, as lines of the timeline."""

from collections.abc import Iterator
from datetime import date

from activities.models import HomeLetter, ParentPromise, Suggestion
from caretrack.access.policy import DataClass
from caretrack.schools.models import Staff
from children.models import Child
from children.timeline import TimelineItem, add_lines, pairs, register_source, stamp


def letters(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Letters with their slips."""
    rows = HomeLetter.objects.filter(child__in=children, on__range=(first, last)).select_related("text", "change")
    for letter in rows:
        details = pairs(("回执", letter.choice), ("收回日期", letter.returned_on))
        yield TimelineItem(
            letter.child_id, "home", letter.on, f"致家长的信：{letter.text.title}", details=details, **stamp(letter)
        )


def suggestions(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """What a family proposed, with the answer."""
    rows = Suggestion.objects.filter(child__in=children, on__range=(first, last)).select_related("change")
    for row in rows:
        details = pairs(("答复", row.answer), ("告知家长", row.told_on))
        title = f"家长建议：{row.get_about_display()}"
        yield TimelineItem(row.child_id, "home", row.on, title, row.text, details=details, **stamp(row))


def promises(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """What parents agreed to do themselves."""
    agreed = ParentPromise.objects.filter(child__in=children, agreed_on__range=(first, last)).select_related("change")
    for promise in agreed:
        yield TimelineItem(promise.child_id, "home", promise.agreed_on, "家长约定“五个一”", **stamp(promise))


def register() -> None:
    """Called once, when the app is ready."""
    register_source(
        "home", "家校联系", letters, data=DataClass.CONTACT, mark="envelope-heart", tables=[(HomeLetter, "child")]
    )
    add_lines("home", suggestions, tables=[(Suggestion, "child")])
    add_lines("home", promises, tables=[(ParentPromise, "child")])
