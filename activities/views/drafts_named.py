"""Of whom unfinished records and worries are: their forms are opened without a child."""

from collections.abc import Sequence
from typing import Any

from caretrack.web.drafts import named_by
from caretrack.web.models import Draft
from caretrack.web.numbers import numbers
from children.models import Child

#: Under which key a record is begun that is for no child in particular yet.
MANY = "record:children"
#: A worry begun on a child's dossier, and one begun from the menu, which goes by its page.
WORRY_OF, WORRY_PAGE = "worry:child:", "/worries/add/"
SHOWN = 2
LONGEST = 20


@named_by
def records(staff: Any, drafts: Sequence[Draft]) -> dict[int, str]:
    """李小兰、王小明等3人: who is ticked, as far as this person sees them."""
    ticked = {draft.pk: numbers(draft.fields.get("children", ())) for draft in drafts if draft.key == MANY}
    asked = {pk for chosen in ticked.values() for pk in chosen}
    seen = Child.objects.visible_to(staff).filter(pk__in=asked).values_list("pk", "name") if asked else ()
    names = dict(seen)
    told = {}
    for draft, chosen in ticked.items():
        known = [names[pk] for pk in chosen if pk in names]
        more = f"等{len(chosen)}人" if known and len(chosen) > min(len(known), SHOWN) else ""
        told[draft] = "、".join(known[:SHOWN]) + more if known else "还没选学生"
    return told


@named_by
def worries(staff: Any, drafts: Sequence[Draft]) -> dict[int, str]:
    """About whom it was begun, in the writer's own words."""
    found = (draft for draft in drafts if draft.key.startswith(WORRY_OF) or draft.key.endswith(WORRY_PAGE))
    return {draft.pk: "".join(draft.fields.get("who", ())).strip()[:LONGEST] or "没写是谁" for draft in found}
