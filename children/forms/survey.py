"""Forms of a questionnaire: the questionnaire itself, one sheet, a pile of sheets typed line by line."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from caretrack.schools.models import School
from caretrack.web.forms import CareForm, ClientKeyForm, PillCheckboxes, PillRadios, Section, Side
from caretrack.web.versions import VersionedForm
from children.models import Child, Survey, SurveySheet
from children.name_search import typed
from children.surveys.sheets import Answer, Entry, line_keys, read_lines
from children.surveys.wording import ONE, SCORE, SEVERAL, WORDS, Question, questions_of, read, stored

LONGEST_WORDS = 300
LONGEST_TEXT = 8000
LONGEST_PILE = 6000


class SurveyForm(CareForm, forms.ModelForm):
    """A questionnaire as text; a new one begins with the questions that most schools ask."""

    button = "保存问卷"
    wide = True
    questions = forms.CharField(
        label="题目",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text="可以从 Word 里粘贴。题目以“1.”开头，选项以“A.”开头；题末注明（单选）（多选）（打分）或（填写）。"
        "选项末尾加★，录到这一项时会提醒立即报告。",
    )

    class Meta:
        model = Survey
        fields = ("title", "audience", "anonymous", "purpose", "due_on")
        widgets = {"audience": PillRadios, "purpose": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, schools: list[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = {str(school.pk): school for school in schools}
        if len(schools) > 1:
            choices = [(pk, school.label) for pk, school in self.schools.items()]
            self.fields["school"] = forms.ChoiceField(label="学校", choices=choices)
        self.fields[
            "anonymous"
        ].help_text = "不记名的答卷只按班级汇总，录入以后也查不出是谁；记名的只有班主任、德育主任和校长等能看。"

    def layout(self) -> list[Any]:
        """What it is for, then the questions."""
        where = ["school"] if "school" in self.fields else []
        return [
            Section("问卷", *where, "title", "audience", Side("due_on", "anonymous"), "purpose"),
            Section("题目", "questions"),
        ]

    def clean_questions(self) -> list[dict[str, Any]]:
        return stored(read(self.cleaned_data["questions"]))

    def chosen_school(self) -> School:
        """The school of a new questionnaire."""
        return (
            self.schools[self.cleaned_data["school"]] if "school" in self.fields else next(iter(self.schools.values()))
        )


class SurveyEditForm(VersionedForm, SurveyForm):
    """The same over a questionnaire that others may edit too."""


class SheetForm(ClientKeyForm, forms.Form):
    """One sheet, question after question as on the paper."""

    button = "保存，录下一份"

    def __init__(self, *args: Any, survey: Survey, pupils: list[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = questions_of(survey.questions)
        self.pupils = {str(child.pk): child for child in pupils}
        if survey.anonymous:
            groups = [group for group in SurveySheet.Group.choices if group[0]]
            self.fields["group"] = forms.ChoiceField(label="类别", choices=groups, required=False, widget=PillRadios)
        else:
            names = [("", "请选择"), *((pk, child.name) for pk, child in self.pupils.items())]
            self.fields["child"] = forms.ChoiceField(label="学生", choices=names)
        for place, question in enumerate(self.asked):
            field = _field(question)
            field.label = f"{place + 1}. {question.text}"
            self.fields[_name(place)] = field
        self.dress()

    def layout(self) -> list[Any]:
        """Who, then the questions."""
        return [
            Section("答卷", "group" if "group" in self.fields else "child"),
            Section("题目", *(_name(place) for place in range(len(self.asked)))),
        ]

    @staticmethod
    def keys_of(sent: QueryDict) -> list[uuid.UUID]:
        """The key of the sheet that is sent, to know it again when it comes twice."""
        return [key] if (key := _key_of(sent)) else []

    def answers(self) -> list[Answer]:
        """What was filled in, a place for every question."""
        return [_value(question, self.cleaned_data[_name(place)]) for place, question in enumerate(self.asked)]

    def entry(self) -> Entry:
        """The sheet, for children.surveys.sheets.enter."""
        given = self.cleaned_data
        child = self.pupils.get(given.get("child", ""))
        return Entry(self.answers(), given["client_key"], child, given.get("group", ""))


class SheetEditForm(VersionedForm, SheetForm):
    """The answers of a sheet that is in; whose it is stays."""

    button = "保存修改"

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, survey=survey, pupils=[], **kwargs)
        for name in ("group", "child", "client_key"):
            self.fields.pop(name, None)

    def layout(self) -> list[Any]:
        return [_name(place) for place in range(len(self.asked))]

    @staticmethod
    def initial_of(answers: Sequence[Answer]) -> dict[str, Any]:
        """The stored answers as the fields take them."""
        return {
            _name(place): [str(one) for one in answer] if isinstance(answer, list) else answer
            for place, answer in enumerate(answers)
        }


def _key_of(sent: QueryDict) -> uuid.UUID | None:
    try:
        return uuid.UUID(sent.get("client_key", ""))
    except ValueError:
        return None


def _name(place: int) -> str:
    return f"q{place + 1}"


def _field(question: Question) -> forms.Field:
    if question.kind == WORDS:
        widget = forms.Textarea(attrs={"rows": 2})
        return forms.CharField(required=False, max_length=LONGEST_WORDS, widget=widget)
    if question.kind == SCORE:
        return forms.ChoiceField(required=False, choices=question.lettered, widget=PillRadios)
    choices = [(str(place), f"{letter}. {words}") for place, (letter, words) in enumerate(question.lettered)]
    if question.kind == SEVERAL:
        return forms.MultipleChoiceField(required=False, choices=choices, widget=PillCheckboxes)
    return forms.ChoiceField(required=False, choices=choices, widget=PillRadios)


def _value(question: Question, given: Any) -> Answer:
    if not given:
        return None
    if question.kind in (ONE, SCORE):
        return int(given)
    return sorted(int(place) for place in given) if question.kind == SEVERAL else str(given)


class LinesForm(ClientKeyForm, forms.Form):
    """A pile of paper, one line a sheet: quickest with a keyboard."""

    button = "全部保存"
    wide = True
    lines = forms.CharField(
        label="答卷，一行一份",
        max_length=LONGEST_PILE,
        strip=False,  # The keys and the faults count the lines as they were typed.
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, survey: Survey, pupils: list[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey, self.named = survey, defaultdict(list)
        names = survey.sheets.filter(child__isnull=False).values_list("child__name", flat=True)
        self.entered = {typed(name) for name in names}
        for child in pupils:
            self.named[typed(child.name)].append(child)
        self.dress()

    @staticmethod
    def keys_of(sent: QueryDict) -> list[uuid.UUID]:
        """The keys of the sheets that are sent, to know them again when they come twice."""
        key = _key_of(sent)
        return list(line_keys(key, sent.get("lines", "")[:LONGEST_PILE]).values()) if key else []

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("lines") and given.get("client_key"):
            try:
                given["entries"] = read_lines(
                    self.survey, given["lines"], self.named, given["client_key"], self.entered
                )
            except ValidationError as refusal:
                self.add_error(None, refusal)
        return given
