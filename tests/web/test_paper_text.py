"""Paragraphs on paper: what belongs together stays on one line, and nothing in them is markup."""

import pytest

from caretrack.web.templatetags.care import whole_ends


@pytest.mark.parametrize(
    "text, shown",
    [
        ("自＿＿＿＿年＿＿月＿＿日至今有效", '自<span class="whole">＿＿＿＿年＿＿月＿＿日</span>至<span class="whole">今有效</span>'),
        ("学生＿＿＿，就孩子", '学生<span class="whole">＿＿＿，</span><span class="whole">就孩子</span>'),
        ("不因结对而转移。", '不因结对而<span class="whole">转移。</span>'),
        ("乙方。", '<span class="whole">乙方。</span>'),
        ("<b>甲</b>。", '&lt;b&gt;甲&lt;/<span class="whole">b&gt;。</span>'),
    ],
)  # fmt: skip
def test_a_blank_and_the_last_word_are_not_cut(text, shown) -> None:
    assert whole_ends(text) == shown
