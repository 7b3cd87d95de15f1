"""The guard of conftest.py itself."""

import socket
import urllib.request

import pytest


def test_what_leaves_this_machine_is_refused(network_attempts):
    with socket.socket() as sock, pytest.raises(OSError, match="may not reach"):
        sock.connect(("192.0.2.1", 80))
    with pytest.raises(OSError, match="may not reach"):
        urllib.request.urlopen("http://example.jp/")
    assert network_attempts == ["192.0.2.1", "example.jp"]


def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]):
        pass
