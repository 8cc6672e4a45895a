"""The receipts of dossiers that went to a school outside together."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from caretrack.web.forms import Side
from children.forms.acts import not_future
from children.forms.life.grid import GridForm
from children.models import Child, Transfer

SETTLED = "这份档案的移交已经办结，请取消勾选。"
LONGEST = 200


class ReceiptGrid(GridForm):
    """A line for each dossier of a batch: whose receipt came back, and what it says of this one alone."""

    model = Transfer
    ticks = "收到"
    shared = ("on", "received_by", "note")
    columns = ("receipt_note",)
    button = "登记回执"
    on = forms.DateField(label="回执上的接收日期")
    received_by = forms.CharField(label="对方接收人", max_length=50)
    note = forms.CharField(
        label="说明", required=False, max_length=LONGEST, help_text="对所有勾选的人相同，如：材料齐全，编入七（2）班。"
    )

    def __init__(self, *args: Any, transfers: Sequence[Transfer], initial: Any = None, today: date, **kw: Any) -> None:
        self.transfers = {transfer.child_id: transfer for transfer in transfers}
        children = [transfer.child for transfer in transfers]
        super().__init__(*args, children=children, today=today, initial={"on": today, **(initial or {})}, **kw)

    @classmethod
    def cell(cls, name: str) -> forms.Field:
        return forms.CharField(label="个别说明", required=False, max_length=LONGEST)

    def layout(self) -> list[Any]:
        return [Side("on", "received_by"), "note"]

    def note_of(self, child: Child) -> str:
        return self.transfers[child.pk].letter_no

    def clean(self) -> dict[str, Any]:
        not_future(self, "on")
        return super().clean()

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        if not self.transfers[child.pk].is_open:
            self.refuse_row(child, SETTLED)
        elif len(self._note(values)) > LONGEST:
            self.add_error(f"receipt_note_{child.pk}", f"和上面的说明合起来不能超过{LONGEST}个字。")

    def _note(self, values: dict[str, Any]) -> str:
        return "；".join(filter(None, [self.cleaned_data.get("note"), values["receipt_note"]]))

    def new_row(self, child: Child, values: dict[str, Any]) -> tuple[Transfer, str]:
        """The hand-over whose receipt came back, and what its receipt says."""
        return self.transfers[child.pk], self._note(values)
