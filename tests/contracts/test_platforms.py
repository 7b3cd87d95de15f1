"""One suite for every platform: what people do on its fake server, and what they see there.

The adapter's real SDK speaks with the server; behind it runs `renkei serve` with the bundled knowledge. A platform
joins by a file in `drivers/`.
"""

import importlib
from pathlib import Path

import pytest
from house import MATTER, card, consult, house, see
from loopback import LoopbackDriver
from platform_driver import DESK, GROUP

from adapters import wiring
from adapters.settings import Settings
from bot.cases.desks import DeskPlan

DRIVERS = sorted(path.stem for path in (Path(__file__).parent / "drivers").glob("*.py") if path.stem != "__init__")
QUESTION = "小樽港には令和6年度に何隻のクルーズ船が来ましたか"


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    wiring.build_index(Settings(store_dir=folder, _env_file=None))
    return folder


@pytest.fixture(params=DRIVERS)
def driver(request):
    made = importlib.import_module(f"drivers.{request.param}").make()
    yield made
    made.close()


@pytest.fixture
def serving(store, tmp_path, driver):
    with house(store, tmp_path, [driver]) as made:
        yield made


def test_a_question_is_answered_once_whatever_is_delivered_again(serving, driver):
    driver.say("ann", QUESTION, times=4)
    answer = see(driver, "ann", "32隻")
    assert "これは自動応答の案内係で、人ではありません" in answer.text
    serving.quiet()
    assert len(driver.shown("ann")) == 1
    assert serving.dealt() == 1


def test_the_sources_are_shown_in_their_very_words(serving, driver):
    driver.say("ann", QUESTION)
    answer = see(driver, "ann", "32隻")
    driver.press("ann", answer, "根拠を見る")
    words = see(driver, "ann", "根拠とした資料の原文です")
    assert "32隻" in words.text
    assert "[1]" in words.text


def test_a_bad_answer_is_asked_for_its_reason_which_is_kept_masked(serving, driver):
    driver.say("ann", QUESTION)
    driver.fill("ann", see(driver, "ann", "32隻"), "よくなかった", "古い数字でした。電話は090-0000-0000です")
    see(driver, "ann", "お知らせいただき、ありがとうございました")
    with serving.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT rating, reason FROM replies").all()
    assert rows == [("bad", "古い数字でした。電話は〔電話番号〕です")]


def test_in_a_group_it_answers_in_the_thread_and_is_silent_elsewhere(serving, driver):
    driver.say("ann", "今日は寒いですね", GROUP, spoken_to=False)
    driver.say("ann", QUESTION, GROUP)
    answer = see(driver, GROUP, "32隻")
    assert "この場所の会話は、ほかの方からも見えます" in answer.text
    driver.say("ann", "その前の年度は?", GROUP, below=answer)
    serving.quiet()
    shown = driver.shown(GROUP)
    assert len(shown) == 2
    assert shown[1].thread == answer.thread != ""


def test_a_thread_goes_on_without_a_mention_where_the_bot_takes_part(serving, driver):
    driver.say("ann", QUESTION, GROUP)
    answer = see(driver, GROUP, "32隻")
    driver.say("ann", "連携中枢都市圏とは何ですか", GROUP, below=answer, spoken_to=False)
    see(driver, GROUP, "", count=2)


