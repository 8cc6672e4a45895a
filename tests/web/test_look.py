"""The style sheets: colours that can be read, icons that exist, nothing that old Chromium does not know."""

import re
from pathlib import Path

import js_lib_bootstrap_icons
import pytest

from caretrack.web import components

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = [
    p for app in ("caretrack", "children", "mentoring", "activities", "reports") for p in (ROOT / app).rglob("*.py")
]
# Came to Chromium after 109, the last for the Windows of many schools.
TOO_NEW = (
    "color-mix(",
    "light-dark(",
    "oklch(",
    "text-wrap",
    "@starting-style",
    "@scope",
    "anchor-name",
    "field-sizing",
)
ICONS = set(
    re.findall(
        r"\.bi-([a-z0-9-]+)::before",
        next(Path(js_lib_bootstrap_icons.__file__).parent.rglob("bootstrap-icons.min.css")).read_text(),
    )
)


def tokens() -> dict[str, str]:
    source = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--care-([a-z0-9-]+): (#[0-9a-f]{6});", source))


def light(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", ["paper", "paper-deep", "sheet"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "pine-700", "pine-600", "bad"])
def test_text_can_be_read_on_every_paper(ink: str, paper: str) -> None:
    assert contrast(tokens()[ink], tokens()[paper]) >= 4.5


@pytest.mark.parametrize("tone", ["info", "good", "warn", "bad", "private"])
def test_severity_can_be_read_on_its_own_ground(tone: str) -> None:
    assert contrast(tokens()[tone], tokens()[f"{tone}-100"]) >= 4.5
    assert contrast(tokens()["ink"], tokens()[f"{tone}-100"]) >= 7


def test_other_pairs() -> None:
    found = tokens()
    assert contrast(found["accent"], found["sheet"]) >= 4.5
    assert contrast("#ffffff", found["pine-700"]) >= 4.5
    assert contrast("#d5e5df", found["pine-800"]) >= 4.5
    for ground in ("sheet", "paper", "paper-deep"):
        assert contrast(found["line-strong"], found[ground]) >= 3  # borders of inputs
        assert contrast(found["focus"], found[ground]) >= 3


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_style_sheets_stay_short_and_old_browsers_know_them(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 400
    assert [word for word in TOO_NEW if word in source] == []
    if "print" not in path.parts:
        assert "http" not in source
        assert re.findall(r"^\s+&", source, flags=re.M) == []  # nesting


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_nothing_in_the_browser(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|\beval\(", source)


def test_every_icon_exists() -> None:
    named = {mark for _, mark, _ in components.STATES.values()} | set(components.TONES.values())
    named |= set(components.NOTICE_TONES.values())
    for path in TEMPLATES:
        named |= set(re.findall(r'(?:{% icon |mark=)"([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    for path in MODULES:
        named |= set(re.findall(r'register\("[^"]+", "[^"]+", "([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert named - ICONS == set()
