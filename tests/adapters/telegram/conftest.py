"""A Bot API server for each test, and the real client on it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "contracts"))
sys.path.insert(0, str(Path(__file__).parent))
from bot_api_server import TOKEN, running

from adapters.telegram.api import Api


@pytest.fixture
def server():
    with running() as api_server:
        yield api_server


@pytest.fixture
def api(server):
    client = Api(TOKEN, server.url)
    yield client
    client.close()