def test_a_consultation_from_the_first_word_to_the_rating(serving, driver):
    receipt = consult(driver, "ann")
    at_desk = card(driver)
    number = at_desk.text.partition("受付番号 ")[2].partition(" ")[0]
    assert number in receipt.text
    driver.press("clerk", at_desk, "担当する")
    see(driver, "ann", "が担当します")
    assert "担当: " in card(driver).text
    driver.say("clerk", "この件、誰か知っていますか", DESK, below=at_desk, spoken_to=False)
    driver.fill("clerk", card(driver), "返信する", "朝市は歓迎です。次の火曜にお話ししましょう")
    preview = see(driver, DESK, "次の文を住民へ送ります")
    assert all("火曜" not in shown.text for shown in driver.shown("ann"))
    driver.press("clerk", preview, "住民へ送る")
    assert number in see(driver, "ann", "次の火曜にお話ししましょう").text
    driver.say("ann", "火曜で大丈夫です。よろしくお願いします")
    assert see(driver, DESK, "火曜で大丈夫です").thread == see(driver, DESK, "が住民へ送りました").thread
    driver.press("clerk", card(driver), "完了")
    driver.press("ann", see(driver, "ann", "終わりにしました"), "よかった")
    see(driver, "ann", "お答えいただき、ありがとうございました")
    assert all("誰か知っていますか" not in shown.text for shown in driver.shown("ann"))
    assert serving.dead() == []


def test_a_resident_cannot_act_at_the_desk(serving, driver):
    consult(driver, "ann")
    driver.press("bob", card(driver), "担当する")
    refused = see(driver, DESK, "その操作は職員だけができます")
    assert refused.only in ("bob", "")
    assert "担当待ち" in card(driver).text


def test_two_residents_never_read_each_other(serving, driver):
    consult(driver, "ann")
    other = "倶知安町で空き家を交流の場にしたいです。どこに相談すればいいですか"
    consult(driver, "bob", other)
    for person, matter in (("bob", other), ("ann", MATTER)):
        driver.press("clerk", card(driver, matter), "担当する")
        see(driver, person, "が担当します")
        driver.fill("clerk", card(driver, matter), "返信する", f"{person}さまへのお返事")
        driver.press("clerk", see(driver, DESK, f"{person}さまへ"), "住民へ送る")
        see(driver, person, f"{person}さまへのお返事")
    serving.quiet()
    assert all("bobさま" not in shown.text for shown in driver.shown("ann"))
    assert all("annさま" not in shown.text for shown in driver.shown("bob"))


def test_look_ups_by_command(serving, driver):
    driver.command("ann", "連絡先 余市町")
    assert "0134-23-8035" in see(driver, "ann", "小樽開発建設部").text
    driver.command("ann", "事業 炭鉄港")
    assert "出典" in see(driver, "ann", "炭鉄港").text
    driver.command("ann", "help")
    assert "管理者の命令" not in see(driver, "ann", "連絡先 余市町 …").text
    driver.command("chief", "help")
    assert "管理者の命令" in see(driver, "chief", "連絡先 余市町 …").text


def test_what_a_role_may_not_do_is_refused_and_noted(serving, driver):
    for command in ("index", "reindex", "rollback"):
        driver.command("ann", command)
    see(driver, "ann", "その操作は管理者だけができます", count=3)
    with serving.database.work() as work:
        assert [note.what for note in work.audit.entries()] == [
            "refused index", "refused reindex", "refused rollback",
        ]  # fmt: skip


def test_an_admin_sees_the_index_and_makes_it_anew_while_answers_go_on(serving, driver):
    driver.command("chief", "index")
    assert "資料 5件" in see(driver, "chief", "索引 ").text
    driver.command("chief", "reindex")
    see(driver, "chief", "資料は変わっていませんでした")
    assert all("作り直しています" not in shown.text for shown in driver.shown("chief")), "the message is edited"


def test_a_file_is_refused_once(serving, driver):
    driver.say("ann", "", file=True)
    driver.say("ann", "", file=True)
    driver.say("ann", QUESTION, file=True)
    see(driver, "ann", "32隻")
    serving.quiet()
    assert sum("ファイルはお預かりできません" in shown.text for shown in driver.shown("ann")) == 1


def test_what_was_written_is_forgotten_on_request(serving, driver):
    consult(driver, "ann")
    driver.command("ann", "forget")
    see(driver, "ann", "消しました")
    see(driver, DESK, "住民が取り下げました")
    serving.quiet()
    assert all(MATTER not in shown.text for shown in driver.shown(DESK))
    with serving.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM replies").scalar() == 0


