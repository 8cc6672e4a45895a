"""What the workbench says about 评优."""

from datetime import date
from typing import Any

from activities.honours.waiting import waiting_for
from caretrack.access.policy import Act
from caretrack.web.workbench import Panel


def honours(staff: Any, today: date) -> Panel | None:
    """Rounds in which one is to nominate, decide, hang out the list or honour."""
    if not staff.may(Act.HONOUR_VIEW):
        return None
    rows = waiting_for(staff, today)
    return Panel("评优表彰", "activities/panels/honours.html", {"rows": rows}, side=True) if rows else None
