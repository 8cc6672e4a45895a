"""Where a child lives, as far as a list needs it: the village (村、社区) that an address names."""

import re

from children.models import Child

_VILLAGE = re.compile(r"([^\s省市县区镇乡]{1,12}?(?:村|社区|居委会))")


def village_in(*texts: str) -> str:
    """The village that the first of the texts to name one names; empty if none does."""
    for text in texts:
        if found := _VILLAGE.search(text or ""):
            return found.group(1)
    return ""


def village_of(child: Child) -> str:
    """The village that the child's group, address or place of registration names; empty if none does."""
    return village_in(child.village_group, child.address, child.hukou_place)