@pytest.mark.parametrize("fault", ["429", "500", "dropped"])
def test_a_post_that_fails_arrives_in_the_end_and_once(serving, driver, fault):
    driver.trouble(fault)
    driver.say("ann", QUESTION)
    see(driver, "ann", "32隻")
    serving.quiet()
    shown = [one for one in driver.shown("ann") if "32隻" in one.text]
    assert len(shown) == 1 or "念のための再送" in shown[-1].text  # where a platform cannot look it up


def test_a_resident_who_cannot_be_reached_is_marked_for_desk_and_admin(serving, driver):
    consult(driver, "ann")
    driver.trouble("gone:ann")
    driver.press("clerk", card(driver), "担当する")
    see(driver, DESK, "届けられない知らせがあります")
    see(driver, "chief", "届かなかったものがあります")


def test_health_readiness_and_metrics(serving, driver):
    assert serving.get("/healthz") == (200, "ok")
    assert serving.get("/readyz")[0] == 200
    figures = serving.get("/metrics")[1]
    for name in (
        'renkei_replies_total{status="answered"}', "renkei_reply_seconds_bucket", "renkei_outbox_depth",
        "renkei_outbox_age_seconds", "renkei_index_generation_info{", "renkei_index_age_seconds",
        f'renkei_platform_connected{{platform="{driver.platform.name}"}} 1.0',
    ):  # fmt: skip
        assert name in figures


def survive_restarts(store, folder, driver, people, restarts):
    """Everybody asks once; posts fail now and then, and the process is stopped in the middle of it."""
    share = people // (restarts + 1)
    for number in range(restarts + 1):
        with house(store, folder, [driver]) as made:
            for person in range(number * share, (number + 1) * share):
                if person % 7 == 0:
                    driver.trouble(("500", "429", "dropped")[person // 7 % 3])
                driver.say(f"r{person}", QUESTION, times=1 + person % 3)
            if number == restarts:
                for person in range(people):
                    see(driver, f"r{person}", "32隻")
                made.quiet()
                assert made.dead() == []
        driver.renew()
    for person in range(people):
        answers = [shown.text for shown in driver.shown(f"r{person}")]
        assert len(answers) == 1 or all("念のための再送" in text for text in answers[1:]), answers


def test_every_question_is_answered_once_across_a_restart(store, tmp_path, driver):
    survive_restarts(store, tmp_path, driver, people=24, restarts=1)


@pytest.mark.full
def test_a_thousand_questions_in_a_thousand_answers_out(store, tmp_path, driver):
    survive_restarts(store, tmp_path, driver, people=1000, restarts=4)


def pairs():
    """Every platform with every other one, and the loopback platform with itself."""
    return [("loopback", "loopback"), *((a, b) for a in DRIVERS for b in DRIVERS if a != b)]


@pytest.mark.parametrize(("resident_side", "desk_side"), pairs())
def test_a_consultation_crosses_from_one_platform_to_another(store, tmp_path, resident_side, desk_side):
    here = importlib.import_module(f"drivers.{resident_side}").make()
    there = (
        LoopbackDriver("other")
        if desk_side == resident_side
        else importlib.import_module(f"drivers.{desk_side}").make()
    )
    try:
        with house(store, tmp_path, [here, there], DeskPlan(fallback=there.desk)) as made:
            consult(here, "ann")
            there.press("clerk", card(there), "担当する")
            see(here, "ann", "が担当します")
            there.fill("clerk", card(there), "返信する", "火曜にお話ししましょう")
            there.press("clerk", see(there, DESK, "次の文を住民へ送ります"), "住民へ送る")
            see(here, "ann", "火曜にお話ししましょう")
            here.say("ann", "承知しました")
            see(there, DESK, "承知しました")
            assert here.shown(DESK) == []
            assert made.dead() == []
    finally:
        here.close()
        there.close()
