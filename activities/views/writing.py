"""Writing a record, adding to it."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities.follow_ups import close_by_record, staff_who_see, tried_number
from activities.forms.kind_fields import DETAIL
from activities.forms.record import AddendumForm, ask_again, record_form, refuse_repeat
from activities.kinds import COMMON, SPECS, KindSpec, spec_of
from activities.known_facts import Known, known_of
from activities.models import CareRecord, FollowUp, Kind
from activities.phrases import phrases_for
from activities.picking import Picker, picker
from activities.recordable import children_asked_for, children_to_record, open_follow_ups
from activities.repeats import says_the_same, told_already
from activities.services import add_addendum, record_contact
from activities.silences import last_time_words
from activities.views.counselling_steps import next_step_url
from activities.views.drafts_named import MANY
from activities.views.links import add_url, after_saving, day_of, way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, refusal
from caretrack.schools.models import Staff
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.numbers import number
from children.models import Child


@allows(Act.RECORD_WRITE)
class RecordAdd(FormPage):
    """The quick form: ?child= (one or several), ?kind=, ?on=, ?occasion=, ?next=, ?follow_up= (closed by it)."""

    template_name = "activities/record_form.html"
    saves_at_once = True
    today: date
    spec: KindSpec
    asked: list[Child]
    follow_up: FollowUp | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.today = timezone.localdate()
        kind = request.GET.get("kind", Kind.TALK)
        if kind not in SPECS:
            raise Http404
        if kind == Kind.COUNSELLING and not request.user.may(Act.COUNSELLING):  # type: ignore[union-attr]
            raise PermissionDenied(refusal(Act.COUNSELLING))
        self.spec = spec_of(kind)
        self.asked = self._asked_children(request)
        if pk := number(request.GET.get("follow_up")):
            seen = FollowUp.objects.visible_to(request.user).open().select_related("child", "record")
            self.follow_up = get_object_or_404(seen, pk=pk)
        return super().dispatch(request, *args, **kwargs)

    def allowed(self) -> "QuerySet[Child]":
        """Everybody about whom this person may write such a record."""
        return children_to_record(self.request.user, self.spec.kind)  # type: ignore[arg-type]

    def _asked_children(self, request: HttpRequest) -> list[Child]:
        wanted = [number(text) for text in request.GET.getlist("child")]
        if not wanted:
            return []
        found = children_asked_for(request.user, self.spec.kind, tuple(pk for pk in wanted if pk))  # type: ignore[arg-type]
        if len(found) != len(set(wanted)):
            raise Http404
        return found

    @property
    def single(self) -> Child | None:
        return self.asked[0] if len(self.asked) == 1 and "pick" not in self.request.GET else None

    def get_heading(self) -> str:
        return f"记{self.spec.kind.label}" + (f"：{self.single}" if self.single else "")

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("关爱记录", reverse("activities:record_list"))]

    def draft_key(self) -> str:
        return f"record:child:{self.single.pk}" if self.single else MANY

    def get_form_class(self) -> Any:
        return record_form(self.spec.kind)

    def get_initial(self) -> dict[str, Any]:
        given: dict[str, Any] = {"children": [child.pk for child in self.asked]}
        if on := day_of(self.request.GET.get("on")):
            given["on"] = min(on, self.today)
        if occasion := self.request.GET.get("occasion", ""):
            given[DETAIL + "occasion"] = occasion
        if self.spec.with_whom and (whom := self.request.GET.get("whom", "")):
            given["with_whom"] = whom[:50]
        if self.follow_up and self.known.number(tried := tried_number(self.follow_up)):
            given[DETAIL + "number"] = tried
        return given

    @cached_property
    def known(self) -> Known:
        """What is known of the child's family and need not be typed."""
        return known_of(self.single, self.request.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {
            "allowed": self.allowed,
            "fetched": self.asked,
            "today": self.today,
            "picker": Picker(single=self.single),
            "known": self.known,
            "waiting": self._waiting(),
            "owners": self._owners(),
        }
        return super().get_form_kwargs() | given

    def _waiting(self) -> "QuerySet[FollowUp] | None":
        """Open follow-ups of the child that this record may close, beside the one that the page was opened for."""
        if self.single is None:
            return None
        seen = {found.pk for found in open_follow_ups(self.request.user, self.single.pk)}  # type: ignore[arg-type]
        others = seen - {getattr(self.follow_up, "pk", None)}
        return FollowUp.objects.filter(pk__in=others).order_by("due_on", "pk") if others else None

    def _owners(self) -> "QuerySet[Staff]":
        """Colleagues who see the child; with several children those who see the first, the service asks about all."""
        asked = self.asked[0] if self.asked else None
        if asked is None:
            return Staff.objects.none()
        return staff_who_see(asked, self.today).exclude(pk=self.request.user.pk)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.say_whose()
        form.phrases = SimpleLazyObject(lambda: phrases_for(self.request.user, self.spec.kind))  # type: ignore[arg-type]
        if self.single is None:
            chosen = [number(str(getattr(v, "pk", v))) for v in form["children"].value() or ()]
            form.picker = picker(
                self.allowed(),
                self.request.user,  # type: ignore[arg-type]
                on=self.today,
                class_id=number(self.request.GET.get("class")),
                q=self.request.GET.get("q", "").strip()[:20],
                chosen=[pk for pk in chosen if pk],
            )
        return form

    def get_cancel_url(self) -> str:
        return way_back(self.request, reverse("workbench"))

    def save(self, form: Any) -> list[CareRecord]:
        children, contact = list(form.cleaned_data["children"]), form.contact(**form.follow_up())
        lines = form.private_lines() if "lines" in form.fields else {}
        states, key = form.own_states(), form.cleaned_data["client_key"]
        if not form.cleaned_data["again"] and (
            told := told_already(children, contact, lines, by=self.request.user, key=key)  # type: ignore[arg-type]
        ):
            raise ask_again(form, told)
        records, made = record_contact(
            children=children,
            contact=contact,
            by=self.request.user,  # type: ignore[arg-type]
            today=self.today,
            client_key=key,
            private_lines=lines,
            own_states=states,
            counselling=form.counselling(),
        )
        if made:
            self._close(form.cleaned_data.get("closes", ()), records)
        if not made and not says_the_same(records, children, contact, lines, states):
            raise refuse_repeat(form)
        for record in records if made else []:
            note(self.request, Event.WRITE, record.child_id, f"record {record.pk}")
        return records

    def _close(self, follow_ups: Any, records: list[CareRecord]) -> None:
        by_child = {record.child_id: record for record in records}
        for row in [*filter(None, [self.follow_up]), *follow_ups]:
            if row.child_id in by_child:
                close_by_record([row], record=by_child[row.child_id], on=self.today, by=self.request.user)  # type: ignore[arg-type]

    def get_saved_text(self, result: list[CareRecord]) -> SafeString:
        again = add_url(
            children=[self.single.pk] if self.single else (),
            kind=self.spec.kind,
            next_page=self.request.GET.get("next", ""),
        )
        names = "、".join(record.child.name for record in result[:3])
        who = names if len(result) <= 3 else f"{names}等{len(result)}人"
        first = result[0]
        done = "" if first.reached else "（未完成，记为一次尝试）"
        day = f"{first.on.month}月{first.on.day}日"
        return format_html(
            '已记下{}{}的{}{}。<a href="{}">再记一条</a>', who, day, first.get_kind_display(), done, again
        )

    def get_redirect_url(self, result: list[CareRecord]) -> str:
        if len(result) > 1:
            return way_back(self.request, reverse("workbench"))
        return next_step_url(result[0]) or after_saving(self.request, result[0].child)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "kinds": self._kinds(),
                "single": self.single,
                "follow_up": self.follow_up,
                "class_name": self.single.class_name(self.today) if self.single else "",
                "last": self._last_time(),
                "several_url": self._here(pick="1"),
                "kept": [
                    (name, value)
                    for name, values in self.request.GET.lists()
                    for value in values
                    if name not in ("q", "class")
                ],
                **kwargs,
            }
        )

    def _last_time(self) -> str:
        """When the same was done for the child last, as far as this person may know."""
        if self.single is None:
            return ""
        return last_time_words(self.single, self.spec.kind, self.request.user, self.today)

    def _here(self, **changed: str) -> str:
        kept = [(name, value) for name, values in self.request.GET.lists() for value in values if name not in changed]
        return f"{self.request.path}?{urlencode([*kept, *changed.items()])}"

    def _kinds(self) -> list[dict[str, Any]]:
        """The kinds as links; each keeps the child and the way back."""
        may_counsel = self.request.user.may(Act.COUNSELLING)  # type: ignore[union-attr]
        offered = [spec for spec in SPECS.values() if spec.kind != Kind.COUNSELLING or may_counsel]
        # What a phone shows without moving: a kind that is seldom used only when it is the one shown, and then first.
        open_ones = {Kind.COUNSELLING, self.spec.kind, *COMMON}
        first = self.spec.kind not in COMMON
        offered.sort(key=lambda spec: (not (first and spec is self.spec), spec.kind != Kind.COUNSELLING))
        return [
            {
                "label": spec.kind.label,
                "icon": spec.icon,
                "url": self._here(kind=spec.kind.value),
                "active": spec is self.spec,
                "open": spec.kind in open_ones,
            }
            for spec in offered
        ]


