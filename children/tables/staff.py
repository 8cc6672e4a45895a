"""Staff accounts with their posts, from the list of staff that every school has."""

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import Q

from caretrack.access.policy import CLASS_ROLES, Act, Role
from caretrack.readings import readings
from caretrack.schools.models import Appointment, School, SchoolClass, Staff
from children.importing.normalise.classes import read_class
from children.importing.normalise.names import NAMESAKE_MARK
from children.importing.normalise.sex import MALE, read_sex
from children.importing.normalise.text import as_text, fold, tidy
from children.importing.outcomes import Status
from children.importing.questions import Choice
from children.tables.fields import Field, Option
from children.tables.kinds import Laying, Plan, Setting, TableKind, register
from children.tables.people import read_adult
from children.tables.pupils import SKIP, class_for, classes_of
from children.tables.sheets import Table, TableRow

NEW = "new"
_BETWEEN = re.compile(r"[、，,/／;；\s]+|(?<=班)(?=[一二三四五六七八九\d])")
_ROLES = {
    Role.HOMEROOM: "班主任 班主任老师 正班主任",
    Role.TEACHER: "任课教师 任课老师 科任教师 科任老师 科任 教师 老师 专任教师",
    Role.COUNSELLOR: "心理教师 心理老师 心理健康教师 心理辅导员 心理辅导教师",
    Role.CARE_LEAD: "德育主任 政教主任 德育处主任 政教处主任 德育副校长 留守儿童工作专干 关爱专干",
    Role.PRINCIPAL: "校长 园长 负责人 教学点负责人",
    Role.LEADER: "校领导 副校长 教导主任 教务主任 总务主任 工会主席",
    Role.REGISTRAR: "档案管理员 学籍管理员 学籍员 学籍专干 资料员",
    Role.SYSADMIN: "系统管理员 信息管理员 网管",
    Role.SUPERIOR: "中心校 中心校管理员",
}
_ROLE_OF = {word: role for role, words in _ROLES.items() for word in words.split()}
_NO_LOG_IN_NAME = re.compile(r"1\d{10}|\d{15}|\d{17}[\dXx]")


@dataclass(slots=True)
class _Stored:
    """The accounts this administrator may manage, posts in force, and every log-in name in use."""

    classes: dict[int, SchoolClass]
    people: list[Staff] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    posts: dict[int, list[Appointment]] = field(default_factory=lambda: defaultdict(list))
    homerooms: dict[int, str] = field(default_factory=dict)
    in_file: dict[int, int] = field(default_factory=dict)


@register
class StaffTable(TableKind):
    slug = "staff"
    title = "教职工账号"
    lead = "教职工名单：建账号、定岗位，导入后可以打印每个人的首次登录条。"
    unit = "人"
    place_title = "岗位"
    icon = "person-badge"
    act = Act.STAFF_MANAGE
    back, back_label = "schools:staff_list", "查看人员"
    fields: ClassVar = (
        Field("name", "姓名", "教师姓名 教职工姓名 老师姓名 教师", needed=True, example="示例（导入时自动忽略）"),
        Field("username", "登录名", "用户名 账号 登录账号 工号", text=True, example="留空按姓名拼音生成", width=20),
        Field("sex", "性别", choices=("男", "女")),
        Field("phone", "联系电话", "手机 手机号 手机号码 电话 联系方式", text=True, example="13800000031"),
        Field("role", "岗位", "角色 系统岗位", choices=tuple(r.label for r in _ROLES), example="班主任"),
        Field("title", "职务", "职称 行政职务", example="语文教师"),
        Field("class_name", "班级", "任教班级 所带班级 任课班级 负责班级 班主任班级", text=True, example="四（1）班"),
        Field("checked_on", "从业查询日期", "违法犯罪记录查询日期 查询日期 从业禁止查询日期", text=True),
        Field("starts_on", "任职开始", "任职日期 任职时间 任职开始日期", text=True),
    )
    options: ClassVar = (Option("on", "任职开始", "date", "表里没有写时用；不填就从今天起。"),)
    matching: ClassVar = (
        "已有账号按登录名、姓名加电话认出；同名而电话不同的会先问您。",
        "没有写登录名的按姓名拼音生成；密码不在表里写，导入后由您打印首次登录条。",
        "同一份名单再导一次不会重复建账号；名单里没有的人不受影响。",
    )
    hints: ClassVar = (
        "岗位可以写几个，用顿号分开；班主任和任课教师要写班级，也可以写几个班。",
        "只写了职务、没有写岗位的，能认出的职务（如班主任、校长）会同时任命岗位。",
    )

    def schools(self, staff: Staff) -> list[School]:
        """The administrator's schools and those below them."""
        own = staff.schools_as(Role.SYSADMIN)
        return list(School.objects.filter(Q(pk__in=[school.pk for school in own]) | Q(parent__in=own)))

    def plan(self, table: Table, setting: Setting) -> Plan:
        """Find or make each row's account, then give it the posts of the row."""
        plan, store = Plan(), self._load(setting)
        for row in table.rows:
            name, phone = read_adult(row, "name", "phone")
            if not name and not row.failed:
                row.fail("name", "没有写姓名，请补上。")
            laying = plan.begin(row, name or tidy(row.values.get("name")))
            if name and not row.failed:
                _lay(laying, name, phone or "", setting, store)
            laying.end()
        return plan

    def _load(self, setting: Setting) -> _Stored:
        store = _Stored(classes_of(setting))
        store.taken = {name.lower() for name in Staff.objects.values_list("username", flat=True)}
        if setting.by is None:
            return store
        managed = Appointment.objects.filter(school__in=self.schools(setting.by)).values("staff")
        known = Staff.objects.filter(Q(pk__in=managed) | Q(appointments__isnull=True))
        store.people = list(known.distinct().order_by("pk"))
        for post in Appointment.objects.filter(school=setting.school, ends_on__isnull=True).select_related("staff"):
            store.posts[post.staff_id].append(post)
            if post.role == Role.HOMEROOM and post.school_class_id:
                store.homerooms[post.school_class_id] = post.staff.name
        return store


