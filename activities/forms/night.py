"""Counting a room in the evening."""

from typing import Any

from django import forms

from activities.models import NightAbsence
from activities.night import Missing, Room
from caretrack.web.forms import CareForm

IN_BED = [("", "在"), *NightAbsence.Reason.choices]


class RoomForm(CareForm, forms.Form):
    """One line a boarder: in bed, or why not, and what the call said."""

    button = "保存查夜"
    wide = True

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = room
        known = {row.child_id: row for row in room.absences}
        for child in room.boarders:
            row = known.get(child.pk)
            self.fields[f"reason_{child.pk}"] = forms.ChoiceField(
                label=child.name, required=False, choices=IN_BED, initial=row.reason if row else ""
            )
            self.fields[f"called_{child.pk}"] = forms.ChoiceField(
                label=f"{child.name}：联系结果", required=False, choices=NightAbsence.Called.choices,
                initial=row.called if row else "",
            )  # fmt: skip
            self.fields[f"note_{child.pk}"] = forms.CharField(
                label=f"{child.name}：说明", required=False, max_length=200, initial=row.note if row else ""
            )
        self.dress()

    @property
    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        """(boarder, reason, call, note)."""
        return [
            (child, self[f"reason_{child.pk}"], self[f"called_{child.pk}"], self[f"note_{child.pk}"])
            for child in self.room.boarders
        ]

    def missing(self) -> dict[int, Missing]:
        """Who is not in bed."""
        given = self.cleaned_data
        return {
            child.pk: Missing(
                given[f"reason_{child.pk}"], given[f"called_{child.pk}"], given[f"note_{child.pk}"].strip()
            )
            for child in self.room.boarders
            if given[f"reason_{child.pk}"]
        }


class VerifyForm(CareForm, forms.Form):
    button = "登记核实结果"
    result = forms.CharField(label="核实结果", max_length=200, help_text="如：奶奶接回家，今早已到校。")
