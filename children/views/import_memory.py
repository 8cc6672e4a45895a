"""What a school's imports have learned, headers and spellings of names, and the way to forget one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.components import Tab
from children.importing import memory
from children.importing.aliases import IGNORE, field_label
from children.models import ColumnMapping
from children.views.importing import CRUMBS, schools_of

PER_PAGE = 25


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_memory(request: HttpRequest) -> HttpResponse:
    """Every remembered header of the own schools: its titles, what was chosen by hand, who said so and when."""
    page = Paginator(memory.memories_of(schools_of(request)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"memory": found, "chosen": _chosen(found), "answers": len(found.answers)} for found in page.object_list]
    context: dict[str, Any] = {"page": page, "rows": rows, "crumbs": CRUMBS, "tabs": _tabs("import_memory")}
    return render(request, "children/import_memory.html", context)


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_spellings(request: HttpRequest) -> HttpResponse:
    """How lists write names of pupils of the own schools that were not to be changed, who said so and when."""
    page = Paginator(memory.spellings_of(schools_of(request)), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"page": page, "crumbs": CRUMBS, "tabs": _tabs("import_spellings")}
    return render(request, "children/import_spellings.html", context)


def _tabs(shown: str) -> list[Tab]:
    pages = {"import_memory": "表头", "import_spellings": "姓名写法"}
    return [Tab(label, reverse(f"children:{name}"), name == shown) for name, label in pages.items()]


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one header; the next file with it is asked about again."""
    found = get_object_or_404(memory.memories_of(schools_of(request)), pk=pk)
    memory.forget(found)
    messages.success(request, "已忘记这个表头；下次用同样的表头时会重新核对列名。")
    return redirect("children:import_memory")


@require_POST
@allows(Act.ROSTER_IMPORT)
def spelling_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one spelling; the next list with it is asked about again."""
    found = get_object_or_404(memory.spellings_of(schools_of(request)), pk=pk)
    memory.forget(found)
    messages.success(request, f"已忘记{found.child}的写法“{found}”；下次名册里这样写时会再询问。")
    return redirect("children:import_spellings")


def _chosen(found: ColumnMapping) -> list[str]:
    """The meanings chosen by hand, in words."""
    words = {"": "写进备注", IGNORE: "不导入"}
    return list(dict.fromkeys(words.get(name) or field_label(name) for name in found.mapping.values()))