def _lay(laying: Laying, name: str, phone: str, setting: Setting, store: _Stored) -> None:
    row = laying.row
    sex = row.take("sex", read_sex)
    title = row.text("title", 40)
    checked = _day(row, "checked_on", setting.on)
    starts = _day(row, "starts_on", None) or setting.day() or setting.on
    username = _username(row)
    roles = _roles(row, title)
    classes = _classes(row, setting, store)
    posts = [(role, place) for role in roles for place in (classes if role in CLASS_ROLES else [None])]
    if not row.failed:
        _check_posts(row, roles, classes, setting)
    if row.failed:
        return
    laying.outcome.class_name = "、".join(_words(role, place, setting.on) for role, place in posts)
    person = _find(laying, name, username, phone, setting, store)
    if row.failed or laying.outcome.status in (Status.DECIDE, Status.WAITING):
        return
    if others := [one.name for one in store.people if phone and one.phone == phone and one.name != name]:
        row.warn("phone", f"{'、'.join(others)}登记的也是这个号码，请核对各是谁的。")
    facts = {"sex": {MALE: "1"}.get(sex, "2") if sex else "", "phone": phone, "title": title}
    if person is None:
        username = username or _free_name(name, store)
        person = Staff(username=username, name=name, background_checked_on=checked, **facts)
        person.set_unusable_password()
        store.people.append(person)
        store.taken.add(username.lower())
        laying.add(person, "username", "sex", "phone", "title", "background_checked_on")
    else:
        if not person.is_active:
            row.warn("name", f"{person}的账号已停用；导入不会启用，需要时请到人员里启用。")
        laying.put(person, **facts, background_checked_on=_later(person.background_checked_on, checked))
    store.in_file.setdefault(id(person), row.number)
    for role, place in posts:
        _give_post(laying, person, role, place, starts, setting, store)


def _day(row: TableRow, name: str, on: dt.date | None) -> dt.date | None:
    stated = row.date(name, on)
    return stated.first_day if stated else None


def _later(known: dt.date | None, stated: dt.date | None) -> dt.date | None:
    """An older list does not put a check for offences back."""
    return stated if stated and (known is None or stated > known) else None


def _username(row: TableRow) -> str:
    username = fold(row.values.get("username"))
    if not username:
        return ""
    if _NO_LOG_IN_NAME.fullmatch(username):
        row.fail("username", "登录名不要用手机号或身份证号，请改用姓名拼音或工号，或留空自动生成。")
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        row.fail("username", f"登录名“{tidy(row.values['username'])}”里有不能用的字符，请只用字母、数字和 _ - . @。")
    if len(username) > 40:
        row.fail("username", "登录名最多 40 个字符。")
    return username


def _roles(row: TableRow, title: str) -> list[Role]:
    """The posts that the row names; a title that is no post stays a title."""
    found: list[Role] = []
    for word in filter(None, _BETWEEN.split(as_text(row.values.get("role")).strip())):
        role = _ROLE_OF.get(fold(word))
        if role is None:
            row.fail("role", f"没有“{word}”这个岗位，请从{'、'.join(r.label for r in _ROLES)}里选。")
        elif role not in found:
            found.append(role)
    if found or row.has("role"):
        return found
    named = [_ROLE_OF[fold(word)] for word in _BETWEEN.split(title) if fold(word) in _ROLE_OF]
    return [role for role in dict.fromkeys(named) if role != Role.TEACHER or row.has("class_name")]


def _classes(row: TableRow, setting: Setting, store: _Stored) -> list[SchoolClass]:
    if not row.has("class_name"):
        return []
    value = row.values["class_name"]
    parts: list[Any] = [p for p in _BETWEEN.split(value.strip()) if p] if isinstance(value, str) else [value]
    found = []
    for part in parts:
        ref = read_class(part, number_format=row.formats.get("class_name", "")).value
        school_class = class_for(ref, store.classes, setting.on)
        if school_class is None:
            row.fail("class_name", f"学校没有“{as_text(part)}”这个班，请写成“四（1）班”这样，或先到学校设置里建班级。")
        else:
            found.append(school_class)
    return found


