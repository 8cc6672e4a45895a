"""Forms of goals: what a class resolved, and looking at it together; a filter over the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from activities.goals import Aim, GoalLine, State, look, not_looked_at, without_goal
from activities.models import ChildGoal
from activities.queries import cared_for
from caretrack.access.states import instance_at
from caretrack.schools.models import Term
from caretrack.web.forms import CareForm, FilterForm, SaveHelper
from children.models import Child

CHANGED_MEANWHILE = "{who}的目标刚刚由别人改过。您填写的还在；核对后再按一次保存，就以您填的为准。"
WRITTEN_MEANWHILE = "{who}的目标刚刚由别人改过，现在是{now}。您填写的还在；核对后再按一次保存，就以您填的为准。"
LOOKED_AT_MEANWHILE = "{who}的目标“{aim}”刚刚由别人回顾过，这里不能再改。您填的是“{words}”。"
FUTURE = "日期不能在今天以后。"


class GoalFilter(FilterForm):
    """Which pupils: of which class, in which term, cared for or all, without a goal or not looked at."""

    school_class = forms.ChoiceField(label="班级", required=False)
    term = forms.ChoiceField(label="学期", required=False)
    who = forms.ChoiceField(label="范围", required=False, choices=[("", "留守和重点学生"), ("all", "全部在校学生")])
    state = forms.ChoiceField(
        label="情况", required=False, choices=[("", "全部"), ("none", "还没定目标"), ("open", "定了没回顾")]
    )

    def __init__(
        self, *args: Any, classes: Sequence[tuple[int, str]], terms: Sequence[Term], at: Term, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]
        self.fields["term"].choices = [("", "本学期"), *((str(term.pk), str(term)) for term in terms)]

    def narrow_valid(self, rows: Any) -> Any:
        asked = self.cleaned_data
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["who"] != "all":
            rows = cared_for(rows)
        if asked["state"] == "none":
            return without_goal(rows, self.at)
        return not_looked_at(rows, self.at) if asked["state"] == "open" else rows


class ClassForm(CareForm, forms.Form):
    """What the two forms about a class share: a day, lines that the page draws, and versions."""

    wide = True
    day = ""

    def __init__(self, *args: Any, lines: Sequence[GoalLine], aims: Sequence[Aim], term: Term, today: date, **kwargs: Any) -> None:  # fmt: skip
        self.goal_lines, self.aims, self.term, self.today = list(lines), list(aims), term, today
        super().__init__(*args, **kwargs)
        self.initial.setdefault(self.day, min(today, term.ends_on))
        self.stale: set[int] = set()
        for line in self.goal_lines:
            self.add_line(line)
        self.dress()

    def add_line(self, line: GoalLine) -> None:
        """Add the fields of one pupil: each of the two forms has its own."""

    def layout(self) -> list[Any]:
        return [self.day]

    @property
    def helper(self) -> SaveHelper:
        """The day and what is wrong: the page draws the lines, the form tag and the button."""
        helper = super().helper
        helper.form_tag = False
        return helper

    def overtaken(self, child: Child, now: str, **seen: Any) -> None:
        """Somebody else wrote about this pupil since the page was opened: say what; with it `seen`, the next press is
        meant."""
        self.stale.add(child.pk)
        self.show(**seen)
        self.add_error(None, WRITTEN_MEANWHILE.format(who=child.name, now=now))

    def show(self, **boxes: Any) -> None:
        """Put into boxes what stands by now."""
        self.data = self.data.copy()
        for name, value in boxes.items():
            self.data[name] = str(value)

    def clean_day(self) -> date:
        """The day: in the term, not in the future."""
        given: date = self.cleaned_data[self.day]
        if given > self.today:
            raise forms.ValidationError(FUTURE)
        if not self.term.starts_on <= given <= self.term.ends_on:
            raise forms.ValidationError(f"请填{self.term}内的日期。")
        return given


@dataclass(frozen=True)
class SetLine:
    """One pupil: under each aim a box to write in, or the goal that was looked at already."""

    child: Child
    cells: tuple[tuple[str, ChildGoal | None, BoundField | None], ...]
    wrong: bool


class SetForm(ClassForm):
    """What each pupil of a class resolves. An emptied box strikes the goal out; goals looked at stay as they are."""

    button = "保存目标"
    day = "set_on"
    set_on = forms.DateField(label="定目标日期")
    clean_set_on = ClassForm.clean_day

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new: list[ChildGoal] = []
        self.changed: list[ChildGoal] = []
        self.dropped: list[ChildGoal] = []

    def add_line(self, line: GoalLine) -> None:
        for at, (aim, goal) in enumerate(zip(self.aims, line.goals, strict=True)):
            if goal is not None and goal.state != State.SET:
                continue
            self.fields[f"aim_{line.child.pk}_{at}"] = forms.CharField(
                label=f"{line.child.name}：{aim.name}",
                required=False,
                max_length=120,
                initial=goal.aim if goal else "",
                widget=forms.TextInput(attrs={"aria-label": f"{line.child.name}：{aim.name}"}),
            )
            self.fields[f"was_{line.child.pk}_{at}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=goal.aim if goal else ""
            )

    def lines(self) -> list[SetLine]:
        """The lines in the order of the roll."""
        return [
            SetLine(
                line.child,
                tuple(
                    (aim.name, goal, self[name] if (name := f"aim_{line.child.pk}_{at}") in self.fields else None)
                    for at, (aim, goal) in enumerate(zip(self.aims, line.goals, strict=True))
                ),
                line.child.pk in self.stale,
            )
            for line in self.goal_lines
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.new, self.changed, self.dropped = [], [], []
        for line in self.goal_lines:
            for at, (aim, goal) in enumerate(zip(self.aims, line.goals, strict=True)):
                box = f"{line.child.pk}_{at}"
                if f"aim_{box}" not in self.fields:
                    self.say_looked_at(line.child, goal, box)
                elif f"aim_{box}" in given:
                    self.take(line.child, aim, goal, box, given[f"aim_{box}"], given.get(f"was_{box}", ""))
        return given

    def take(self, child: Child, aim: Aim, goal: ChildGoal | None, box: str, words: str, was: str) -> None:
        """What one box says, against what was in it when the page was opened and what stands by now."""
        stands = goal.aim if goal else ""
        if words == stands:
            return
        if words == was:
            self.show(**{f"aim_{box}": stands, f"was_{box}": stands})
        elif was != stands:
            self.overtaken(child, f"“{stands}”" if stands else "空的", **{f"was_{box}": stands})
        elif goal is None:
            if day := self.cleaned_data.get("set_on"):
                self.new.append(ChildGoal(child=child, item_id=aim.item, aim=words, set_on=day))
        elif words:
            goal.aim = words
            self.changed.append(goal)
        else:
            self.dropped.append(goal)

    def say_looked_at(self, child: Child, goal: ChildGoal | None, box: str) -> None:
        """A goal that was looked at since the page was opened has no box any more: what was typed is told."""
        words, was = (self.data.get(f"{name}_{box}", "").strip() for name in ("aim", "was"))
        if goal is not None and words not in (was, goal.aim):
            self.stale.add(child.pk)
            self.add_error(None, LOOKED_AT_MEANWHILE.format(who=child.name, aim=goal.aim, words=words))


@dataclass(frozen=True)
class LookLine:
    """One goal with its boxes."""

    child: Child
    name: str
    goal: ChildGoal
    state: BoundField
    result: BoundField
    wrong: bool


class LookForm(ClassForm):
    """Each goal of a class: reached, or still being worked on, and a few words."""

    button = "保存回顾"
    day = "looked_on"
    looked_on = forms.DateField(label="回顾日期")
    clean_looked_on = ClassForm.clean_day

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed: list[ChildGoal] = []

    def add_line(self, line: GoalLine) -> None:
        choices = [(State.SET, "还没看"), (State.REACHED, State.REACHED.label), (State.TRYING, State.TRYING.label)]
        for goal in filter(None, line.goals):
            who = f"{line.child.name}“{goal.aim}”"
            self.fields[f"state_{goal.pk}"] = forms.ChoiceField(
                label=f"{who}：回顾", required=False, choices=choices, initial=goal.state,
                widget=forms.Select(attrs={"aria-label": f"{who}：回顾"}),
            )  # fmt: skip
            self.fields[f"result_{goal.pk}"] = forms.CharField(
                label=f"{who}：情况", required=False, max_length=200, initial=goal.result,
                widget=forms.TextInput(attrs={"aria-label": f"{who}：情况"}),
            )  # fmt: skip
            self.fields[f"version_{goal.pk}"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=goal.version
            )

    def lines(self) -> list[LookLine]:
        """The goals in the order of the roll."""
        return [
            LookLine(
                line.child, aim.name, goal, self[f"state_{goal.pk}"], self[f"result_{goal.pk}"],
                line.child.pk in self.stale,
            )
            for line in self.goal_lines
            for aim, goal in zip(self.aims, line.goals, strict=True)
            if goal is not None
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.changed, day = [], given.get("looked_on")
        for line in self.goal_lines:
            for goal in filter(None, line.goals):
                state, result = given.get(f"state_{goal.pk}"), given.get(f"result_{goal.pk}", "")
                if not state or day is None or (state == goal.state and result == goal.result):
                    continue
                if state != State.SET and day < goal.set_on:
                    self.add_error(f"state_{goal.pk}", f"{goal.set_on}才定的目标，回顾日期不能更早。")
                elif (version := given.get(f"version_{goal.pk}")) == goal.version:
                    look(goal, state, result, day)
                    self.changed.append(goal)
                else:
                    self.clash(line.child, goal, version, state, result)
        return given

    def clash(self, child: Child, goal: ChildGoal, version: int | None, state: str, result: str) -> None:
        """The goal has another version by now: what was left alone here takes theirs, what was filled in is asked."""
        seen = {f"version_{goal.pk}": goal.version}
        was = instance_at(goal, version) if version is not None else None
        if was is not None and (state, result) == (was.state, was.result):
            self.show(**seen, **{f"state_{goal.pk}": goal.state.value, f"result_{goal.pk}": goal.result})
        else:
            now = "，".join(filter(None, [f"“{goal.aim}”", str(goal.state.label), goal.result]))
            self.overtaken(child, now, **seen)
