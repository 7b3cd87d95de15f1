"""The `renkei` command as a person runs it: what goes to stdout and stderr, exit codes, and one whole journey."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters import cli
from adapters.settings import load_settings
from adapters.wiring import build_index
from bot.message import Reply, ReplyStatus
from knowledge.errors import RenkeiError

QUESTION = "倶知安町で空き家を交流拠点にしたい。どこに相談すればいいですか"
REPLY_FIELDS = set(Reply(ReplyStatus.ERROR, "").as_dict())


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def renkei(monkeypatch, capsys):
    """Runs the command in this process."""

    def run(*args: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["renkei", *map(str, args)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        code = caught.value.code
        if isinstance(code, str):  # what Python itself does with sys.exit("words")
            print(code, file=sys.stderr)
            code = 1
        shown = capsys.readouterr()
        return Ran(code or 0, shown.out, shown.err)

    return run


def in_a_process(*args: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the command as a process of its own, without the developer's settings."""
    command = [sys.executable, "-c", "from adapters.cli import main; main()", *map(str, args)]
    clean = {name: value for name, value in os.environ.items() if name.lower() not in cli_settings()}
    return subprocess.run(command, input=stdin, capture_output=True, env={**clean, **environment}, timeout=300)


def cli_settings() -> set[str]:
    from adapters.settings import Settings

    return set(Settings.model_fields)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A store with the bundled documents, built once; copy it before changing it."""
    store = tmp_path_factory.mktemp("built") / "store"
    assert build_index(load_settings(store_dir=store)).failed == []
    return store


@pytest.fixture
def store(built, tmp_path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "store"))


# -- usage -----------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_and_loads_nothing_heavy():
    heavy = "torch sentence_transformers transformers faiss bm25s langchain_core sudachipy numpy pydantic".split()
    code = "import sys\nfrom adapters.cli import app\napp(['--help'], standalone_mode=False)\n"
    code += f"print(*(name for name in {heavy} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr.decode().strip()) == (0, ""), done.stderr.decode()
    listed = set(re.findall(r"^│ (\w+) ", done.stdout.decode(), re.M))
    assert set("index ask chat batch eval check doctor generations rollback contacts projects".split()) <= listed


@pytest.mark.parametrize("args", [["sing"], ["ask"], ["ask", "--loud", "x"], ["batch", "no such file"]])
def test_wrong_usage_ends_with_2(renkei, args):
    assert renkei(*args).code == 2


@pytest.mark.parametrize(
    "args",
    [
        ["rollback", "--store", "{store}"],
        ["eval", "{store}"],
        ["index", "--store", "/dev/null/store"],
    ],
)
def test_what_goes_wrong_is_one_sentence_and_1(renkei, tmp_path, args):
    ran = renkei(*(arg.format(store=tmp_path) for arg in args))
    assert ran.code == 1
    assert ran.out == ""
    assert len(ran.err.strip()) > 20
    assert "Traceback" not in ran.err


def test_a_wrong_setting_names_itself_and_never_its_value(renkei, monkeypatch):
    monkeypatch.setenv("TIMEZONE", "Secret/Place")
    ran = renkei("contacts", "札幌")
    assert ran.code == 1
    assert "TIMEZONE" in ran.err
    assert "Secret" not in ran.err + ran.out


def test_debug_shows_the_traceback(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["renkei", "--debug", "rollback", "--store", str(tmp_path)])
    with pytest.raises(RenkeiError):
        cli.main()


def test_an_unexpected_fault_is_one_sentence():
    sentence = cli.explain(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError" in sentence
    assert "--debug" in sentence


def test_a_file_that_cannot_be_written_is_named():
    assert cli.explain(PermissionError(13, "Permission denied", "/a/b")).startswith("/a/b: Permission denied")


# -- the index -------------------------------------------------------------------------------------------------------


def test_index_reports_and_fails_with_1_where_a_file_failed(renkei, tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "good.md").write_text("# 計画\n\n目標は交流人口を増やすことです。\n", encoding="utf-8")
    (papers / "empty.md").write_text("")
    (papers / "song.mp3").write_bytes(b"\0")
    ran = renkei("index", papers, "--store", tmp_path / "store")
    assert ran.code == 1
    assert re.search(r"失敗: empty\.md: .{10}", ran.out)
    assert re.search(r"対象外: song\.mp3: .{10}", ran.out)
    assert "資料 1 件" in ran.out
    again = renkei("index", papers / "good.md", "--store", tmp_path / "store")
    assert again.code == 0
    assert "新規 0" in again.out


def test_an_index_run_without_any_readable_file_leaves_the_old_generation(renkei, store):
    before = (store / "CURRENT").read_text()
    ran = renkei("index", store.parent / "absent", "--store", store)
    assert ran.code == 1
    assert "変わっていません" in ran.out
    assert (store / "CURRENT").read_text() == before


def test_generations_and_rollback(renkei, store):
    first = (store / "CURRENT").read_text().strip()
    assert renkei("rollback", "--store", store).code == 1
    paper = store.parent / "paper.md"
    paper.write_text("# 計画\n\n目標は交流人口を増やすことです。\n", encoding="utf-8")
    assert renkei("index", paper, "--store", store).code == 0
    second = (store / "CURRENT").read_text().strip()
    listed = renkei("generations", "--store", store).out
    assert listed.index(second) < listed.index(first)
    assert re.search(rf"\* +│ {second}", listed)
    assert renkei("rollback", "--store", store).code == 0
    assert (store / "CURRENT").read_text().strip() == first
    assert renkei("rollback", second, "--store", store).code == 0
    assert renkei("rollback", "nonsense", "--store", store).code == 1
    assert (store / "CURRENT").read_text().strip() == second


# -- asking ----------------------------------------------------------------------------------------------------------


def test_the_first_question_on_a_new_machine_builds_the_index_and_is_answered(tmp_path):
    done = in_a_process("ask", "--json", QUESTION, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr.decode()
    reply = json.loads(done.stdout)
    assert set(reply) == REPLY_FIELDS
    assert reply["status"] == "routed"
    assert (reply["route"]["bureau"], reply["route"]["subprefecture"]) == ("小樽開発建設部", "後志総合振興局")
    assert "倶知安" in reply["route"]["reason"]
    for office in reply["offices"]:
        assert f"{office['name']} {office['section']}" in reply["text"]
        assert (office["phone"] or office["url"]) in reply["text"]
    assert (tmp_path / "data" / "renkei" / "CURRENT").is_file()


def test_ask_prints_what_a_person_reads(renkei, store):
    shown = renkei("ask", QUESTION, "--store", store)
    reply = json.loads(renkei("ask", QUESTION, "--store", store, "--json").out)
    assert shown.code == 0
    assert shown.out == reply["text"] + "\n"


def test_a_question_of_broken_bytes_is_a_question(store):
    done = in_a_process("ask", "--json", b"\xff\xfe?".decode(errors="surrogateescape"), "--store", store)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["status"] in set(ReplyStatus)


def test_batch_writes_json_lines_only_and_ends_with_1_after_a_bad_line(store):
    lines = [
        {"id": "a", "turns": ["深川市で空き家を活用したい。相談先は?", "そこの電話番号は?"]},
        {"id": 2, "turns": ["こんにちは"]},
    ]
    good = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    done = in_a_process("batch", "-", "--store", store, stdin=f"{good}\nnot json\n".encode())
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 1
    assert [row["id"] for row in rows] == ["a", 2, None]
    assert [reply["status"] for reply in rows[0]["turns"]] == ["routed", "answered"]
    assert "error" in rows[2]
    assert all(set(reply) == REPLY_FIELDS for row in rows[:2] for reply in row["turns"])
    assert in_a_process("batch", "-", "--store", store, stdin=good.encode()).returncode == 0


def test_eval_prints_tables_or_json(renkei, store, tmp_path):
    row = {"id": "q1", "message": "こんにちは", "kind": "smalltalk", "expect": "smalltalk"}
    wrong = {**row, "id": "q2", "expect": "refuse"}
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "abstain.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(wrong), encoding="utf-8")
    result = json.loads(renkei("eval", tmp_path / "set", "--store", store, "--json").out)
    assert result["figures"]["abstain"]["all"]["correct"] == {"hits": 1, "of": 2, "rate": 0.5}
    assert [failure["id"] for failure in result["failures"]] == ["q2"]
    shown = renkei("eval", tmp_path / "set", "--store", store, "--failures")
    assert shown.code == 0
    assert re.search(r"0\.500 +1/2", shown.out)
    assert "q2  [correct]  smalltalk" in shown.out


def test_the_chat_talks_through_a_pipe_too(store):
    done = in_a_process("chat", "--store", store, stdin=f"{QUESTION}\n/evidence\n/quit\n".encode())
    assert done.returncode == 0, done.stderr.decode()
    assert "小樽開発建設部" in done.stdout.decode()


def test_many_messages_at_once_are_limited_in_the_chat_and_not_in_a_batch(store):
    hurried = ["こんにちは"] * 16
    talked = in_a_process("chat", "--store", store, stdin="\n".join(hurried).encode()).stdout.decode()
    assert talked.count("1分間に15通まで") == 1
    line = json.dumps({"id": "a", "turns": hurried})
    played = json.loads(in_a_process("batch", "-", "--store", store, stdin=line.encode()).stdout)
    assert {reply["status"] for reply in played["turns"]} == {"smalltalk"}


# -- staff and admins ------------------------------------------------------------------------------------------------


def test_contacts(renkei):
    rows = json.loads(renkei("contacts", "余市町", "--json").out)
    assert {"小樽開発建設部", "後志総合振興局"} <= {row["name"] for row in rows}
    shown = renkei("contacts", "余市町").out
    assert "後志総合振興局" in shown
    assert "倶知安町(番地は未確認" in shown  # where it stands, though its address is not confirmed
    for row in rows:
        assert (row["phone"] or "未確認") in shown


def test_a_look_up_that_finds_nothing_says_so(renkei):
    nonsense = "ゔゔゔゔ"
    for command in ("contacts", "projects"):
        assert json.loads(renkei(command, nonsense, "--json").out) == []
        assert "ありません" in renkei(command, nonsense).out


def test_projects(renkei):
    rows = json.loads(renkei("projects", "炭鉄港", "--json").out)
    assert rows
    assert all("炭鉄港" in json.dumps(row, ensure_ascii=False) for row in rows)
    assert "炭鉄港" in renkei("projects", "炭鉄港").out.replace("\n", "")


def test_check_finds_the_bundled_data_good(renkei):
    ran = renkei("check")
    assert (ran.code, ran.out) == (0, "")


def test_check_lists_every_problem_of_an_offices_own_rows(renkei, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "office.csv").write_text("name\n", encoding="utf-8")
    (tmp_path / "projects.csv").write_text("name,source,as_of\nA,s,yesterday\nB,,2025\nC,s,2025\n", encoding="utf-8")
    ran = renkei("check")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert len(lines) == 3
    assert any("office.csv" in line for line in lines)
    assert any("projects.csv 2 行目「as_of」列" in line for line in lines)
    assert any("projects.csv 3 行目「source」列" in line for line in lines)


CURATED = (
    "question,variants,answer,owner,expires,source,as_of\n"
    "小樽港のクルーズ船の見学会の参加費はいくらですか,,参加費は500円です。,小樽開発建設部 地域連携課,"
    "{expires},,2026-06-01\n"
)


def test_an_offices_own_answer_wins_until_it_expires(renkei, store, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RENKEI_NOW", "2026-11-21T09:00")
    asked = "小樽港のクルーズ船の見学会の参加費はいくらですか?"
    for expires, answered in (("2026-11-21", True), ("2026-11-20", False)):
        (tmp_path / "curated.csv").write_text(CURATED.format(expires=expires), encoding="utf-8")
        reply = json.loads(renkei("ask", asked, "--json", "--store", store).out)
        assert ("500円" in reply["text"]) == answered
        assert [c["source"] == "curated.csv" for c in reply["citations"]].count(True) == answered
        if answered:
            assert reply["status"] == "answered"
            assert reply["citations"][0]["passage"] == "参加費は500円です。"
            assert reply["citations"][0]["date"] == "2026-06-01"
            assert [office["name"] for office in reply["offices"]] == ["小樽開発建設部"]
        near = json.loads(
            renkei("ask", "釧路港のクルーズ船の見学会の参加費はいくらですか", "--json", "--store", store).out
        )
        assert "500円" not in near["text"]
        checked = renkei("check")
        assert (checked.code, checked.out) == (0, "")
        assert ("期限(2026-11-20)" in checked.err) != answered
        assert ("期限の切れた回答1件" in re.sub(r"[\s│]", "", renkei("doctor", "--store", store).out)) != answered


def test_check_names_every_bad_own_answer(renkei, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    rows = "問い一,,答え,ない課,,,2026-06-01\n問い二,,,小樽開発建設部 地域連携課,2026-02-30,,2026-06-01\n"
    (tmp_path / "curated.csv").write_text("question,variants,answer,owner,expires,source,as_of\n" + rows, "utf-8")
    lines = renkei("check").out.splitlines()
    assert [re.search(r"curated.csv (\d) 行目", line)[1] for line in lines] == ["2", "3"]


def test_doctor_finds_a_good_machine_good(renkei, store):
    ran = renkei("doctor", "--store", store)
    assert ran.code == 0
    assert "NG" not in ran.out


@pytest.mark.parametrize(
    "fault", ["store is a file", "no index", "damaged index", "wrong model", "wrong setting", "bad data"]
)
def test_doctor_says_what_is_wrong_and_what_to_run(renkei, store, tmp_path, monkeypatch, fault):
    remedy = "renkei index"
    if fault == "store is a file":
        store = store / "CURRENT"
        remedy = "STORE_DIR"
    elif fault == "no index":
        shutil.rmtree(store)
    elif fault == "damaged index":
        passages = next(store.glob("generations/*/passages.jsonl"))
        passages.write_bytes(passages.read_bytes()[:-20])
    elif fault == "wrong model":
        monkeypatch.setenv("EMBEDDING_MODEL", str(tmp_path / "no-such-model"))
        remedy = "EMBEDDING_MODEL"
    elif fault == "wrong setting":
        monkeypatch.setenv("TIMEZONE", "nowhere")
        remedy = "TIMEZONE"
    else:
        (tmp_path / "offices.csv").write_text("x\n")
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        remedy = "renkei check"
    ran = renkei("doctor", "--store", store)
    assert ran.code == 1
    assert remedy in re.sub(r"[\s│]", "", ran.out).replace("renkei", "renkei ")


# -- a chat model ----------------------------------------------------------------------------------------------------


@pytest.fixture
def chat(monkeypatch):
    """A chat server on this machine, set up as the model's address."""
    from chat_server import chat_server

    with chat_server() as server:
        monkeypatch.setenv("CHAT_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
        yield server


def test_ask_and_eval_take_a_model(renkei, store, chat, tmp_path):
    question = "北海道の地域づくりで関係人口とは何ですか"
    plain = renkei("ask", "--store", store, "--json", question)
    assert chat.requests == []
    ran = renkei("ask", "--store", store, "--json", "--model", "openai:honest", question)
    assert ran.code == 0
    assert len(chat.requests) == (json.loads(plain.out)["status"] in ("answered", "partial"))
    (tmp_path / "qa.jsonl").write_text("", encoding="utf-8")
    assert renkei("eval", "--store", store, "--model", "openai:honest", tmp_path).code == 0


def test_a_wrong_model_is_told_in_one_sentence(renkei, store, chat):
    for name in ("nosuch:model", "model"):
        ran = renkei("ask", "--store", store, "--model", name, QUESTION)
        assert ran.code == 1
        assert "CHAT_MODEL" in ran.err
        assert len(ran.err.strip().splitlines()) == 1


def test_doctor_says_whether_the_model_answers_and_prints_no_key(renkei, store, chat, monkeypatch):
    for mode, code in (("honest", 0), ("status-401", 1), ("status-404", 1), ("status-503", 1)):
        monkeypatch.setenv("CHAT_MODEL", f"openai:{mode}")
        ran = renkei("doctor", "--store", store)
        assert ran.code == code, ran.out
        assert "対話モデル" in ran.out
        assert "sk-secret" not in ran.out + ran.err
