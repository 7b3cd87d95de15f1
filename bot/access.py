"""Who may do what: ADMIN_IDS and STAFF_IDS name people, or channels whose people they are; all others are residents."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    RESIDENT = "resident"
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Access:
    """Ids as platforms write them: "slack:U024BE7LH", "telegram:123456"; of places "slack:C…", "telegram:-100…"."""

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

    def at(self, place: str, user: str) -> "Access":
        """The roles that hold while `user` speaks at `place`: a place that is listed gives its role to who speaks."""
        admins = self.admins | ({user} if place in self.admins else set())
        return Access(admins, self.staff | ({user} if place in self.staff else set()))
