"""Charts as SVG text: the same string stands in the page and in the PDF.

Every bar and point carries its value and series differ by pattern or dash as well as by shade, so that a copy from an
old black-and-white machine loses nothing. No style attribute, so the strict content policy holds; the font family is
written on each `<svg>`, which inherits none in print.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Number = int | float
FAMILY = "Noto Sans CJK SC, WenQuanYi Micro Hei, Microsoft YaHei, PingFang SC, sans-serif"
INK = "#1d2733"
GRID = "#c9ced4"
SHADES = ("#24507a", "#b9642c", "#3f7d4f", "#6c5491")
DASHES = ("", "7 4", "2 3", "9 3 2 3")
MARKS = ("circle", "square", "diamond", "triangle")
NO_DATA = "本期没有数据"


def grouped_bars(
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number]],
    *,
    title: str,
    description: str,
    unit: str = "",
    width: int = 620,
    height: int = 250,
) -> SafeString:
    """
    Upright bars, one group a label and one pattern a series (at most four); `unit` stands above the axis.

    Raises ValueError when a series has not one value per label or there are more than four.
    """
    _check(labels, series)
    frame = _Frame(width, height, title, description, labels, series)
    if frame.empty:
        return frame.close()
    frame.grid(unit)
    slot = frame.plot_width / len(labels)
    bar = min(slot * 0.74 / len(series), 46)
    for at, (name, values) in enumerate(series.items()):
        frame.legend(at, name, "bar")
        for place, value in enumerate(values):
            left = frame.left + slot * (place + 0.5) - bar * len(series) / 2 + bar * at
            top = frame.y(value)
            if value:
                frame.add(
                    f'<rect x="{left:.1f}" y="{top:.1f}" width="{bar - 2:.1f}" height="{frame.floor - top:.1f}" '
                    f'fill="{_fill(frame.key, at)}" stroke="{SHADES[at]}" stroke-width="1"/>'
                )
            frame.text(left + bar / 2 - 1, top - 3.5, _shown(value), size=10)
    frame.axis_labels()
    return frame.close()


def lines(
    labels: Sequence[str],
    series: Mapping[str, Sequence[Number]],
    *,
    title: str,
    description: str,
    unit: str = "",
    width: int = 620,
    height: int = 240,
) -> SafeString:
    """
    Lines over time, one dash and one mark a series (at most four), values printed at the points.

    Raises ValueError when a series has not one value per label or there are more than four.
    """
    _check(labels, series)
    frame = _Frame(width, height, title, description, labels, series)
    if frame.empty:
        return frame.close()
    frame.grid(unit)
    slot = frame.plot_width / len(labels)
    for at, (name, values) in enumerate(series.items()):
        frame.legend(at, name, "line")
        points = [(frame.left + slot * (place + 0.5), frame.y(value)) for place, value in enumerate(values)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dash = f' stroke-dasharray="{DASHES[at]}"' if DASHES[at] else ""
        frame.add(f'<polyline points="{path}" fill="none" stroke="{SHADES[at]}" stroke-width="2"{dash}/>')
        for place, (x, y) in enumerate(points):
            frame.add(_mark(MARKS[at], x, y, SHADES[at]))
            others = [other[place] for key, other in series.items() if key != name]
            below = bool(others) and values[place] < max(others)
            if below and y + 15 > frame.floor:  # it would stand on the axis and the names under it
                frame.text(x + 7, y, _shown(values[place]), size=10, anchor="start")
            else:
                frame.text(x, y + 15 if below else y - 7, _shown(values[place]), size=10)
    frame.axis_labels()
    return frame.close()


def horizontal_bars(
    rows: Sequence[tuple[str, Number]],
    *,
    title: str,
    description: str,
    unit: str = "人",
    width: int = 620,
    row_height: int = 25,
) -> SafeString:
    """Lying bars with value and share of the whole, instead of a pie; nothing to share shows “—”."""
    total = sum(value for _, value in rows)
    key = _key(title, rows)
    left, right = 24 + 13 * max((len(name) for name, _ in rows), default=4), 120
    height = row_height * max(len(rows), 1) + 10
    parts = [_opening(key, width, height, title, description)]
    most = max((value for _, value in rows), default=0)
    for place, (name, value) in enumerate(rows):
        top = 5 + row_height * place
        length = (width - left - right) * value / most if most else 0
        baseline = top + row_height / 2 + 4
        share = f"（{100 * value / total:.1f}%）" if total else "（—）"
        parts.append(_text(left - 8, baseline, name, anchor="end", size=12))
        if value:
            parts.append(
                f'<rect x="{left}" y="{top + 4}" width="{length:.1f}" height="{row_height - 8}" fill="{SHADES[0]}"/>'
            )
        parts.append(_text(left + length + 6, baseline, f"{_shown(value)} {unit}{share}", anchor="start", size=12))
    if not rows:
        parts.append(_text(width / 2, height / 2 + 4, NO_DATA, size=12))
    parts.append(f'<path d="M{left} 2V{height - 2}" stroke="{INK}" stroke-width="1"/></svg>')
    return mark_safe("".join(parts))  # noqa: S308 - built here, every text escaped


class _Frame:
    """The drawing area shared by upright bars and lines: scale, grid, legend and labels."""

    top_margin, bottom_margin, left, right_margin = 40, 28, 44, 12

    def __init__(
        self,
        width: int,
        height: int,
        title: str,
        description: str,
        labels: Sequence[str],
        series: Mapping[str, Sequence[Number]],
    ) -> None:
        self.width, self.height, self.labels = width, height, labels
        self.key = _key(title, list(series.items()))
        self.empty = not labels or not series
        highest = max((value for values in series.values() for value in values), default=0)
        self.step = _step(highest)
        self.top_value = self.step * (int(highest // self.step) + 1)
        self.floor = height - self.bottom_margin
        self.plot_width = width - self.left - self.right_margin
        self.legend_x = float(self.left)
        self.parts = [_opening(self.key, width, height, title, description), _patterns(self.key, len(series))]

    def y(self, value: Number) -> float:
        return self.floor - (self.floor - self.top_margin) * value / self.top_value

    def add(self, markup: str) -> None:
        self.parts.append(markup)

    def text(self, x: float, y: float, text: str, *, size: int = 11, anchor: str = "middle") -> None:
        self.parts.append(_text(x, y, text, size=size, anchor=anchor))

    def grid(self, unit: str) -> None:
        for tick in range(0, self.top_value + 1, self.step):
            y = self.y(tick)
            self.add(f'<path d="M{self.left} {y:.1f}H{self.width - self.right_margin}" stroke="{GRID}"/>')
            self.text(self.left - 6, y + 4, str(tick), anchor="end")
        if unit:
            self.text(self.left - 6, self.top_margin - 12, unit, anchor="end")

    def legend(self, at: int, name: str, kind: str) -> None:
        x = self.legend_x
        if kind == "bar":
            self.add(
                f'<rect x="{x:.0f}" y="7" width="14" height="12" fill="{_fill(self.key, at)}" '
                f'stroke="{SHADES[at]}" stroke-width="1"/>'
            )
            x += 20
        else:
            dash = f' stroke-dasharray="{DASHES[at]}"' if DASHES[at] else ""
            self.add(f'<path d="M{x:.0f} 13h28" stroke="{SHADES[at]}" stroke-width="2"{dash}/>')
            self.add(_mark(MARKS[at], x + 14, 13, SHADES[at]))
            x += 34
        self.text(x, 17.5, name, size=12, anchor="start")
        self.legend_x = x + 12 * len(name) + 22

    def axis_labels(self) -> None:
        slot = self.plot_width / len(self.labels)
        for place, label in enumerate(self.labels):
            self.text(self.left + slot * (place + 0.5), self.height - 9, label, size=12)
        self.add(f'<path d="M{self.left} {self.floor}H{self.width - self.right_margin}" stroke="{INK}"/>')

    def close(self) -> SafeString:
        if self.empty:
            self.text(self.width / 2, self.height / 2, NO_DATA, size=13)
        return mark_safe("".join(self.parts) + "</svg>")  # noqa: S308 - built here, every text escaped


def _check(labels: Sequence[str], series: Mapping[str, Sequence[Number]]) -> None:
    if len(series) > len(SHADES):
        raise ValueError("At most four series stay apart in black and white.")
    for name, values in series.items():
        if len(values) != len(labels):
            raise ValueError(f"{name}: {len(values)} values for {len(labels)} labels.")


def _key(title: str, data: object) -> str:
    """An id prefix that is the same for the same chart, so that a frozen report prints the same twice."""
    return "c" + hashlib.sha256(f"{title}{data!r}".encode()).hexdigest()[:8]


def _step(highest: Number) -> int:
    """The distance of grid lines: a round number giving at most six of them."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if highest / (size * factor) <= 6:
                return size * factor
        size *= 10


