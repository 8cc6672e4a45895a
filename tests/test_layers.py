"""The order of the house: caretrack <- children <- mentoring <- activities <- reports, and two floors in each app."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["caretrack", "children", "mentoring", "activities", "reports"]
WEB_FLOOR = {"views", "forms", "urls"}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
# The frame that joins the apps: it may see every floor.
FRAME = {"caretrack.urls", "caretrack.settings", "caretrack.wsgi"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for app in ORDER for path in sorted((ROOT / app).rglob("*.py"))}


def is_web(name: str) -> bool:
    """Views, forms and urls of an app, and the whole of caretrack.web."""
    parts = {part.rsplit("_", 1)[-1] for part in name.split(".")}  # import_urls is urls
    return name.startswith("caretrack.web") or not WEB_FLOOR.isdisjoint(parts)


def is_page(name: str) -> bool:
    """Pages of an app may ask the domain floor of any app: a page about a child shows its mentor and its last talk."""
    return is_web(name) and not name.startswith("caretrack.web")


def home(name: str) -> str:
    """What owns a module: an app, or one of the parts of caretrack."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "caretrack" else parts[0]


def is_free(name: str) -> bool:
    """Migrations, commands and app configurations stand outside the floors; these put pages into the menu."""
    return ".migrations" in name or ".management." in name or name.endswith(".apps") or name in FRAME


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in MODULES else node.module), node.lineno


def faults(name: str, source: str) -> list[str]:
    """Sentences about every import that goes the wrong way."""
    found = []
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append(f"{name}:{node.lineno} imports relatively")
    for target, line in imports(tree):
        app = target.split(".")[0]
        if app not in ORDER:
            continue
        where = f"{name}:{line} imports {target}"
        if name not in FRAME and not is_page(name) and ORDER.index(app) > ORDER.index(name.split(".")[0]):
            found.append(f"{where}, which stands to the right")
        if target == "caretrack.settings" and name not in FRAME:
            found.append(f"{where}; use django.conf.settings")
        if is_free(name) or not is_web(target):
            continue
        if not is_web(name):
            found.append(f"{where}: the domain floor does not know pages")
        elif home(target) != home(name) and not target.startswith("caretrack.web"):
            found.append(f"{where}: another app's pages; link by URL name")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    assert faults(name, MODULES[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "name,source",
    [
        ("children.services", "from mentoring.models import Pairing"),
        ("children.services", "from children.forms import ChildForm"),
        ("reports.views", "import children.views"),
        ("activities.queries", "from . import models"),
        ("children.models.child", "from caretrack.web.lists import ListPage"),
        ("mentoring.services", "from caretrack.settings import DATA_DIR"),
    ],
)
def test_a_wrong_import_is_found(name: str, source: str) -> None:
    assert faults(name, source)


def test_pages_may_use_the_base_views_and_any_domain_floor() -> None:
    source = "from caretrack.web.lists import ListPage\nfrom activities.models import CareRecord\n"
    assert faults("reports.views", source) == []


def test_no_drawer_modules() -> None:
    assert [name for name in MODULES if NO_NAMES & set(name.split("."))] == []
