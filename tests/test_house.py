"""Rules about the repository itself."""

import ast
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
APPS = ["caretrack", "children", "mentoring", "activities", "reports"]
MODULES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MOST_LINES = 400
TALKING = ("management/commands/", "bench/", "script/")
# Found by Django or a library under a name of its own, never named by us.
FOUND_BY_NAME = re.compile(r"^(\d{3}(_csrf)?\.html|bootstrap5/|django/forms/|crispy)")


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_every_template_is_used() -> None:
    code = "\n".join(text(path) for path in [*MODULES, *TEMPLATES])
    unused = []
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "templates").as_posix()
        if not FOUND_BY_NAME.match(name) and name not in code:
            unused.append(name)
    assert unused == []


@pytest.mark.parametrize("path", [p for p in TEMPLATES if "print/" not in short(p)], ids=short)
def test_templates_keep_to_the_content_policy(path: Path) -> None:
    """No inline script, style or handler, nothing from another host: the browser would refuse it."""
    source = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", text(path), flags=re.DOTALL)
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", source)
    assert not re.findall(r"<style|\sstyle\s*=", source)
    assert not re.findall(r"\son[a-z]+\s*=", source)
    assert not re.findall(r"\b(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", source)
    assert "javascript:" not in source


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_no_print_and_no_loose_ends(path: Path) -> None:
    source = text(path)
    if not any(part in short(path) for part in TALKING):
        tree = ast.parse(source)
        printed = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
        assert printed == []
    assert re.findall(r"\b(?:TODO|FIXME|XXX)\b", source) == []


def test_modules_stay_short() -> None:
    long = {
        short(path): lines
        for path in MODULES
        if "/migrations/" not in short(path) and (lines := len(text(path).splitlines())) >= MOST_LINES
    }
    assert long == {}, f"split these, one noun a file: {long}"


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=short)
def test_requirements_name_no_address(path: Path) -> None:
    """Whoever installs decides where packages come from; the hashes decide what they are."""
    assert re.findall(r"://|file:|^--\S+|(?:^|\s)/\w", text(path), re.MULTILINE) == []


@pytest.mark.parametrize("name", ["base", "test"])
def test_every_locked_package_has_hashes(name: str) -> None:
    for block in re.split(r"\n(?=[a-z0-9])", text(ROOT / "requirements" / f"{name}.txt")):
        if re.match(r"[a-z0-9]", block):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_lock_names_everything_asked_for() -> None:
    for name in ("base", "test"):
        locked = set(re.findall(r"^([a-z0-9._-]+)==", text(ROOT / "requirements" / f"{name}.txt"), flags=re.M))
        asked = re.findall(r"^([A-Za-z0-9._-]+)", text(ROOT / "requirements" / f"{name}.in"), flags=re.M)
        missing = {re.sub(r"[._-]+", "-", package).lower() for package in asked if package != "-c"} - locked
        assert missing == set()
