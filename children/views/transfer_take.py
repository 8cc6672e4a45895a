"""A hand-over file comes in: opened, looked at, confirmed. Only the confirm writes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.lists import FormPage
from children.forms.transfer_take import OpenForm, TakeForm
from children.models import Child
from children.transfer_file import BadFile, Package, known_child, take, unseal
from children.transfer_look import GONE, contents, hold
from children.transfer_return import take_back
from children.views.transfers import own_classes, own_schools

ELSEWHERE = "系统里另一所学校已有这名学生的档案。请联系原学校在系统里办理“转出”到本校，档案会直接移交；已办转出的请到“档案移交”里接收。"


@allows(Act.TRANSFER)
class TransferTake(FormPage):
    """First the file and its passphrase, then who is in it and what; the second form takes it in."""

    heading = "接收移交文件"
    lead = "打开原学校发来的加密文件，核对后建立档案。文件不会保存在系统里。"
    keeps_draft = False
    crumbs = (("档案移交", "children:transfer_list"),)
    cancel_url = "children:transfer_list"

    def get_form_class(self) -> Any:
        return TakeForm if "opened" in self.request.POST else OpenForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | (self._second() if self.get_form_class() is TakeForm else {})

    def _second(self, *, returns: bool = False) -> dict[str, Any]:
        today, staff = timezone.localdate(), self.request.user
        return {"today": today, "classes": own_classes(staff, today), "staff": staff, "returns": returns}

    def form_valid(self, form: Any) -> HttpResponse:
        if isinstance(form, TakeForm):
            return super().form_valid(form)
        try:
            package = unseal(form.cleaned_data["file"].read(), form.cleaned_data["passphrase"])
            return self.look(package, None)
        except BadFile as bad:
            form.add_error("file", str(bad))
            return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        if not isinstance(form, TakeForm):
            return super().form_invalid(form)
        package = form.cleaned_data.get("package")
        if package is None:
            return self.ask_again(next(iter(form.non_field_errors()), GONE))
        try:
            return self.look(package, form, status=422)
        except BadFile as bad:
            return self.ask_again(str(bad))

    def ask_again(self, why: str) -> HttpResponse:
        """The first form once more: what was opened cannot be taken in."""
        form = OpenForm()
        form.cancel_url = self.get_cancel_url()
        return self._answer({"form": form, "expired": why}, status=422)

    def look(self, package: Package, form: TakeForm | None, status: int = 200) -> HttpResponse:
        """The page that says who comes, what is in the file, and who may be the same child."""
        staff: Any = self.request.user
        old = self.own_old(package)
        found = contents(package, staff=staff, school=next(iter(own_schools(staff)), None))
        if form is None:
            start = {"opened": hold(package, staff), "on": timezone.localdate()}
            form = TakeForm(initial=start, **self._second())
            form.cancel_url = self.get_cancel_url()
        form.returns = old is not None
        return self._answer({"form": form, "found": found, "old": old}, status=status)

    def _answer(self, more: dict[str, Any], *, status: int) -> HttpResponse:
        context = self.get_context_data(**more)
        return render(self.request, "children/transfer_take.html", context, status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"found": None, "old": None, "expired": "", **kwargs})

    def own_old(self, package: Package) -> Child | None:
        """The old dossier of a child that comes back. Raises BadFile for one that is here already or elsewhere."""
        old = known_child(package)
        if old is None:
            return None
        if not Child.objects.visible_to(self.request.user).filter(pk=old.pk).exists():
            raise BadFile(ELSEWHERE)
        if old.school_class_id is not None:
            raise BadFile(f"{old.name}已经在{old.class_name(timezone.localdate())}，不用再接收。")
        return old

    def save(self, form: Any) -> Child:
        given, staff = form.cleaned_data, self.request.user
        try:
            old = self.own_old(given["package"])
            if old is not None and given["same"] != "yes":
                raise ValidationError({"same": f"本校有{old.name}以前的档案。是同一个人请选“接着用旧档案”。"})
            told: Any = {"school_class": given["school_class"], "on": given["on"], "by": staff}
            child = take_back(given["package"], child=old, **told) if old else take(given["package"], **told)
        except BadFile as bad:
            raise ValidationError(str(bad)) from bad
        note(self.request, Event.IMPORT, child, detail="档案移交文件")
        return child

    def get_saved_text(self, result: Any) -> str:
        return f"{result.name}的档案已接收，请核对家庭成员和照护安排。"

    def get_redirect_url(self, result: Any) -> str:
        return reverse("children:child_show", args=[result.pk])
