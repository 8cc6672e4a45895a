"""What becomes of one row: the line of the preview, of the stored plan and of the shell's answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from children.importing.edits import Change
from children.importing.questions import Choice


class Status(StrEnum):
    """How a row stands to the register."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DECIDE = "decide"
    WAITING = "waiting"
    REJECTED = "rejected"

    @property
    def heading(self) -> str:
        """The heading of its part of the preview."""
        return _TITLES[self]

    @property
    def writes(self) -> bool:
        """True if confirming the plan writes the row."""
        return self in (Status.NEW, Status.CHANGED)

    @property
    def is_taken(self) -> bool:
        """True if the row is not left out: it is written, or says what is stored already."""
        return self.writes or self is Status.SAME


_TITLES = {
    Status.NEW: "新学生",
    Status.CHANGED: "有变化",
    Status.SAME: "无变化",
    Status.DECIDE: "请您确认",
    Status.WAITING: "等待补充",
    Status.REJECTED: "不能导入",
}


@dataclass(slots=True)
class Outcome:
    """The fate of one row. ``key`` names the question of a row that a person must decide."""

    sheet: str | None
    row: int
    name: str
    status: Status
    child: int | None = None
    class_name: str = ""
    message: str = ""
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    key: str = ""
    choices: tuple[Choice, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the stored plan: JSON writes it as the same text if the same plan is made again."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "name": self.name,
            "status": self.status.value,
            "child": self.child,
            "class": self.class_name,
            "message": self.message,
            "changes": self.changes,
            "notes": self.notes,
            "key": self.key,
            "choices": [(choice.value, choice.label) for choice in self.choices],
        }

    def is_as_stored(self, stored: Mapping[str, Any] | None) -> bool:
        """True if a stored plan says the same of the row."""
        if stored is None:
            return False
        listed = {name: [tuple(one) for one in stored[name]] for name in ("changes", "choices")}
        return {**stored, **listed} == self.as_json()
