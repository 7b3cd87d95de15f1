"""Roles: only who is named is staff."""

from bot.access import Access, Role


def test_roles():
    access = Access.of(admins=["slack:U1"], staff=["telegram:2"])
    assert access.role("slack:U1") is Role.ADMIN
    assert access.role("telegram:2") is Role.STAFF
    assert access.role("telegram:22") is access.role("slack:2") is access.role("") is Role.RESIDENT
    assert access.is_staff("slack:U1")
    assert not access.is_staff("U1")
