"""The three schools, their terms and classes, the people who work there, and their accounts."""

import secrets
from dataclasses import dataclass, field

from pypinyin import lazy_pinyin

from caretrack.access.policy import CLASS_ROLES, Role
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Stage, Term
from reports.demo.clock import Calendar
from reports.demo.people import CENTRE_VILLAGES, FENGSHU_VILLAGES, SHANGPING_VILLAGES, Registry, Village, draw

GRADES = range(1, 7)
SUBJECTS = ("语文", "数学", "英语", "科学", "体育", "音乐", "美术", "道德与法治")
WORDS = (
    "qingshan", "baiyun", "xiaohe", "daoxiang", "fengling", "zhulin", "shuiche", "chenguang", "yuanye", "meihua",
    "songtao", "lanhua", "shitou", "huangniu", "yanzi", "tudou", "hetang", "xingkong", "caoyuan", "chunyu",
    "qiushi", "dongxue", "xiazhi", "bailu", "hongye", "lvzhou", "muma", "fengche", "denglong", "yueliang",
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A demo account as it is printed."""

    username: str
    password: str
    name: str
    roles: tuple[Role, ...]
    school: str
    classes: str

    def plain(self) -> dict[str, str]:
        """For --json: one entry a person, with the first role."""
        return {
            "username": self.username,
            "password": self.password,
            "role": str(self.roles[0].value),
            "school": self.school,
            "name": self.name,
            "roles": "、".join(role.label for role in self.roles),
            "classes": self.classes,
        }


@dataclass
class Site:
    """A school of the demo with everything that belongs to it."""

    school: School
    villages: tuple[Village, ...]
    pupils_a_class: tuple[int, int]
    term: Term
    earlier: Term
    classes: list[SchoolClass] = field(default_factory=list)
    graduated: list[SchoolClass] = field(default_factory=list)
    homeroom: dict[int, Staff] = field(default_factory=dict)
    teachers: list[Staff] = field(default_factory=list)
    subject: dict[int, str] = field(default_factory=dict)
    lead: Staff = field(init=False)
    principal: Staff = field(init=False)
    counsellor: Staff = field(init=False)
    registrar: Staff = field(init=False)
    deputy: Staff | None = None

    def mentors(self) -> list[Staff]:
        """Who may take children in charge: homeroom teachers and teachers first, then the leads."""
        return list(dict.fromkeys([*self.homeroom.values(), *self.teachers, self.lead, self.principal]))


def password() -> str:
    """Two words and six digits from the operating system's randomness; made anew for every demo."""
    words = "-".join(secrets.choice(WORDS) for _ in range(2))
    return f"{words}-{secrets.randbelow(900_000) + 100_000}"


class Township:
    """Builds schools, terms, classes, staff and appointments. `accounts` holds what is printed."""

    def __init__(self, calendar: Calendar, registry: Registry) -> None:
        self.calendar, self.registry = calendar, registry
        self.rng = draw("township")
        self.accounts: list[Account] = []
        self.usernames: set[str] = set()
        self.sites: list[Site] = []

    def build(self) -> list[Site]:
        """Three sites: the 中心校 with two classes a grade, and two village schools."""
        centre = self._site("云禾县青榕镇中心小学", "青榕中心小学", "9900010001", None, CENTRE_VILLAGES, (17, 20))
        upper = self._site("云禾县青榕镇上坪小学", "上坪小学", "9900010002", centre.school, SHANGPING_VILLAGES, (7, 9))
        ridge = self._site(
            "云禾县青榕镇枫树坳小学", "枫树坳小学", "9900010003", centre.school, FENGSHU_VILLAGES, (5, 7)
        )
        self.sites = [centre, upper, ridge]
        self._classes(centre, 2)
        self._classes(upper, 1)
        self._classes(ridge, 1)
        self._staff_of_centre(centre)
        self._staff_of_village(upper, "韦春和", "1", "石丽萍", centre)
        self._staff_of_village(ridge, "冉国栋", "1", "龙小梅", centre)
        return self.sites

    def _site(
        self,
        name: str,
        short: str,
        code: str,
        parent: School | None,
        villages: tuple[Village, ...],
        size: tuple[int, int],
    ) -> Site:
        village = villages[0]
        school = School.objects.create(
            code=code,
            name=name,
            short_name=short,
            parent=parent,
            stage=Stage.PRIMARY,
            address=f"云禾县青榕镇{village.name}{village.groups[0]}",
            duty_phone=self.registry.phone(),
            helper_name="杨乡干",
            helper_phone="13600009001",
            clinic_phone="0859-00001120",
            police_phone="0859-00001110",
            family_phone=self.registry.phone(),
            family_phone_hours="每天 12:00—13:30、17:00—18:30，周日 16:00—20:00",
            data_officer="覃志芳" if parent is None else "",
        )
        term, earlier = (
            Term.objects.create(school=school, year=t.year, season=t.season, starts_on=t.first, ends_on=t.last)
            for t in (self.calendar.term, self.calendar.earlier)
        )
        return Site(school, villages, size, term, earlier)

    def _classes(self, site: Site, parallel: int) -> None:
        year = self.calendar.school_year
        for grade in GRADES:
            for number in range(1, parallel + 1):
                site.classes.append(
                    SchoolClass.objects.create(school=site.school, entry_year=year - grade + 1, number=number)
                )
        if self.calendar.is_autumn():  # who was in the sixth grade last term has left by now
            site.graduated = [
                SchoolClass.objects.create(school=site.school, entry_year=year - 6, number=number)
                for number in range(1, parallel + 1)
            ]

    # --- people ---------------------------------------------------------------------------------------------------

    def _staff_of_centre(self, site: Site) -> None:
        school = site.school
        self._person("罗明远", "2", [(Role.SYSADMIN, school)], "信息技术教师")
        site.principal = self._person("覃志芳", "2", [(Role.PRINCIPAL, school)], "校长")
        site.lead = self._person("潘建华", "1", [(Role.CARE_LEAD, school)], "德育主任")
        site.registrar = self._person("蒙秀珍", "2", [(Role.REGISTRAR, school)], "档案管理员")
        site.counsellor = self._person("陆静", "2", [(Role.COUNSELLOR, school)], "心理健康教师")
        self._person("莫振邦", "1", [(Role.SUPERIOR, school)], "教育总校办公室主任")
        site.deputy = self._person("韦文彬", "1", [(Role.LEADER, school)], "副校长")
        names = (
            "韦丽娟",
            "黄小燕",
            "李桂兰",
            "梁志勇",
            "覃海燕",
            "陈文彬",
            "莫春花",
            "吴建平",
            "卢素芬",
            "蓝国强",
            "周玉凤",
            "岑伟",
        )
        self._homerooms(site, names)
        taught = site.classes
        for name, sex, subject, classes in (
            ("杨帆", "1", "体育", taught[4:10]),
            ("何诗雨", "2", "音乐", taught[0:6]),
            ("石磊", "1", "数学", taught[8:12]),
            ("冯雪梅", "2", "英语", taught[4:8]),
            ("唐大伟", "1", "科学", taught[6:12]),
        ):
            person = self._person(name, sex, [(Role.TEACHER, c) for c in classes], f"{subject}教师")
            site.teachers.append(person)
            site.subject[person.pk] = subject
        # A mentor with no class and no office: sees the paired children and nothing else.
        site.teachers.append(self._person("甘有福", "1", [], "生活指导教师", mentor_of=school))
        # A teacher without mentees: sees the basic facts of the classes taught.
        self._person("许小曼", "2", [(Role.TEACHER, taught[2]), (Role.TEACHER, taught[3])], "美术教师")

    def _staff_of_village(self, site: Site, head: str, head_sex: str, keeper: str, centre: Site) -> None:
        school = site.school
        site.principal = self._person(head, head_sex, [(Role.PRINCIPAL, school)], "校长")
        site.lead = self._person(
            keeper, "2", [(Role.CARE_LEAD, school), (Role.REGISTRAR, school)], "德育干事兼档案管理员"
        )
        site.registrar = site.lead
        site.counsellor = centre.counsellor
        self._appoint(centre.counsellor, Role.COUNSELLOR, school)
        names = {
            "上坪小学": ("农彩云", "韦东升", "罗小芬", "黄天明", "蒙丽", "覃大海"),
            "枫树坳小学": ("龙志平", "石秀英", "冉小兵", "向红梅", "田茂才", "谭玉华"),
        }[school.short_name]
        self._homerooms(site, names)

    def _homerooms(self, site: Site, names: tuple[str, ...]) -> None:
        women = set("娟燕兰花凤芬云丽梅英华")
        for school_class, name in zip(site.classes, names, strict=True):
            sex = "2" if name[-1] in women else "1"
            person = self._person(name, sex, [(Role.HOMEROOM, school_class)], "班主任")
            site.homeroom[school_class.pk] = person
            site.subject[person.pk] = SUBJECTS[school_class.number % 2]

    def _person(
        self,
        name: str,
        sex: str,
        posts: list[tuple[Role, School | SchoolClass]],
        title: str,
        mentor_of: School | None = None,
    ) -> Staff:
        username = "".join(lazy_pinyin(name))
        self.usernames.add(username)
        plain = password()
        staff = Staff(
            username=username,
            name=name,
            sex=sex,
            title=title,
            phone=self.registry.phone(),
            must_change_password=False,
            background_checked_on=self.calendar.term.first.replace(day=1) if posts or mentor_of else None,
        )
        staff.set_password(plain)
        staff.full_clean(exclude=["change"])
        staff.save()
        for role, at in posts:
            self._appoint(staff, role, at)
        classes = [at for _, at in posts if isinstance(at, SchoolClass)]
        schools: list[School | None] = [at.school if isinstance(at, SchoolClass) else at for _, at in posts]
        schools = schools or [mentor_of]
        today = self.calendar.today
        self.accounts.append(
            Account(
                username,
                plain,
                name,
                tuple(dict.fromkeys(role for role, _ in posts)) or (Role.MENTOR,),
                schools[0].name if schools[0] else "",
                "、".join(c.name_on(today) for c in classes),
            )
        )
        return staff

    def _appoint(self, staff: Staff, role: Role, at: School | SchoolClass) -> None:
        school_class = at if isinstance(at, SchoolClass) and role in CLASS_ROLES else None
        post = Appointment(
            staff=staff,
            role=role,
            school=at.school if isinstance(at, SchoolClass) else at,
            school_class=school_class,
            # Class posts begin with the school year, offices earlier.
            starts_on=self.calendar.earlier.first,
        )
        post.full_clean(exclude=["change"])
        post.save()
