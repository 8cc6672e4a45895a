"""The kinds of entries about pupils that have a list: their names, pages, and who enters them."""

from dataclasses import dataclass
from typing import Any

from caretrack.access.policy import ACTS, Act, DataClass, Level, Role, roles_for
from caretrack.access.scopes import children_reached_by
from caretrack.web.addresses import address
from caretrack.web.components import Tab
from children.models import AidGrant, Award, BoardingTerm, BusRide, Child, HealthCheck, Result
from children.sight import Sight


@dataclass(frozen=True)
class Kind:
    """One kind. `own_data` are roles that enter it without the whole class of data: 仅本人相关."""

    slug: str
    title: str
    icon: str
    model: type[Any]
    data: DataClass
    view: Act
    edit: Act
    many: str
    own_data: frozenset[Role] = frozenset()
    excel: bool = True

    def url(self, page: str, *args: Any) -> str:
        """The address of one of its pages: list, many, export, add, edit, delete."""
        return address(f"children:{self.slug}_{page}", *args)

    @property
    def writers(self) -> frozenset[Role]:
        return ACTS[self.edit] & (roles_for(self.data, Level.WRITE) | self.own_data)

    def writable(self, staff: Any) -> Any:
        """The children about whom `staff` may enter this."""
        return Child.objects.visible_to(staff).filter(children_reached_by(staff, self.writers))

    def may_write(self, sight: Sight) -> bool:
        """Whether the roles that reach one child may enter this about it."""
        return not self.writers.isdisjoint(sight.roles)

    def may_change(self, sight: Sight, row: Any, staff: Any) -> bool:
        """Whether one row may be changed: a role with only its own data changes what this person entered."""
        whole = not (self.writers - self.own_data).isdisjoint(sight.roles)
        return whole or (self.may_write(sight) and getattr(row, "entered_by_id", None) == staff.pk)


HEALTH = Kind(
    "health", "健康检查", "heart-pulse", HealthCheck, DataClass.HEALTH, Act.HEALTH_VIEW, Act.HEALTH_EDIT, "全班体检登记"
)
RESULTS = Kind(
    "results", "学习成绩", "journal-check", Result, DataClass.CARE, Act.RESULT_VIEW, Act.RESULT_EDIT, "按班登记成绩",
    own_data=frozenset({Role.TEACHER}),
)  # fmt: skip
AID = Kind("aid", "资助", "cash-coin", AidGrant, DataClass.ECONOMY, Act.AID_VIEW, Act.AID_EDIT, "一次登记多人")
AWARDS = Kind("awards", "奖励", "award", Award, DataClass.IDENTITY, Act.AWARD_VIEW, Act.AWARD_EDIT, "一次登记多人")
BUS = Kind("bus", "乘车", "bus-front", BusRide, DataClass.CONTACT, Act.BUS_VIEW, Act.BUS_EDIT, "登记乘车学生")
BOARDING = Kind(
    "boarding", "寄宿", "house", BoardingTerm, DataClass.IDENTITY, Act.BOARDING_VIEW, Act.BOARDING_EDIT, "全班床位登记",
)  # fmt: skip
KINDS = {kind.slug: kind for kind in (HEALTH, RESULTS, AID, AWARDS, BUS, BOARDING)}


def kind_tabs(staff: Any, here: str = "") -> list[Tab]:
    """The lists that a person may open, beside each other."""
    return [Tab(kind.title, kind.url("list"), kind.slug == here) for kind in KINDS.values() if staff.may(kind.view)]
