"""Brothers and sisters: look for one, say that two children are of one household or not."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.web.components import Crumb
from children.models import Child
from children.search import search
from children.siblings import say_sibling
from children.views.page import child_or_404, demand

FOUND = 10


@allows(Act.CHILD_EDIT)
@require_safe
def sibling_find(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for a brother or sister by name among the children whose families this person sees."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.CONTACT)
    text = request.GET.get("q", "").strip()[:60]
    today = timezone.localdate()
    seen = Child.objects.visible_to(request.user, DataClass.CONTACT).exclude(pk=pk).defer("id_no", "student_no")
    found = search(seen, request.user, text).select_related("school_class__school").by_name()[:FOUND] if text else []  # type: ignore[attr-defined, arg-type]
    context = {
        "child": child,
        "text": text,
        "rows": [(other, other.class_name(today)) for other in found],
        "crumbs": [
            Crumb("学生", reverse("children:child_list")),
            Crumb(child.name, reverse("children:child_show", args=[pk])),
            Crumb("兄弟姐妹"),
        ],
    }
    return render(request, "children/sibling_find.html", context)


@allows(Act.CHILD_EDIT)
@require_POST
def sibling_say(request: HttpRequest, pk: int, other: int, answer: str) -> HttpResponse:
    """`answer` is yes or no; the other child must be one whose family this person sees."""
    if answer not in ("yes", "no"):
        raise Http404
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.CONTACT)
    seen = Child.objects.visible_to(request.user, DataClass.CONTACT).exclude(pk=pk)
    sibling = get_object_or_404(seen, pk=other)
    yes = answer == "yes"
    say_sibling(child=child, other=sibling, confirmed=yes, by=request.user, on=timezone.localdate())  # type: ignore[arg-type]
    note(request, Event.WRITE, child, detail="sibling")
    said = "已登记为兄弟姐妹" if yes else "已记下不是兄弟姐妹，不再提示"
    messages.success(request, f"{child.name}和{sibling.name}{said}。")
    return redirect(f"{reverse('children:child_show', args=[pk])}#siblings")
