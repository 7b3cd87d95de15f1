"""What the contract suite does not reach: events that fail, floods, staff without forms, languages, edits at a desk."""

import pytest
from house import MATTER, card, consult, house, see
from loopback import LoopbackDriver, wait_for
from platform_driver import DESK, GROUP

from adapters import wiring
from adapters.at_desk import split_transfer
from adapters.feedback import Feedback
from adapters.settings import Settings
from bot.limiting import PER_MINUTE

QUESTION = "小樽港には令和6年度に何隻のクルーズ船が来ましたか"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    wiring.build_index(Settings(store_dir=folder, _env_file=None))
    return folder


@pytest.fixture
def driver():
    made = LoopbackDriver()
    yield made
    made.close()


@pytest.fixture
def serving(store, tmp_path, driver):
    with house(store, tmp_path, [driver]) as made:
        yield made


def texts(driver, place):
    return [shown.text for shown in driver.shown(place)]


def test_an_event_that_fails_each_time_is_laid_aside_and_its_person_told(serving, driver, monkeypatch):
    def fail(*_):
        raise ValueError("余市町の山田")

    monkeypatch.setattr(Feedback, "offer", fail)
    driver.say("ann", QUESTION)
    see(driver, "ann", "うまく受け取れませんでした")
    monkeypatch.undo()
    driver.say("bob", QUESTION)
    see(driver, "bob", "32隻")
    (fault,) = serving.dead()
    assert fault.startswith("ValueError at")
    assert "山田" not in fault
    assert serving.replies()["error"] == 1


def test_a_flood_is_answered_with_one_word_of_patience(serving, driver):
    for _ in range(PER_MINUTE + 25):
        driver.command("ann", "連絡先 余市町")
    driver.say("bob", QUESTION)
    see(driver, "bob", "32隻")
    wait_for(lambda: serving.dealt() == PER_MINUTE + 26)
    serving.quiet()
    assert serving.replies()["limited"] in (25, 10)  # a minute may have turned
    assert sum("15通まで" in text for text in texts(driver, "ann")) <= 2


def test_staff_without_forms_transfer_by_answering_the_question(serving, driver):
    consult(driver, "ann")
    driver.press("clerk", card(driver), "担当する")
    driver.fill("clerk", card(driver), "他課へ回す", "函館開発建設部：道南の件のため")
    transferred = see(driver, "ann", "引き継ぎました")
    assert "函館開発建設部" in transferred.text
    assert "道南の件のため" in transferred.text
    driver.press("clerk", card(driver), "担当する")
    see(driver, "ann", "が担当します", count=2)
    driver.fill("clerk", card(driver), "他課へ回す", "戻す")
    see(driver, "ann", "次の担当を待っています")


@pytest.mark.parametrize(
    ("typed", "office", "reason"),
    [
        ("小樽開発建設部: 国道の件", "小樽開発建設部", "国道の件"),
        ("小樽開発建設部 地域連携課：国道の件", "小樽開発建設部 地域連携課", "国道の件"),
        ("小樽開発建設部\u3000国道の件", "小樽開発建設部", "国道の件"),
        ("小樽開発建設部", "小樽開発建設部", ""),
        ("戻す", "back", ""),
    ],
)
def test_a_transfer_in_words(typed, office, reason):
    assert split_transfer(typed) == (office, reason)


def test_staff_talk_with_the_mark_is_previewed_and_its_later_edit_refused(serving, driver):
    consult(driver, "ann")
    at_desk = card(driver)
    driver.press("clerk", at_desk, "担当する")
    see(driver, "ann", "が担当します")
    driver.say("clerk", "住民へ: 火曜にお話ししましょう", DESK, below=at_desk, spoken_to=False)
    driver.press("clerk", see(driver, DESK, "次の文を住民へ送ります"), "住民へ送る")
    see(driver, "ann", "火曜にお話ししましょう")
    driver.say("clerk", "住民へ: 水曜にお話ししましょう", DESK, below=at_desk, spoken_to=False, unknown="edited")
    see(driver, DESK, "書き直しても住民に届いた文は変わりません")
    driver.say("clerk", "独り言", DESK, below=at_desk, spoken_to=False, unknown="edited")
    serving.quiet()
    assert all("水曜" not in text for text in texts(driver, "ann"))


def test_staff_look_at_what_waits_and_at_a_card(serving, driver):
    receipt = consult(driver, "ann")
    number = receipt.text.partition("受付番号は ")[2].partition(" ")[0]
    driver.command("clerk", "相談", DESK)
    see(driver, DESK, f"{number} 担当待ち 余市町")
    driver.command("clerk", f"相談 {number}")
    assert see(driver, "clerk", MATTER).labels == ()
    driver.command("bob", f"相談 {number}")
    see(driver, "bob", "見つかりませんでした")
    driver.command("ann", "相談")
    see(driver, "ann", f"受付番号 {number}", count=1)


def test_the_home_page_is_that_of_the_role(serving, driver):
    consult(driver, "ann")
    for person in ("ann", "clerk", "chief"):
        driver.command(person, "home")
    serving.quiet()
    homes = {post.place: post.payload["text"] for post in driver.posts if post.payload.get("home")}
    assert "担当を待っています" in homes["ann"]
    assert "受け持ちの相談" not in homes["ann"]
    assert "担当待ち 余市町" in homes["clerk"]
    assert "索引 " in homes["chief"]


def test_the_language_of_a_person_who_has_not_spoken_yet(serving, driver):
    parse = driver.platform.parse

    def english(event):
        from dataclasses import replace

        return [replace(heard, via={"lang": "en"}) for heard in parse(event)]

    driver.platform.parse = english
    driver.command("ann", "help")
    see(driver, "ann", "automatic guide")


def test_what_is_deleted_is_told_only_where_something_is_kept(serving, driver):
    driver.say("ann", "", unknown="deleted")
    driver.say("ann", QUESTION, unknown="edited")
    see(driver, "ann", "書き直しは読み取れません")
    serving.quiet()
    assert len(texts(driver, "ann")) == 1
    consult(driver, "bob")
    driver.say("bob", "", unknown="deleted")
    see(driver, "bob", "/forget")


def test_a_sticker_in_a_group_where_nobody_spoke_to_the_bot_is_passed_over(serving, driver):
    driver.say("ann", "", GROUP, spoken_to=False, unknown="sticker")
    driver.say("bob", QUESTION)
    see(driver, "bob", "32隻")
    serving.quiet()
    assert driver.shown(GROUP) == []


def test_forgetting_by_plain_word_takes_the_sources_along(serving, driver):
    driver.say("ann", QUESTION)
    answer = see(driver, "ann", "32隻")
    driver.say("ann", "/forget")
    see(driver, "ann", "消しました")
    driver.press("ann", answer, "根拠を見る")
    see(driver, "ann", "もう残っていません")
    with serving.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM replies").scalar() == 0


def test_an_answer_is_made_whatever_fails_while_it_is_shown(serving, driver):
    told = []

    def working(heard):
        if heard.message.user.endswith("bob"):
            raise OSError("no status here")

        def tell(sentence):
            told.append(sentence)
            raise OSError("the stream is gone")

        return tell

    driver.platform.working = working
    for person in ("ann", "bob"):
        driver.say(person, QUESTION)
        see(driver, person, "32隻")
    assert "32隻" in "".join(told)
    assert serving.dead() == []