def _shown(value: Number) -> str:
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def _opening(key: str, width: int, height: int, title: str, description: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{key}t {key}d" font-family="{FAMILY}" font-size="12">'
        f'<title id="{key}t">{escape(title)}</title><desc id="{key}d">{escape(description)}</desc>'
    )


def _text(x: float, y: float, text: str, *, size: int, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'


def _fill(key: str, at: int) -> str:
    """The first series is solid, the others patterned; a pattern would show seams where it should be solid."""
    return f"url(#{key}p{at})" if at else SHADES[0]


def _patterns(key: str, count: int) -> str:
    """Fills that stay apart without colour: slanted lines, dots, level lines."""
    insides = (
        f'<rect width="6" height="6" fill="#fff"/><path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="{SHADES[1]}" '
        'stroke-width="1.6"/>',
        f'<rect width="6" height="6" fill="#fff"/><rect x="2" y="2" width="2.4" height="2.4" fill="{SHADES[2]}"/>',
        f'<rect width="6" height="6" fill="#fff"/><path d="M0 3H6" stroke="{SHADES[3]}" stroke-width="1.6"/>',
    )
    drawn = "".join(
        f'<pattern id="{key}p{at}" width="6" height="6" patternUnits="userSpaceOnUse">{inside}</pattern>'
        for at, inside in enumerate(insides[: max(count - 1, 0)], start=1)
    )
    return f"<defs>{drawn}</defs>"


def _mark(kind: str, x: float, y: float, shade: str) -> str:
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{shade}"/>'
    if kind == "square":
        return (
            f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="#fff" stroke="{shade}" '
            'stroke-width="1.6"/>'
        )
    points = {
        "diamond": f"{x:.1f},{y - 4:.1f} {x + 4:.1f},{y:.1f} {x:.1f},{y + 4:.1f} {x - 4:.1f},{y:.1f}",
        "triangle": f"{x:.1f},{y - 4:.1f} {x + 4:.1f},{y + 3.4:.1f} {x - 4:.1f},{y + 3.4:.1f}",
    }[kind]
    return f'<polygon points="{points}" fill="#fff" stroke="{shade}" stroke-width="1.6"/>'
