"""结对工作台: children without 代理家长 beside the mentors with room; assign one, many, or as proposed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from activities.picking import classes_of
from activities.queries import cared_for
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level, roles_for
from caretrack.web.lists import FilteredListView
from children.models import Child
from children.sight import sights
from mentoring.assigning import pair_as_shown, pair_several
from mentoring.board_rows import lines, villages, waiting
from mentoring.candidates import propose
from mentoring.forms.board import KEY, SUGGESTED, BoardFilter, BoardForm, scope
from mentoring.hearing import unheard
from mentoring.models import Mentor, Pairing
from mentoring.queries import unpaired
from mentoring.standing import by_room, key_without_mentor, standings
from mentoring.suggesting import Proposal
from mentoring.views.reach import mentors_of, reached, takers_for, warn_of_load
from mentoring.views.tabs import tabs

MENTORS_SHOWN = 15


@allows(Act.PAIRING_VIEW)
class Board(FilteredListView):
    """Who waits for a 代理家长, key support first, and who has room."""

    heading = "结对工作台"
    lead = "还没有代理家长的学生，重点和紧急的在前；一名学生一位代理家长。"
    template_name = "mentoring/board.html"
    rows_template = "mentoring/_board_rows.html"
    unit = "人"
    empty_text = "留守和重点学生都有代理家长。"
    empty_hint = "其他学生也要结对时，把范围换成“全部在校学生”。"
    form: BoardForm | None = None

    def get_filter(self) -> BoardFilter:
        staff, today = self.request.user, timezone.localdate()
        self.seen = reached(staff, Act.PAIRING_VIEW)
        self.free = waiting(self.seen, today)
        self.cared = cared_for(self.seen)
        return BoardFilter(
            self.request.GET,
            staff=staff,
            classes=classes_of(self.seen, today),
            villages=villages(scope(self.free, self._who(), self.cared)),
            cared=self.cared,
            levels=self.reads_levels(),
        )

    def _who(self) -> str:
        """The 范围 asked for; who may not know the key-support children gets no counts of them."""
        who = self.request.GET.get("who", "")
        return "" if who == KEY and not self.reads_levels() else who

    def reads_levels(self) -> bool:
        """Whether this person may know who is a key-support child."""
        return not roles_for(DataClass.CARE, Level.READ).isdisjoint(self.request.user.roles())  # type: ignore[union-attr]

    def get_queryset(self, staff: Any) -> "QuerySet[Child]":
        return self.free.select_related("school_class__school")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        today = timezone.localdate()
        children = list(context["rows"])
        may_edit = staff.may(Act.PAIRING_EDIT)
        proposed = self._proposals(children) if may_edit else {}
        seen = sights(staff, [child.pk for child in children])
        ticked = {str(pk) for pk in self.form.data.getlist("children")} if self.form else set()  # type: ignore[union-attr]
        rows = [
            {"line": line, "proposal": proposed.get(line.child.pk), "ticked": str(line.child.pk) in ticked}
            for line in lines(children, seen, today)
        ]
        listed = standings(mentors_of(staff, Act.PAIRING_VIEW, today), today)
        total = self.cared.count()
        without = unpaired(self.cared, today).count()
        form = self.form or (
            BoardForm(children=self.free.none(), mentors=self._mentors(), today=today) if may_edit else None
        )
        return context | {
            "tabs": tabs("board", staff),
            "list_path": reverse("mentoring:board"),
            "rows": rows,
            "form": form,
            "may_edit": may_edit,
            "query": self.request.GET.urlencode(),
            "total": total,
            "with_mentor": total - without,
            "without": without,
            "key_without": key_without_mentor(self.seen, today).count() if self.reads_levels() else 0,
            "unheard": unheard(reached(staff, Act.PAIRING_HEAR), today).count() if staff.may(Act.PAIRING_HEAR) else 0,
            "mentors": by_room(listed)[:MENTORS_SHOWN],
            "mentors_hidden": max(len(listed) - MENTORS_SHOWN, 0),
            "room": sum(row.room for row in listed),
            "gone": [row for row in listed if row.gone and row.load],
            "unchecked": sum(not row.fit and not row.gone and row.load > 0 for row in listed),
        }

    def _mentors(self) -> "QuerySet[Mentor]":
        return takers_for(self.request.user, timezone.localdate())

    def _proposals(self, children: list[Child]) -> dict[int, Proposal]:
        """Child id → proposal for the children of the page, each school by itself."""
        found: dict[int, Proposal] = {}
        schools = {child.school_id: child.school_class.school for child in children if child.school_class}
        for school in schools.values():
            ids = [child.pk for child in children if child.school_id == school.pk]
            for proposal in propose(Child.objects.filter(pk__in=ids), school, timezone.localdate()):
                found[proposal.pupil.id] = proposal
        return found


@allows(Act.PAIRING_EDIT)
class BoardPair(Board):
    """Give the ticked children their 代理家长; refused, the board comes back with the ticks."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff: Any = request.user
        today = timezone.localdate()
        free = waiting(reached(staff, Act.PAIRING_EDIT), today)
        self.form = BoardForm(request.POST, children=free, mentors=self._mentors(), today=today)
        if self.form.is_valid():
            try:
                made = self._save(self.form.cleaned_data)
            except ValidationError as refusal:
                self.form.add_refusal(refusal)
            else:
                return self._done(made)
        response = self.render_to_response(self.get_context_data())
        response.status_code = 422
        return response

    def _save(self, told: dict[str, Any]) -> list[Pairing]:
        staff: Any = self.request.user
        if told["use"] == SUGGESTED:
            return pair_as_shown(chosen=told["shown"], on=told["on"], by=staff)
        return pair_several(children=list(told["children"]), mentor=told["mentor"], on=told["on"], by=staff)

    def _done(self, made: list[Pairing]) -> HttpResponse:
        for pairing in made:
            note(self.request, Event.WRITE, pairing.child_id, f"pairing {pairing.pk}")
        told = [f"{p.child.name}—{p.mentor.name}" for p in made]
        rest = f"等 {len(told)} 对" if len(told) > 6 else ""
        messages.success(self.request, f"已安排结对：{'、'.join(told[:6])}{rest}。")
        warn_of_load(self.request, made)
        query = self.request.GET.urlencode()
        return redirect(reverse("mentoring:board") + (f"?{query}" if query else ""))
