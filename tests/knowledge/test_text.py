from knowledge.text import bigrams, compact, normalise, sentences, words


def test_variants_of_a_name_become_one():
    assert normalise("俱知安町") == normalise("倶知安町")
    assert normalise("美國") == "美国"
    assert normalise("二セコ町") == normalise("ﾆｾｺ町") == "ニセコ町"


def test_kanji_two_stays_where_it_is_a_number():
    assert normalise("二町") == "二町"


def test_invisible_characters_are_dropped():
    assert normalise("小\u200b樽\U000e0041") == "小樽"


def test_sentences_keep_quotations_whole_and_split_at_lines():
    assert sentences("甲です。「乙。丙」と言った。\n・丁") == ["甲です。", "「乙。丙」と言った。", "・丁"]


def test_words_are_normalised_content_words():
    assert words("小樽港に入ったクルーズ船の隻数") == ["小樽", "港", "入る", "クルーズ", "船", "隻数"]
    assert words("SNS budget") == ["sns", "budget"]


def test_bigrams_cross_word_borders_but_not_punctuation():
    assert bigrams("小樽港、余市") == ["小樽", "樽港", "余市"]


def test_compact_is_nfkc_without_white_space():
    assert compact("Ａ Ｂ\n１") == "AB1"
