"""The tabs that join the pages of pairing."""

from typing import Any

from django.urls import reverse

from caretrack.access.policy import Act
from caretrack.web.components import Tab

PAGES = (
    ("工作台", "board", Act.PAIRING_VIEW),
    ("结对名册", "pairing_list", Act.PAIRING_VIEW),
    ("代理家长", "mentor_list", Act.PAIRING_VIEW),
    ("结对方案", "plan_list", Act.PAIRING_EDIT),
    ("领导包干", "charge_list", Act.PAIRING_EDIT),
    ("同伴结对", "peer_list", Act.PAIRING_VIEW),
)


def tabs(active: str, staff: Any) -> list[Tab]:
    """The pages of pairing that this person may open; `active` is the name of the one shown."""
    return [Tab(label, reverse(f"mentoring:{name}"), name == active) for label, name, act in PAGES if staff.may(act)]
