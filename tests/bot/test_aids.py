"""Reading aids: only what glossary, directory and calendar say, beside a quotation that stays as it is."""

import re
import statistics
import tomllib
from pathlib import Path

import pytest

import bot.texts
from bot.aids import MAX_FIGURES, MAX_WORDS, Aids
from bot.message import Citation, Lang, Reply, ReplyStatus
from bot.naming import office_name, office_with_phone
from bot.texts import Texts
from knowledge.directory import Directory
from knowledge.gazetteer import Gazetteer
from knowledge.glossary import Glossary
from knowledge.readings import Readings

DIRECTORY = Directory.load()
TEXTS = Texts.load()
AIDS = Aids(TEXTS, Glossary.load(), Gazetteer(DIRECTORY), Readings.load(DIRECTORY))
QUOTED = "令和7年2月18日に余市町で、2,260万人のクルーズ船の再開発を報告しました。 [1]"


def test_english_words_dates_and_amounts():
    line = AIDS.words(QUOTED, Lang.EN)
    assert line.startswith("Words: ")
    for item in (
        "令和7年2月18日 = 18 February 2025",
        "余市町 = Yoichi-cho",
        "2,260万 = 22,600,000",
        "クルーズ船 = cruise ship",
        "再開発 = redevelopment",
    ):
        assert item in line
    assert "[1]" not in line


def test_chinese_words_and_years():
    line = AIDS.words(QUOTED, Lang.ZH)
    assert "令和7年 = 2025年" in line
    assert "クルーズ船 = 邮轮" in line
    assert "余市" not in line  # reads the kanji
    assert "Yoichi" not in line


def test_easy_japanese_explains_each_hard_word_once():
    line = AIDS.words("共創の担い手。共創の担い手。", Lang.JA_EASY)
    assert line.count("共創 = 一緒に作る") == 1
    assert line.count("担い手 = ") == 1


def test_japanese_needs_none_and_nothing_known_says_nothing():
    assert AIDS.words(QUOTED, Lang.JA) == ""
    assert AIDS.words("あいうえお", Lang.EN) == ""


def test_a_year_that_is_given_both_ways_is_not_explained():
    assert "2024" not in AIDS.words("令和6年（2024年）3月12日のウニ", Lang.EN)


def test_a_line_stays_short():
    terms = [e.term for e in Glossary.load().entries if e.kind == "english"]
    line = AIDS.words("、".join([*terms, *(f"令和{n}年" for n in range(2, 8))]), Lang.EN)
    assert line.count(" = ") == MAX_WORDS + MAX_FIGURES


def test_readings_leave_citations_and_figures_alone():
    citation = Citation(1, "地域計画の報告", "a.md", "計画の概要", None, "2025-04", "計画は32隻")
    text = "計画は32隻、電話は0134-23-8035です。 [1]\n\nしりょう: [1] 地域計画の報告「計画の概要」(2025-04)"
    reply = AIDS.readable(Reply(ReplyStatus.ANSWERED, text, Lang.JA_EASY, citations=(citation,)))
    assert "計画(けいかく)は32隻、電話(でんわ)は0134-23-8035です。 [1]" in reply.text
    assert "[1] 地域計画の報告「計画の概要」(2025-04)" in reply.text
    assert reply.citations == (citation,)
    assert re.sub(r"\([ぁ-んー]+\)", "", reply.text) == text
    assert re.findall(r"\d", reply.text) == re.findall(r"\d", text)


def test_other_languages_are_not_read_aloud():
    reply = Reply(ReplyStatus.ANSWERED, "計画です。", Lang.JA)
    assert AIDS.readable(reply) is reply


def test_the_sentences_of_easy_japanese_are_short():
    sentences = [s for text in TEXTS.texts[Lang.JA_EASY].values() for s in re.split(r"(?<=[。?])", text) if s.strip()]
    bare = [re.sub(r"\([ぁ-んー]+\)|[ \u3000]|\{\w+\}", "", s) for s in sentences]
    assert statistics.median(map(len, bare)) <= 20
    assert max(map(len, bare)) <= 40


@pytest.mark.parametrize("name", ["en", "zh"])
def test_no_japanese_in_the_frame_of_other_languages(name):
    path = Path(bot.texts.__file__).parent / f"{name}.toml"
    frame = tomllib.loads(path.read_text(encoding="utf-8"))
    names = {"法テラス", "第{n}{unit}"}
    for section, texts in frame.items():
        for key, text in texts.items():
            bare = text
            for allowed in names:
                bare = bare.replace(allowed, "")
            assert not re.search("[ぁ-んァ-ヴ]", bare), (section, key)
            assert name != "en" or not re.search("[一-鿿、。「」・]", bare), (section, key)


def test_every_office_has_an_english_name_beside_its_own():
    for office in DIRECTORY.offices:
        name = office_name(office, Lang.EN)
        assert name.isascii() is False
        assert re.match(r"[A-Z][A-Za-z ,-]+ \(", name), name
        assert office.name in name
        assert office_name(office, Lang.ZH) == office_name(office) == f"{office.name} {office.section}".strip()
        if office.phone:
            assert office.phone in office_with_phone(office, Lang.EN)
