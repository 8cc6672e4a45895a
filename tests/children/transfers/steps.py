"""A child sent to a school outside, and the sealed file that takes its dossier there."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from children import transfer_file
from children.models import CareArrangement, Child, Transfer
from children.transfers import send
from tests.support.factories import make_staff

BORN = date(2016, 5, 4)
SECRET = "枫香坳下的小学2026"
LEFT = date(2026, 11, 10)


def sent_outside(child: Child) -> Transfer:
    return send(child=child, on=LEFT, by=make_staff(), to_name="东莞市第三小学", items=["档案摘要"])


def package(child: Child) -> bytes:
    return transfer_file.seal(transfer_file.pack(sent_outside(child)), SECRET)


def open_file(client: Client, content: bytes) -> Any:
    """The page that says what is in the file."""
    data = {"file": SimpleUploadedFile("李小兰档案移交.caretrack", content), "passphrase": SECRET}
    return client.post("/students/transfers/take/", data)


def far_away() -> None:
    """The other installation: this child was never here."""
    CareArrangement.objects.all().delete()
    Child.objects.all().delete()
