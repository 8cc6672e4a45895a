"""Personal fields of staff."""

from caretrack.access.catalogue import Basis, personal
from caretrack.access.policy import DataClass

personal(
    "schools.Staff",
    purpose="登录、分工、联系和在记录上署名",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="username name password is_active must_change_password password_set_at",
    optional="pinyin sex phone title",
    conditional="background_checked_on",
)
personal(
    "schools.LoginAttempt",
    purpose="防止猜测密码，保存一天",
    data=DataClass.ACCOUNTS,
    basis=Basis.STAFF,
    required="at username address",
)
