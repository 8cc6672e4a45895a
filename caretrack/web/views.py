"""The page for developers: every part of the interface in every variant."""

from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web import components
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes, PillRadios, Section, Side


class SampleForm(CareForm, forms.Form):
    """Every kind of field once."""

    button = "保存示例"
    cancel_url = "#"
    kind = forms.ChoiceField(
        label="方式", choices=[("face", "面谈"), ("phone", "电话"), ("video", "视频")], widget=PillRadios
    )
    topics = forms.MultipleChoiceField(
        label="谈话内容",
        help_text="可以选几项。",
        choices=[("study", "学习"), ("life", "生活"), ("mood", "情绪"), ("friends", "交友"), ("health", "身体")],
        widget=PillCheckboxes,
    )
    on = forms.DateField(label="日期")
    minutes = forms.IntegerField(label="时长（分钟）", required=False, min_value=1)
    place = forms.ChoiceField(label="地点", choices=[("", "请选择"), ("office", "办公室"), ("home", "学生家中")])
    said = forms.CharField(
        label="谈话记录", max_length=200, widget=forms.Textarea, help_text="写孩子说了什么、您怎样回应。"
    )
    days = forms.MultipleChoiceField(
        label="值班日",
        required=False,
        choices=[("1", "星期一"), ("2", "星期二"), ("3", "星期三")],
        widget=forms.CheckboxSelectMultiple,
    )
    follow = forms.BooleanField(label="需要后续跟进", required=False)
    photo = forms.FileField(
        label="照片", required=False, widget=forms.ClearableFileInput(attrs={"data-care-max-bytes": str(15 << 20)})
    )

    def layout(self) -> list[object]:
        return [
            Section("谈话", "kind", "topics", Side("on", "minutes"), "place", "said"),
            Section("更多", "days", "follow", "photo", folded=True, note="不常用的项目折叠起来。"),
        ]


class SampleFilter(FilterForm):
    """A filter with the usual three fields."""

    q = forms.CharField(label="姓名", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    level = forms.ChoiceField(label="关爱等级", required=False, choices=[("", "全部"), ("watch", "关注")])
    unpaired = forms.BooleanField(label="只看未结对", required=False)


def samples(request: HttpRequest) -> dict[str, object]:
    """The values that the page for developers is drawn with; all people are invented."""
    return {
        "tones": list(components.TONES),
        "states": list(components.STATES),
        "notice_tones": list(components.NOTICE_TONES),
        "form": SampleForm(),
        "wrong_form": SampleForm(
            {"wrong-minutes": "0", "wrong-said": "写" * 201, "wrong-topics": ["study"]}, prefix="wrong"
        ),
        "filter_form": SampleFilter(request.GET),
        "page": Paginator(range(60), 25).page(2),
        "tabs": [
            components.Tab("概况", "#a", active=True),
            components.Tab("关爱记录", "#b", count=12),
            components.Tab("家庭", "#c"),
        ],
        "crumbs": [("学生", "#"), ("石小禾", "")],
        "steps": ["选择文件", "核对列名", "检查结果", "确认导入"],
        "differences": [components.Difference("现住址", "三组12号", "三组21号", "三组")],
        "rows": [("石小禾", "四（1）班", date(2026, 3, 5), 3), ("龙小川", "四（2）班", None, 0)],
    }


@allows(Act.SYSTEM)
def component_list(request: HttpRequest) -> HttpResponse:
    """Every component in every variant, for those who write pages and for the school's technician."""
    return render(request, "web/components.html", samples(request))
