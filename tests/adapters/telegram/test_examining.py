"""What `renkei doctor` says of Telegram: each finding names its remedy, none holds the token."""

import pytest
from bot_api_server import BOT, TOKEN

from adapters.telegram.address import address
from adapters.telegram.api import Api
from adapters.telegram.examining import examine, rights
from adapters.telegram.platform import Telegram, build
from bot.texts import Texts


def findings(api, mode="polling", desks=()):
    return list(examine(api, mode, desks))


def test_all_is_well(server, api):
    server.forums.add(-100777)
    found = Telegram(api, Texts.load(), desks=["telegram:-100777/topics", "slack:C1", "console:desk"]).examine()
    assert all(good for good, _words in found)
    assert any(f"@{BOT['username']}" in words for _good, words in found)
    assert found[-1] == (True, "窓口 -100777: 相談ごとにトピックを作れます")


def test_a_wrong_token_and_a_server_out_of_reach(server):
    for token, url, words in (("1:wrong", server.url, "BotFather"), (TOKEN, "http://127.0.0.1:9", "ネットワーク")):
        api = Api(token, url)
        ((good, said),) = findings(api)
        assert not good
        assert words in said
        assert "wrong" not in said
        api.close()


@pytest.mark.parametrize(
    ("chat", "member", "good", "words"),
    [
        ({"is_forum": True}, {"status": "administrator", "can_manage_topics": True}, True, "トピックを作れます"),
        ({"is_forum": True}, {"status": "creator"}, True, "トピックを作れます"),
        ({"is_forum": True}, {"status": "administrator"}, False, "トピックの管理"),
        ({"is_forum": True}, {"status": "member"}, False, "管理者"),
        ({}, {"status": "administrator", "can_manage_topics": True}, False, "トピックが切れています"),
        ({"is_forum": True}, {"status": "left"}, False, "外されています"),
        ({}, {"status": "kicked"}, False, "外されています"),
    ],
)
def test_the_rights_at_a_desk(chat, member, good, words):
    found = rights(address("telegram:-100777/topics"), chat, member)
    assert found[0] == good
    assert words in found[1]
    assert rights(address("telegram:-100777"), {}, {"status": "member"})[0]


def test_a_desk_that_moved_or_is_not_there(server, api):
    server.moved[-4001] = -1001230000009
    assert "-1001230000009" in findings(api, desks=["telegram:-4001"])[-1][1]
    server.faults["getChat"] = [(400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"})]
    good, words = findings(api, desks=["telegram:-5"])[-1]
    assert not good
    assert "DESKS_FILE" in words


def test_a_webhook_that_is_left_or_missing_is_said(server, api):
    server.webhook = "https://elsewhere.example/"
    assert any("外します" in words for _good, words in findings(api))
    server.webhook = ""
    assert (False, "webhook は renkei serve の起動時に登録されます") not in findings(api)
    assert any("起動時に登録されます" in words for _good, words in findings(api, "webhook"))


def test_it_is_built_from_the_settings(monkeypatch):
    from adapters.settings import load_settings

    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")
    polling = build(load_settings())
    assert list(polling.routes()) == []
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://bot.example.jp/")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "abc")
    webhook = build(load_settings())
    assert [route.path for route in webhook.routes()] == ["/telegram/webhook"]
    assert webhook._url == "https://bot.example.jp/telegram/webhook"
    for platform in (polling, webhook):
        platform._api.close()
