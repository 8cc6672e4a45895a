"""Printing holds no copy of the font files, and what it writes is the same as with copies."""

import re
import tracemalloc

import pytest
from weasyprint.pdf import fonts, stream

from caretrack.lean_fonts import use_lean_fonts
from caretrack.pdf import render_pdf
from tests.reports import specimens
from tests.support.paper import silent_layout

#: Less than the files of two faces; what is printed here uses four.
FEW_MEGABYTES = 24 << 20


def printed():
    with silent_layout():
        return render_pdf("print/cards.html", {"imprint": specimens.IMPRINT, "cards": specimens.cards()}, title="样张")


@pytest.fixture
def lean():
    use_lean_fonts()
    return stream.Font


@pytest.fixture
def with_copies(lean, monkeypatch):
    monkeypatch.setattr(stream, "Font", fonts.Font)


def most_held(make):
    """The most bytes that Python held at once while making, and what was made."""
    make()
    tracemalloc.start()
    try:
        made = make()
        return tracemalloc.get_traced_memory()[1], made
    finally:
        tracemalloc.stop()


def test_no_file_of_a_font_is_held(lean):
    held, pdf = most_held(printed)
    assert pdf.startswith(b"%PDF")
    assert held < FEW_MEGABYTES


def test_weasyprint_by_itself_holds_them(with_copies):
    """When this fails WeasyPrint has stopped copying, and caretrack/lean_fonts.py can go."""
    assert most_held(printed)[0] > 2 * FEW_MEGABYTES


def test_the_file_is_the_same_as_with_copies(lean, monkeypatch):
    without = printed()
    monkeypatch.setattr(stream, "Font", fonts.Font)
    assert re.sub(rb"/ID \[.*?\]", b"", without) == re.sub(rb"/ID \[.*?\]", b"", printed())


def test_who_asks_for_the_whole_file_of_a_font_gets_it(lean, monkeypatch):
    cut, seen = fonts.Font._harfbuzz_subset, []

    def look_first(font, *given):
        seen.append(len(font.file_content))
        cut(font, *given)

    monkeypatch.setattr(fonts.Font, "_harfbuzz_subset", look_first)
    assert printed().startswith(b"%PDF")
    assert min(seen) > FEW_MEGABYTES // 2
