"""The family: members with status and phones, who cares for the child, what the family agreed to."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.history import Stale, save_if_unchanged
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.changes import note_new_numbers, numbers_of
from children.consents import agreed
from children.forms.family import CarerForm, ConsentForm, MemberForm, PhoneSet
from children.models import CareArrangement, Consent, FamilyMember, codes
from children.photos import withdraw_consent
from children.services import of_the_former_carer, set_care, set_parent_status
from children.views.guarded import GuardedPage
from children.views.page import AboutChild, child_or_404, demand


class MemberPage(GuardedPage):
    """A member of the family and their phones on one page; saved together or not at all."""

    template_name = "children/member_form.html"
    form_class = MemberForm
    data = DataClass.CONTACT

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {
            "child": self.child,
            "today": self.today,
            "numbers": self.sight.numbers,
            "groups": bool(agreed(Consent.Purpose.GROUPS, [self.child])),
        }
        if self.row is None:
            kwargs["initial"] = {"relation": self.request.GET.get("relation", ""), "status": ""}
        return kwargs

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.wide = True
        member = form.instance if form.instance.pk else FamilyMember(child=self.child)
        data = self.request.POST if self.request.method == "POST" else self._drafted()
        self.phones = PhoneSet(data, instance=member, prefix="phones", today=self.today)
        for phone_form in self.phones.forms:
            phone_form.instance.child = self.child
        return form

    def _drafted(self) -> QueryDict | None:
        """The phones of a draft; FormPage fills the member's own fields."""
        if self.draft is None or "phones-TOTAL_FORMS" not in self.draft.fields:
            return None
        data = QueryDict(mutable=True)
        for name, values in self.draft.fields.items():
            data.setlist(name, values)
        return data

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if form.is_valid() and self.phones.is_valid():
            return self.form_valid(form)
        return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        if self.phones.is_bound and not self.phones.is_valid() and not form.errors:
            form.add_error(None, "电话里有需要改正的地方，见下面。")
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {"phones": self.phones, **context}

    def save(self, form: Any) -> FamilyMember:
        given, member = form.cleaned_data, form.instance
        status, since = given["status"], given["since"]
        with transaction.atomic():
            before = self.row
            told_before = (before.status, form.row_value(before, "since")) if before is not None else (None, None)
            # The dated status is the service's; the rest of the row is the form's.
            member.status = before.status if before is not None else codes.ParentStatus.UNKNOWN
            member.away_since = before.away_since if before is not None else None
            member.returned_on = before.returned_on if before is not None else None
            if before is None:
                member.child = self.child
                member.save()
            else:
                save_if_unchanged(member, version=self.version or before.version)
            if (status, since) != told_before:
                set_parent_status(
                    member=member,
                    status=status,
                    since=since,
                    by=self.request.user,  # type: ignore[arg-type]
                    on=self.today,
                    work_place=given["work_place"],
                )
            self.phones.instance = member
            for phone_form in self.phones.forms:
                phone_form.instance.child, phone_form.instance.member = self.child, member
            numbers = numbers_of(member)
            self.phones.save()
            note_new_numbers(member=member, before=numbers, on=self.today, by=self.request.user)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, detail="family")
        return member

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的{result}已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#member-{result.pk}"


@allows(Act.CHILD_EDIT)
class MemberAdd(MemberPage):
    def get_heading(self) -> str:
        return f"添加{self.child.name}的家庭成员"


@allows(Act.CHILD_EDIT)
class MemberEdit(MemberPage):
    def prepare(self) -> None:
        members = FamilyMember.objects.select_related("change")
        self.row = get_object_or_404(members, pk=self.kwargs["member"], child=self.child)

    def get_heading(self) -> str:
        return f"修改{self.child.name}的{self.row}"


def _pk(carer: FamilyMember | None) -> int | None:
    return carer.pk if carer else None


