from bot.pairing import misplaced

EVIDENCE = "会場308名、オンライン100名が参加。前回は令和6年3月1日、今回は令和7年2月18日に開催。"


def test_a_figure_belongs_to_the_words_beside_it():
    assert misplaced("会場には308名です。", EVIDENCE) == []
    assert misplaced("会場には100名です。", EVIDENCE) == ["100名"]
    assert misplaced("今回は2024年3月1日です。", EVIDENCE) == ["2024年3月1日"]
    assert misplaced("会場とオンラインに308名と100名です。", EVIDENCE) == []
