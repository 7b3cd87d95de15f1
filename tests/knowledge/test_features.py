"""Text → features of the embedded model."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.features import UNKNOWN, feature_text, features, in_japanese_characters


def test_words_and_character_pairs() -> None:
    found = features("空き家の利活用")
    assert "空き家" in found
    assert sum(feature.startswith("#") for feature in found) == len("空き家の利活用") - 1


def test_a_repetition_counts_once() -> None:
    assert features("移住 移住 移住") == features("移住")


def test_english_words_are_lower_case_and_singular() -> None:
    assert features("Vacant Houses and policies") == ["vacant", "house", "policy"]


def test_simplified_chinese_has_the_features_of_japanese_characters() -> None:
    assert in_japanese_characters("人口减少") == "人口減少"
    assert set(features("人口减少")) == set(features("人口減少"))


def test_japanese_is_never_converted() -> None:
    for text in ("余市町と倶知安町の空き家、芸術と弁当", "俱知安町", "髙橋さんの﨑"):
        assert in_japanese_characters(text) == text


def test_a_text_without_words_has_the_unknown_feature() -> None:
    for text in ("", " \n", "。。。", "😀"):
        assert features(text) == [UNKNOWN]


@given(st.text(max_size=60))
def test_features_survive_the_tokenizer(text: str) -> None:
    """The model's tokenizer splits at white space: it must give back exactly the features."""
    found = features(text)
    assert feature_text(text).split() == found
    assert len(set(found)) == len(found) > 0
