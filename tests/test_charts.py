import xml.etree.ElementTree as ET

import pytest

from caretrack.charts import grouped_bars, horizontal_bars, lines

SVG = "{http://www.w3.org/2000/svg}"
NOTE = {"title": "谈心与家访", "description": "九月、十月的人次"}


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def words(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("draw", [grouped_bars, lines])
def test_values_stand_on_the_chart(draw):
    svg = draw(["9月", "10月"], {"谈心": [41, 0], "家访": [7, 12]}, **NOTE)
    for word in ("9月", "10月", "谈心", "家访", "41", "7", "12", "0"):
        assert word in words(svg)


@pytest.mark.parametrize("draw", [grouped_bars, lines])
def test_title_and_description_name_the_picture(draw):
    root = parsed(draw(["9月"], {"谈心": [1]}, **NOTE))
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert (title.text, description.text) == ("谈心与家访", "九月、十月的人次")


def test_the_font_stands_on_the_picture_itself():
    assert "Noto Sans CJK SC" in parsed(lines(["9月"], {"谈心": [1]}, **NOTE)).get("font-family")


def test_bars_stay_apart_without_colour():
    svg = grouped_bars(["一"], {"a": [1], "b": [2], "c": [3], "d": [4]}, **NOTE)
    fills = {bar.get("fill") for bar in parsed(svg).iter(f"{SVG}rect") if bar.get("stroke")}
    patterns = {f"url(#{pattern.get('id')})" for pattern in parsed(svg).iter(f"{SVG}pattern")}
    assert len(fills) == 4
    assert len(fills - patterns) == 1  # only the first is solid


def test_lines_stay_apart_without_colour():
    root = parsed(lines(["一", "二"], {"a": [1, 2], "b": [2, 3], "c": [4, 4]}, **NOTE))
    assert len({line.get("stroke-dasharray") for line in root.iter(f"{SVG}polyline")}) == 3


def test_a_low_value_is_not_written_over_the_axis_and_the_months():
    root = parsed(lines(["6月", "7月"], {"谈心": [90, 8], "家访": [40, 3]}, **NOTE))
    axis = next(path for path in root.iter(f"{SVG}path") if path.get("stroke") == "#1d2733")
    floor = float(axis.get("d").partition(" ")[2].partition("H")[0])
    low = next(text for text in root.iter(f"{SVG}text") if text.text == "3")
    assert float(low.get("y")) < floor


@pytest.mark.parametrize("draw", [grouped_bars, lines])
def test_no_data_is_said(draw):
    assert "本期没有数据" in words(draw([], {}, **NOTE))


@pytest.mark.parametrize("draw", [grouped_bars, lines])
def test_only_zeros_are_drawn_as_zeros(draw):
    shown = words(draw(["9月", "10月"], {"谈心": [0, 0]}, **NOTE))
    assert shown.count("0") == 3  # the axis and two values


def test_shares_of_nothing_are_a_dash():
    assert "0 人（—）" in words(horizontal_bars([("祖父母", 0), ("外祖父母", 0)], **NOTE))
    assert "本期没有数据" in words(horizontal_bars([], **NOTE))


def test_shares_have_one_decimal():
    assert "1 人（33.3%）" in words(horizontal_bars([("祖父母", 1), ("外祖父母", 2)], **NOTE))


def test_typed_text_cannot_become_markup():
    svg = grouped_bars(["<script>x</script>"], {"<b>": [1]}, title="a<b", description="&")
    assert "<script" not in svg
    assert parsed(svg).find(f"{SVG}title").text == "a<b"


def test_no_style_attribute_so_that_the_content_policy_holds():
    assert "style=" not in grouped_bars(["一"], {"a": [1]}, **NOTE) + horizontal_bars([("一", 1)], **NOTE)


def test_a_frozen_chart_is_the_same_twice():
    assert lines(["一"], {"a": [1]}, **NOTE) == lines(["一"], {"a": [1]}, **NOTE)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="a: 1 values for 2 labels"):
        lines(["一", "二"], {"a": [1]}, **NOTE)
    with pytest.raises(ValueError, match="four series"):
        grouped_bars(["一"], {str(at): [1] for at in range(5)}, **NOTE)


def test_high_values_get_few_grid_lines():
    svg = grouped_bars(["一"], {"a": [98_765]}, **NOTE)
    assert svg.count('stroke="#c9ced4"') <= 7
