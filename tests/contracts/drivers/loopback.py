"""The loopback platform of the tests."""

from loopback import LoopbackDriver


def make() -> LoopbackDriver:
    return LoopbackDriver()
