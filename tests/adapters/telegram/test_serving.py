"""`renkei serve` with Telegram alone: by webhook, at a desk without topics, in a group without topics, and under load
with duplicates, refusals, cut connections and a restart in the middle."""

import json

import pytest
from drivers.telegram import TelegramDriver
from house import card, consult, house, see
from loopback import wait_for
from platform_driver import DESK, GROUP

from adapters import wiring
from adapters.settings import Settings

QUESTION = "小樽港には令和6年度に何隻のクルーズ船が来ましたか"


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    wiring.build_index(Settings(store_dir=folder, _env_file=None))
    return folder


@pytest.fixture
def serve(store, tmp_path):
    """`renkei serve` with a driver of these options; the same database each time."""
    made = []

    def begin(**options):
        driver = TelegramDriver(**options)
        made.append(driver)
        return driver, house(store, tmp_path, [driver])

    yield begin
    for driver in made:
        driver.close()


def test_by_webhook_an_answer_comes_once_whatever_is_delivered_again(serve):
    driver, serving = serve(secret="a-secret_of_nobody")
    with serving as made:
        driver.say("ann", QUESTION, times=4)
        see(driver, "ann", "32隻")
        made.quiet()
        assert len(driver.shown("ann")) == 1
        assert driver.server.called("getUpdates") == []


def test_at_a_desk_without_topics_staff_answer_any_line_of_a_case(serve):
    driver, serving = serve(topics=False)
    with serving as made:
        consult(driver, "ann")
        other = "倶知安町で空き家を交流の場にしたいです。どこに相談すればいいですか"
        consult(driver, "bob", other)
        driver.press("clerk", card(driver), "担当する")
        claimed = see(driver, DESK, "が担当します")
        driver.say("clerk", "住民へ:火曜にお話ししましょう", DESK, below=claimed, spoken_to=False)
        driver.press("clerk", see(driver, DESK, "次の文を住民へ送ります"), "住民へ送る")
        see(driver, "ann", "火曜にお話ししましょう")
        driver.say("clerk", "これは内部メモです", DESK, below=card(driver), spoken_to=False)
        driver.say("ann", "承知しました")
        assert see(driver, DESK, "承知しました").thread == card(driver).id
        made.quiet()
        assert all("火曜" not in shown.text for shown in driver.shown("bob"))
        assert all("内部メモです" not in shown.text for shown in driver.shown("ann"))


def test_in_a_group_a_claimed_case_silences_the_bot_for_its_resident_alone(serve):
    driver, serving = serve(topics=False)
    with serving as made:
        driver.say("ann", "余市町で空き店舗を使って朝市を開きたいです。どこに相談すればいいですか", GROUP)
        driver.press("ann", see(driver, GROUP, "次の窓口へご相談ください"), "担当に相談する")
        driver.press("ann", see(driver, GROUP, "お返事は、どのように"), "この会話で")
        driver.press("bob", see(driver, GROUP, "次の内容でお送りします"), "送る")  # not bob's to send
        see(driver, GROUP, "そのボタンは、今は使えません")
        driver.press("ann", see(driver, GROUP, "次の内容でお送りします"), "送る")
        driver.press("clerk", card(driver), "担当する")
        called = see(driver, GROUP, "が担当します")
        assert "ご相談の件で" in called.text  # nobody would notice it otherwise
        driver.say("ann", "駐車場はありますか", GROUP)
        see(driver, DESK, "駐車場はありますか")
        driver.say("bob", QUESTION, GROUP)
        see(driver, GROUP, "32隻")
        made.quiet()


@pytest.mark.parametrize(
    "people", [40, pytest.param(1000, marks=pytest.mark.full)]
)  # each asks once; 1,000 questions in, 1,000 answers out
def test_every_question_is_answered_and_none_twice_whatever_happens(store, tmp_path, people):
    driver = TelegramDriver()
    server = driver.server
    try:
        asked = [_question(number) for number in range(people)]
        server.push(*asked[: people // 2])
        server.push(*asked[: people // 4])  # once more
        for n in range(people // 10):
            server.faults["getUpdates"] += [None, ["cut", "refuse", (500, b"<html>"), (200, b"{")][n % 4]]
            refused = (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 1}})
            server.faults["sendMessage"] += [None, None, None, refused, None, (500, {"ok": False, "error_code": 500})]
        with house(store, tmp_path, [driver]):
            wait_for(lambda: len(server.texts()) >= people // 4, 300)
        driver.renew()
        server.push(*asked[people // 3 :])
        with house(store, tmp_path, [driver]) as made:
            wait_for(lambda: len(_answered(server)) >= people, 600)
            made.quiet()
        counts = [sum(1 for text in server.texts(9000 + n) if "32隻" in text) for n in range(people)]
        assert counts == [1] * people
    finally:
        driver.close()


def _answered(server):
    with server.lock:
        return {message["chat"]["id"] for message in server.messages.values()}


def _question(number: int) -> dict:
    person = {"id": 9000 + number, "is_bot": False, "first_name": "架空"}
    chat = {"id": 9000 + number, "type": "private"}
    message = {"message_id": number + 1, "from": person, "chat": chat, "date": 1, "text": QUESTION}
    return json.loads(json.dumps({"update_id": 70_000 + number, "message": message}))
