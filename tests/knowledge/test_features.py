"""Text → features of the embedded model."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.features import UNKNOWN, feature_text, features


def test_words_and_character_pairs() -> None:
    found = features("空き家の利活用")
    assert "空き家" in found
    assert sum(feature.startswith("#") for feature in found) == len("空き家の利活用") - 1


def test_a_repetition_counts_once() -> None:
    assert features("移住 移住 移住") == features("移住")


def test_english_words_are_lower_case_and_singular() -> None:
    assert features("Vacant Houses and policies")[:3] == ["vacant", "house", "policy"]


def test_forms_of_an_english_word_share_their_beginning() -> None:
    piece = features("announce")[1]
    assert piece.startswith("#")
    assert all(piece in features(form) for form in ("announced", "Announcement", "announcing"))


def test_an_unknown_name_or_number_has_a_piece() -> None:
    assert len(features("EBPM 2031")) == 4


def test_a_word_of_two_parts_is_two_features() -> None:
    """SudachiPy keeps some English compounds whole; no feature may contain a space."""
    assert features("panel discussion")[:2] == ["panel", "discussion"]


def test_simplified_chinese_has_the_features_of_japanese_characters() -> None:
    assert set(features("人口减少")) == set(features("人口減少"))


def test_a_text_without_words_has_the_unknown_feature() -> None:
    for text in ("", " \n", "。。。", "😀"):
        assert features(text) == [UNKNOWN]


@given(st.text(max_size=60))
def test_features_survive_the_tokenizer(text: str) -> None:
    """The model's tokenizer splits at white space: it must give back exactly the features."""
    found = features(text)
    assert feature_text(text).split() == found
    assert len(set(found)) == len(found) > 0