def _check_posts(row: TableRow, roles: list[Role], classes: list[SchoolClass], setting: Setting) -> None:
    in_class = [role for role in roles if role in CLASS_ROLES]
    if in_class and not classes:
        row.fail("class_name", f"{'和'.join(role.label for role in in_class)}要写班级，请补上。")
    if len(in_class) > 1 and len(classes) > 1:
        row.fail("class_name", "既是班主任又是任课教师，又写了几个班，分不清哪个班是哪个岗位：请一个岗位写一行。")
    if classes and not in_class:
        row.warn("class_name", "写了班级，但岗位不是班主任或任课教师，班级没有用到。")
    if not roles:
        row.warn("role", "没有写岗位，只建账号；登录后什么也看不到，请到人员里任命岗位。")


def _words(role: Role, place: SchoolClass | None, on: dt.date) -> str:
    return f"{place.name_on(on)}{role.label}" if place else role.label


def _find(laying: Laying, name: str, username: str, phone: str, setting: Setting, store: _Stored) -> Staff | None:
    """The row's account; None for a new one. May fail the row, or ask which of two namesakes it is."""
    row = laying.row
    if username:
        known = next((person for person in store.people if person.username.lower() == username), None)
        if known is None and username in store.taken:
            row.fail("username", f"登录名“{username}”已被别的学校使用，请换一个。")
        elif known is not None and known.name != name:
            row.fail("username", f"登录名“{username}”是{known.name}的账号，和姓名“{name}”不符，请核对。")
        return known
    same = [person for person in store.people if person.name == name]
    answer = setting.answers.get(row.key, "")
    if answer == SKIP:
        laying.outcome.status, laying.outcome.message = Status.WAITING, "按您的回答不导入这一行。"
        return None
    if answer == NEW or not same:
        return None
    if chosen := next((person for person in same if str(person.pk) == answer), None):
        return chosen
    exact = [person for person in same if phone and person.phone == phone]
    if len(exact) == 1:
        return exact[0]
    marked = not phone and any(found.what == NAMESAKE_MARK for found in row.findings)
    if marked and (first := next(filter(None, (store.in_file.get(id(person)) for person in same)), None)):
        row.fail("phone", f"与第{first}行同名，姓名后面有区分记号，像是两个人。请给他们各写上电话或登录名。")
        return None
    if len(same) == 1 and not (phone and same[0].phone):
        return same[0]
    stored = [person for person in same if person.pk]
    if not stored:
        row.fail("phone", f"与第{store.in_file[id(same[0])]}行同名而电话不同。如果是两个人，请给他们各写一个登录名。")
        return None
    labels = [Choice(str(person.pk), f"就是{_label(person, store)}") for person in stored]
    words = f"系统里已有同名的{'、'.join(_label(person, store) for person in stored)}，是同一个人吗？"
    laying.ask(words, (*labels, Choice(NEW, "不是，新建账号"), Choice(SKIP, "这一行不导入")))
    return None


def _label(person: Staff, store: _Stored) -> str:
    posts = "、".join(post.get_role_display() for post in store.posts.get(person.pk, []))
    return f"{person.name}（{'，'.join(filter(None, [f'登录名 {person.username}', person.phone, posts]))}）"


def _free_name(name: str, store: _Stored) -> str:
    """The name in pinyin, numbered from the second namesake on."""
    base = re.sub(r"[^a-z0-9]", "", readings(name).pinyin)[:30] or "teacher"
    number = 1
    while (candidate := base if number == 1 else f"{base}{number}") in store.taken:
        number += 1
    return candidate


def _give_post(
    laying: Laying,
    person: Staff,
    role: Role,
    place: SchoolClass | None,
    starts: dt.date,
    setting: Setting,
    store: _Stored,
) -> None:
    """A post that the person does not hold yet; nobody appoints oneself."""
    row, key = laying.row, person.pk or -id(person)
    if any(post.role == role and post.school_class_id == (place.pk if place else None) for post in store.posts[key]):
        return
    if setting.by is not None and person.pk == setting.by.pk and role != Role.SYSADMIN:
        row.fail("role", "不能给自己任命岗位，请由另一位系统管理员办理。")
        return
    if role == Role.HOMEROOM and place is not None:
        before = store.homerooms.setdefault(place.pk, person.name)
        if before != person.name:
            words = f"{place.name_on(setting.on)}已有班主任{before}。换班主任的，请到人员里结束原来的任职。"
            row.warn("class_name", words)
    post = Appointment(staff=person, role=role, school=setting.school, school_class=place, starts_on=starts)
    store.posts[key].append(post)
    status = laying.outcome.status
    laying.add(post)
    laying.outcome.status = status if status == Status.NEW else Status.CHANGED
    laying.outcome.changes.append(("任命", "", _words(role, place, setting.on)))
