"""Who may do what: ADMIN_IDS and STAFF_IDS name the people; everybody else is a resident."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    RESIDENT = "resident"
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Access:
    """Ids as platforms write them: "slack:U024BE7LH", "telegram:123456"."""

    admins: frozenset[str] = frozenset()
    staff: frozenset[str] = frozenset()

    @classmethod
    def of(cls, admins: Iterable[str] = (), staff: Iterable[str] = ()) -> "Access":
        return cls(frozenset(admins), frozenset(staff))

    def role(self, user: str) -> Role:
        if user in self.admins:
            return Role.ADMIN
        return Role.STAFF if user in self.staff else Role.RESIDENT

    def is_staff(self, user: str) -> bool:
        """Admins are staff too."""
        return self.role(user) is not Role.RESIDENT