@allows(Act.CHILD_EDIT)
class CareEdit(GuardedPage):
    """Who really cares for the child; another carer begins a new arrangement and keeps the old one."""

    form_class = CarerForm
    data = DataClass.CONTACT

    def prepare(self) -> None:
        self.row = CareArrangement.objects.open().filter(child=self.child).select_related("change", "carer").first()

    def get_heading(self) -> str:
        return f"{self.child.name}的照护安排"

    def get_form_kwargs(self) -> dict[str, Any]:
        checks = self.sight.writes(DataClass.CARE)
        return super().get_form_kwargs() | {"child": self.child, "today": self.today, "checks": checks}

    def save(self, form: Any) -> CareArrangement:
        given = form.cleaned_data
        former = self.row if self.row is not None and self.row.carer_id not in (None, _pk(given["carer"])) else None
        with transaction.atomic():
            if self.row is not None:
                current = CareArrangement.objects.select_for_update().select_related("change").get(pk=self.row.pk)
                if current.version != self.version:
                    raise Stale(current)
                self._demand_day(current, given)
            arrangement = set_care(
                child=self.child,
                carer=given["carer"],
                care_type=given["care_type"],
                rating=given["rating"],
                on=given["on"] or self.today,
                by=self.request.user,  # type: ignore[arg-type]
                reason=given["reason"],
            )
            rest = [name for name in form.Meta.fields if name in form.fields and name not in ("carer", "care_type")]
            if former is not None:
                rest = [name for name in rest if name not in of_the_former_carer(given, former)]
            for name in rest:
                setattr(arrangement, name, given[name])
            arrangement.save(update_fields=rest)
        note(self.request, Event.WRITE, self.child, detail="care")
        self.signed_before = bool(former and former.entrusted and not arrangement.entrusted)
        return arrangement

    @staticmethod
    def _demand_day(current: CareArrangement, given: dict[str, Any]) -> None:
        if current.carer_id != _pk(given["carer"]) and given["on"] is None:
            raise ValidationError({"on": "换了人照顾，请填写从什么时候起。"})

    def get_saved_text(self, result: Any) -> str:
        again = "原监护人签的委托照护协议不再有效，请与现在的监护人重新签订。" if self.signed_before else ""
        return f"{self.child.name}的照护安排已保存。{again}"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#care"


@allows(Act.CHILD_EDIT)
@require_safe
def consent_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What the family agreed to or refused, newest first."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.CONTACT)
    crumbs = [
        Crumb("学生", reverse("children:child_list")),
        Crumb(child.name, reverse("children:child_show", args=[pk])),
        Crumb("知情同意"),
    ]
    return render(
        request, "children/consent_list.html", {"child": child, "consents": child.consents.all(), "crumbs": crumbs}
    )


@allows(Act.CHILD_EDIT)
class ConsentAdd(AboutChild, FormPage):
    """Register what the family said."""

    form_class = ConsentForm
    data = DataClass.CONTACT

    def get_heading(self) -> str:
        return f"登记{self.child.name}家长的知情同意"

    def get_form_kwargs(self) -> dict[str, Any]:
        purpose = self.request.GET.get("purpose", "")
        first = purpose if purpose in Consent.Purpose.values else Consent.Purpose.PHOTO
        return super().get_form_kwargs() | {
            "today": self.today,
            "initial": {"given_on": self.today, "purpose": first, "refused": "no"},
        }

    def get_cancel_url(self) -> str:
        return reverse("children:consent_list", args=[self.child.pk])

    def save(self, form: Any) -> Consent:
        form.instance.child = self.child
        return form.save()

    def get_saved_text(self, result: Any) -> str:
        return f"已登记：{result.get_purpose_display()}，{'不同意' if result.refused else '同意'}。"

    def get_redirect_url(self, result: Any) -> str:
        if result.purpose == Consent.Purpose.PHOTO and not result.refused:
            return reverse("children:photo_edit", args=[self.child.pk])
        return self.get_cancel_url()


@allows(Act.CHILD_EDIT)
@require_POST
def consent_withdraw(request: HttpRequest, pk: int, consent: int) -> HttpResponse:
    """The family takes a consent back; a photo that rested on it goes with it."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.CONTACT)
    row = get_object_or_404(Consent, pk=consent, child=child)
    today: date = timezone.localdate()
    try:
        withdraw_consent(consent=row, on=today, by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已撤回“{row.get_purpose_display()}”的同意。")
    return redirect("children:consent_list", pk=child.pk)
