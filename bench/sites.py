"""The two sites under measurement, each filled with the same number of children: how to make them, start them, ask them."""

import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from bench.client import Client, Form
from bench.servers import Server, free_port

ROOT = Path(__file__).resolve().parent.parent
STOCK = ROOT / "bench" / "stock"
ALL = "可见全部学生"
#: The start page of a class teacher: both programmes are on, so it holds the duties of the month.
HOMEROOM = "工作台，班主任"
#: Pages of P3. The stock project has one matrix; it knows no programmes.
MONTH = "月报四张表，全校"
MATRIX = "六个一，全校一学期"
MATRIX_TEN = "十个一，全校一学期"
MATRIX_MONTH = "六个一，全校一个月"
BY_CLASS = "六个一，按班级一学期"
TOWNSHIP = "各校完成情况"


@dataclass(frozen=True)
class Plan:
    """What a site is filled with: children in schools of `school_size`, and whether these hand in their month."""

    size: int
    records: int
    school_size: int = 500
    hands_in: bool = False


@dataclass
class Site(ABC):
    """What the measuring asks of a site. `label` is its column in the table."""

    label: str
    size: int
    folder: Path
    env: dict[str, str]
    server: Server
    facts: dict
    client: Client = field(init=False)
    #: Who sees all children of the installation.
    wide: Client = field(init=False)
    turn: int = 0

    def run(self, *command: str) -> str:
        """A command of the site, with its environment. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, *command], cwd=self.cwd, env=os.environ | self.env, check=True, capture_output=True, text=True
        )  # fmt: skip
        return done.stdout

    @property
    def cwd(self) -> Path:
        return ROOT

    def child(self) -> int:
        """The next child in turn, so that no two requests in a row look at the same one."""
        self.turn += 1
        return self.facts["children"][self.turn % len(self.facts["children"])]

    @abstractmethod
    def form_path(self, child: int) -> str: ...

    @abstractmethod
    def pages(self) -> dict[str, str]:
        """Name of a page → address; {child} is replaced by a child in turn."""

    @abstractmethod
    def sign_in(self) -> None:
        """Sign in both readers."""

    def reader(self, page: str) -> Client:
        """Who opens the page."""
        return self.wide if page.endswith(ALL) else self.client

    @abstractmethod
    def clerks(self, count: int) -> list[tuple[Client, int]]:
        """Signed-in people who save at the same time, each with a child."""

    @abstractmethod
    def talk(self, form: Form, child: int, number: int) -> str:
        """The form filled with a new talk."""

    @abstractmethod
    def records(self) -> int:
        """How many records there are in the database."""

    def is_settled(self) -> bool:
        """Whether the site has done what it does by itself after a start."""
        return True

    def settle(self, patience: float) -> None:
        """Wait until it is settled. Raises TimeoutError."""
        until = time.monotonic() + patience
        while not self.is_settled():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.label} is still at work after {patience} s")
            time.sleep(5)

    #: A field by which the form for a record is recognised.
    marker = ""


class CareTrack(Site):
    marker = "client_key"

    def pages(self) -> dict[str, str]:
        urls = self.facts["urls"]
        return {
            "工作台": urls["workbench"],
            HOMEROOM: urls["workbench"],
            "名单": urls["list"],
            f"名单，{ALL}": urls["list"],
            "查找姓名": f"{urls['list']}?q={quote(self.facts['name'])}",
            "档案和时间线": urls["dossier"].replace("/0/", "/{child}/"),
            "时间线": urls["timeline"].replace("/0/", "/{child}/"),
            "记录表单": urls["add"] + "?child={child}",
        } | self.facts["promises"]

    def sign_in(self) -> None:
        self.client, self.wide = self._as("principal"), self._as("wide")
        self.superior, self.homeroom = self._as("superior"), self._as("homeroom")

    def reader(self, page: str) -> Client:
        own = {TOWNSHIP: self.superior, HOMEROOM: self.homeroom}
        return own[page] if page in own else super().reader(page)

    def _as(self, who: str) -> Client:
        client = Client(self.server.port)
        client.sign_in(self.facts["urls"]["login"], self.facts[who], self.facts["password"])
        return client

    def clerks(self, count: int) -> list[tuple[Client, int]]:
        found = []
        teachers = self.facts["teachers"]
        for number in range(count):
            teacher = teachers[number % len(teachers)]
            client = Client(self.server.port)
            client.sign_in(self.facts["urls"]["login"], teacher["username"], self.facts["password"])
            found.append((client, teacher["child"]))
        return found

    def form_path(self, child: int) -> str:
        return f"{self.facts['urls']['add']}?child={child}"

    def talk(self, form: Form, child: int, number: int) -> str:
        content = f"第{number}次谈心：说了学习和家里的情况，情绪平稳。"
        return form.filled({"client_key": str(uuid.uuid4()), "content": content, "state": "steady", "topics": "study"})

    def records(self) -> int:
        return self._counted()["records"]

    def is_settled(self) -> bool:
        return bool(self._counted()["settled"])

    def _counted(self) -> dict[str, int]:
        return json.loads(self.run("-m", "bench.prepare", "count"))


class StockDjango(Site):
    marker = "content"

    @property
    def cwd(self) -> Path:
        return STOCK

    def pages(self) -> dict[str, str]:
        asked = self.facts["spans"]
        month = f"?school={asked['school']}&first={asked['month'][0]}&last={asked['month'][1]}"
        term = f"?school={asked['school']}&first={asked['term'][0]}&last={asked['term'][1]}"
        return {
            MONTH: f"/reports/month/{month}",
            MATRIX: f"/reports/matrix/{term}",
            TOWNSHIP: f"/reports/schools/{month}",
            "工作台": "/admin/",
            "名单": "/admin/roster/child/",
            f"名单，{ALL}": "/admin/roster/child/",
            "查找姓名": f"/admin/roster/child/?q={quote(self.facts['name'])}",
            "档案和时间线": "/admin/roster/child/{child}/change/",
            "时间线": "/admin/roster/note/?child__id__exact={child}",
            "记录表单": "/admin/roster/note/add/",
        }

    def sign_in(self) -> None:
        self.client = self.wide = self._administrator()

    def _administrator(self) -> Client:
        client = Client(self.server.port)
        client.sign_in("/admin/login/?next=/admin/", "admin", self.env["STOCK_PASSWORD"])
        return client

    def clerks(self, count: int) -> list[tuple[Client, int]]:
        return [(self._administrator(), self.child()) for _ in range(count)]

    def form_path(self, child: int) -> str:
        return "/admin/roster/note/add/"

    def talk(self, form: Form, child: int, number: int) -> str:
        content = f"第{number}次谈心：说了学习和家里的情况，情绪平稳。"
        on = self.facts["today"]
        return form.filled(
            {"child": str(child), "on": on, "kind": "talk", "content": content, "state": "steady", "_save": "保存"}
        )

    def records(self) -> int:
        return int(
            self.run("manage.py", "shell", "-v0", "-c", "from roster.models import Note; print(Note.objects.count())")
        )


def make_caretrack(plan: Plan, folder: Path, postgres: str = "") -> CareTrack:
    """Fill a CareTrack installation, on PostgreSQL where its address is given; its server is not started yet."""
    size = plan.size
    home = folder / f"caretrack{size}"
    home.mkdir()
    port = free_port()
    env = {
        "CARETRACK_DATA": str(home / "data"),
        "CARETRACK_KEYS": str(home / "keys"),
        "CARETRACK_IDLE_MINUTES": "600",
        "CARETRACK_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "caretrack.settings",
        "DATABASE_URL": postgres,
        "PORT": str(port),
    }
    (home / "data").mkdir(mode=0o700)
    command = [sys.executable, "manage.py", "serve"]
    server = Server(f"CareTrack {size}", command, env, port, "/login/", home / "server.log", database=postgres)
    site = CareTrack(f"CareTrack {size}", size, home, env, server, {})
    site.run("-m", "bench.prepare", json.dumps(asdict(plan)), str(home))
    site.facts = json.loads((home / "facts.json").read_text())
    return site


def make_stock(like: CareTrack, folder: Path, today: str) -> StockDjango:
    """Fill the stock project with the rows of a CareTrack installation."""
    home = folder / f"stock{like.size}"
    home.mkdir()
    port = free_port()
    env = {
        "STOCK_DATA": str(home),
        "STOCK_SECRET_KEY": secrets.token_hex(32),
        "STOCK_PASSWORD": secrets.token_urlsafe(18),
        "DJANGO_SETTINGS_MODULE": "stocksite.settings",
    }
    command = [
        sys.executable, "-m", "gunicorn", "--chdir", str(STOCK), "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}",
        "--log-level", "warning", "stocksite.wsgi",
    ]  # fmt: skip
    server = Server(f"Django {like.size}", command, env, port, "/admin/login/", home / "server.log")
    facts = {
        "children": like.facts["children"],
        "name": like.facts["name"],
        "spans": like.facts["spans"],
        "today": today,
    }
    site = StockDjango(f"Django {like.size}", like.size, home, env, server, facts)
    site.run("manage.py", "migrate", "-v0")
    site.run("manage.py", "fill", str(like.folder / "data.jsonl"))
    return site
