import logging

import pytest
from django.test import override_settings
from PIL import Image

from caretrack.downloads import pdf_response
from caretrack.pdf import _fetcher, render_pdf, render_pdf_set
from tests.support.paper import fonts_of, language_of, pages_of, silent_layout, text_of, title_of


@pytest.fixture
def folder(tmp_path, settings):
    """A template folder of the test's own, before the project's."""
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]
    return tmp_path


def write(folder, body):
    (folder / "t.html").write_text(
        '{% extends "print/base.html" %}{% block paper %}' + body + "{% endblock %}", encoding="utf-8"
    )
    return "t.html"


def test_chinese_text_comes_back_with_title_and_embedded_fonts(folder):
    with silent_layout():
        pdf = render_pdf(
            write(folder, "<p>{{ name }}<b class='hand'>楷</b></p>"),
            {"name": "龙䶮㛃", "imprint": ""},
            title="一份档案",
        )
    assert "龙䶮㛃" in text_of(pdf)
    assert title_of(pdf) == "一份档案"
    assert fonts_of(pdf) <= {"Noto-Serif-CJK-SC", "LXGW-WenKai", "LXGW-WenKai-Bold"}
    assert language_of(pdf) == "zh-CN"


def test_typed_text_is_not_markup(folder):
    pdf = render_pdf(write(folder, "<p>{{ text }}</p>"), {"text": "<b>粗</b>", "imprint": ""}, title="x")
    assert "<b>粗</b>" in text_of(pdf)


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc/passwd",
        "http://example.test/a.png",
        "print:../../caretrack/settings.py",
        "photo:other",
        "//x/y.png",
    ],
)
def test_nothing_but_our_own_files_is_loaded(folder, source, caplog):
    template = write(folder, f'<p>文</p><img src="{source}" alt="">')
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        pdf = render_pdf(template, {"imprint": ""}, title="x", photos={"mine": folder / "none.jpg"})
    assert "文" in text_of(pdf)
    assert any("Failed to load image" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "https://example.test/", "print:nothing.css", "data:,x"])
def test_the_fetcher_refuses(url):
    with pytest.raises(ValueError, match=r"not its own|Not a print file"):
        _fetcher({}).fetch(url)


def test_a_named_photo_is_shown(folder):
    photo = folder / "照片.jpg"
    Image.new("RGB", (40, 50), "#888").save(photo)
    with silent_layout():
        pdf = render_pdf(
            write(folder, '<img src="photo:7" alt="照片">'), {"imprint": ""}, title="x", photos={"7": photo}
        )
    assert b"/Image" in pdf


def test_each_paper_of_a_set_counts_its_own_pages(folder):
    template = write(folder, "{% for line in lines %}<p>{{ line }}</p>{% endfor %}")
    contexts = [{"lines": ["甲"] * count, "imprint": ""} for count in (1, 90, 1)]
    pages = pages_of(render_pdf_set(template, contexts, title="x"))
    assert "第1页共1页" in pages[0]
    assert "第1页共2页" in pages[1]
    assert "第2页共2页" in pages[2]
    assert "第1页共1页" in pages[3]


def test_an_empty_set_is_refused():
    with pytest.raises(ValueError, match="没有可打印的内容"):
        render_pdf_set("print/base.html", [], title="x")


def test_an_unknown_stylesheet_is_refused():
    with pytest.raises(ValueError, match="Not a print file"):
        render_pdf("print/base.html", {"imprint": ""}, title="x", stylesheets=("css/care.css",))


@override_settings(ROOT_URLCONF="caretrack.urls")
def test_the_answer_is_kept_by_nobody():
    response = pdf_response(b"%PDF", "联系卡.pdf")
    assert response["Cache-Control"] == "no-store, private"
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E8%81%94")
    assert response["X-Content-Type-Options"] == "nosniff"
