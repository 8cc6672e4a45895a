"""What families agreed to: their last word on a matter counts (PIPL art. 15, 31)."""

from collections.abc import Collection
from typing import Any

from children.models import Consent


def agreed(purpose: Consent.Purpose, children: Collection[Any]) -> set[int]:
    """
    Of `children` (rows or ids), the ids of those whose family's last word on the purpose is a consent that stands.

    One statement. Who was never asked has not agreed.
    """
    last: dict[int, bool] = {}
    said = Consent.objects.filter(child__in=children, purpose=purpose).order_by("given_on", "pk")
    for child, refused, withdrawn_on in said.values_list("child", "refused", "withdrawn_on"):
        last[child] = not refused and withdrawn_on is None
    return {child for child, agrees in last.items() if agrees}
