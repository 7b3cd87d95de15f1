"""The web server: health, readiness, figures; webhooks only while events are taken, and no endless bodies."""

import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.serve import ClosingError
from adapters.web import MAX_BODY, Health, WebServer, build_app
from knowledge.errors import DatabaseError, SettingsError


async def hook(request: Request):
    body = await request.body()
    faults = {b"full": DatabaseError("disk"), b"closing": ClosingError(), b"odd": KeyError("090-0000-0000")}
    if body in faults:
        raise faults[body]
    return PlainTextResponse(f"{len(body)}")


@contextmanager
def serving(taking=True, **ready):
    health = Health(lambda: ready, lambda: b"figures 1\n", lambda: taking)
    server = WebServer(build_app(health, [Route("/hook", hook, methods=["POST"])]), "127.0.0.1", 0)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def ask(url: str, body: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, body, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_is_ready_when_every_part_is():
    with serving(model=True, platform=True) as url:
        assert ask(f"{url}/healthz") == (200, "ok")
        assert ask(f"{url}/readyz") == (200, '{"model":true,"platform":true}')
        assert ask(f"{url}/metrics") == (200, "figures 1\n")
    with serving(model=True, platform=False) as url:
        assert ask(f"{url}/healthz")[0] == 200
        assert ask(f"{url}/readyz") == (503, '{"model":true,"platform":false}')
    with serving() as url:
        assert ask(f"{url}/readyz")[0] == 503


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"hello", 200),
        (b"full", 503),
        (b"closing", 503),
        (b"odd", 500),
        (b"x" * MAX_BODY, 200),
        (b"x" * (MAX_BODY + 1), 413),
    ],
)
def test_a_webhook_that_cannot_be_kept_is_delivered_again(body, status):
    with serving() as url:
        found, text = ask(f"{url}/hook", body)
    assert found == status
    assert "090" not in text


def test_webhooks_wait_until_events_are_taken():
    with serving(taking=False) as url:
        assert ask(f"{url}/hook", b"hello")[0] == 503
        assert ask(f"{url}/healthz")[0] == 200


def test_unknown_addresses_are_not_found():
    with serving() as url:
        assert ask(f"{url}/nothing")[0] == 404
        assert ask(f"{url}/hook")[0] == 405


def test_an_address_in_use_is_a_setting_to_mend():
    with serving() as url, pytest.raises(SettingsError, match="HTTP_PORT"):
        WebServer(build_app(Health(dict, bytes, bool)), "127.0.0.1", int(url.rpartition(":")[2]))


def test_an_address_of_another_machine_is_a_setting_to_mend():
    with pytest.raises(SettingsError, match="HTTP_HOST"):
        WebServer(build_app(Health(dict, bytes, bool)), "192.0.2.1", 0)
