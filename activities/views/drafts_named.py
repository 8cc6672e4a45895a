"""Of whom unfinished records and worries are: their forms are opened without a child."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from caretrack.web.drafts import named_by, page_key
from caretrack.web.models import Draft
from caretrack.web.numbers import numbers
from children.models import Child

#: Under which key a record is begun that is for no child in particular yet.
MANY = "record:children"
#: How the key of a worry begins that is begun on a child's dossier; one from the menu goes by its page.
WORRY_OF = "worry:child:"
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
    from_menu = page_key(reverse("activities:worry_add"))
    found = (draft for draft in drafts if draft.key == from_menu or draft.key.startswith(WORRY_OF))
    return {draft.pk: "".join(draft.fields.get("who", ())).strip()[:LONGEST] or "没写是谁" for draft in found}