class OfRecord(FormPage):
    """A page about one record: fetched through visible_to, its sight noted."""

    record: CareRecord
    today: date

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.today = timezone.localdate()
        seen = CareRecord.objects.visible_to(request.user).select_related("child", "school", "author", "change")
        self.record = get_object_or_404(seen, pk=kwargs["pk"])
        self.check_right(request)
        note(request, Event.VIEW, self.record.child_id)
        return super().dispatch(request, *args, **kwargs)

    def check_right(self, request: HttpRequest) -> None:
        """Raises PermissionDenied with the reason."""
        if self.record.author_id != request.user.pk:
            raise PermissionDenied(f"这条记录由{self.record.author}登记，只有记录人本人可以修改或补充。")

    def get_crumbs(self) -> list[Crumb]:
        show = reverse("activities:record_show", args=[self.record.pk])
        return [Crumb("关爱记录", reverse("activities:record_list")), Crumb(str(self.record), show)]

    def get_cancel_url(self) -> str:
        return reverse("activities:record_show", args=[self.record.pk])

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


@allows(Act.RECORD_WRITE)
class AddendumAdd(OfRecord):
    """After the edit window, or at any time: the author adds to a record, with the reason."""

    form_class = AddendumForm
    heading = "补充说明"
    saved_text = "补充说明已保存，原记录没有改动。"

    def get_lead(self) -> str:
        return f"补充在{self.record.child} {self.record}的记录后面，原来的文字不变。"

    def draft_key(self) -> str:
        return f"record:addendum:{self.record.pk}"

    def save(self, form: Any) -> Any:
        made = add_addendum(record=self.record, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.record.child_id, f"record {self.record.pk} addendum")
        return made
