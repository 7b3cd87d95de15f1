"""Training of the embedded model: on a miniature of the raw files, from start to a folder that loads."""

import gzip
import io
import json
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from indexer.training.__main__ import main
from indexer.training.corpus import Corpus, Entry, Paragraph
from indexer.training.export import quantise
from indexer.training.names import place_names
from indexer.training.objectives import Pairs, Retrieval, Similarity, contrast
from indexer.training.sources import read_corpus
from indexer.training.starting_vectors import english_vectors, load_word_vectors, murmur
from indexer.training.tasks import by_sentence
from indexer.training.variants import Paraphraser, Translator, in_kana
from indexer.training.vocabulary import build_vocabulary, is_pair, start
from knowledge.directory import Directory
from knowledge.embedding import load_embedder
from knowledge.errors import DataError
from knowledge.features import UNKNOWN, features

PARAGRAPHS = {
    "空き家": ("空き家を改修して交流の拠点にする。家財の処分にも補助がある。", "空き家を直すと補助はあるか"),
    "港": ("港の岸壁を直し、大きな船が着けるようにした。倉庫も建てた。", "大きな船はどこに着くか"),
    "農業": ("畑で小麦と馬鈴薯を育てる。機械で種をまき、秋に収穫する。", "畑では何を育てるか"),
    "病院": ("病院まで予約した車で通える。料金は三百円である。", "病院にはどう通うか"),
}
ANSWER = {"text": "", "answer_start": 5}
VECTORS = {"空き家": 0, "家": 0, "港": 1, "船": 1, "畑": 2, "小麦": 2, "病院": 3, "車": 3}


def zipped(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode()))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    articles = [
        {"title": title, "paragraphs": [{"context": text, "qas": [{"question": question, "answers": [ANSWER]}]}]}
        for title, (text, question) in PARAGRAPHS.items()
    ]
    zipped(folder / "jaquad_train_0000.json.gz", json.dumps({"data": articles}))
    alike = [{"sentence1": "犬が走る。", "sentence2": "犬が駆ける。", "label": 4.5}]
    alike += [{"sentence1": "犬が走る。", "sentence2": "船が着く。", "label": 0.1}] * 3
    zipped(folder / "jsts-v1__train-v1.json.gz", "\n".join(map(json.dumps, alike)) + "\n")
    fact = {"question": "岸壁を直したのはいつか", "derivations": [["岸壁", "改修の年", ["2020年"]]]}
    zipped(folder / "jemhopqa_train_ver1.json.gz", json.dumps([fact] * 3))
    group = "000001,1,0,1,0,0,0,(),{},,\n"
    zipped(folder / "sudachi_synonyms.txt.gz", "".join(map(group.format, ["病院", "医院", "hospital"])) + "\n")
    entries = "空き家 [あきや] /(n) vacant house/unoccupied house/(P)/\n港 [みなと] /(n) port/(P)/\n稀 /rare/\n"
    zipped(folder / "edict.txt.gz", entries)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The part of ja_ginza's wheel that is read: spaCy's vector table."""
    path = tmp_path_factory.mktemp("wheel") / "ja_ginza.whl"
    table = io.BytesIO()
    np.save(table, np.eye(4, 8, dtype=np.float32) * 3)
    rows = b"".join(b"\xcf" + murmur(word.encode()).to_bytes(8, "big") + bytes([row]) for word, row in VECTORS.items())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ja_ginza/ja_ginza-0/vocab/vectors", table.getvalue())
        archive.writestr("ja_ginza/ja_ginza-0/vocab/key2row", b"\xdf" + len(VECTORS).to_bytes(4, "big") + rows)
    return path


@pytest.fixture(scope="module")
def corpus(raw: Path) -> Corpus:
    return read_corpus(raw)


# -- sources ---------------------------------------------------------------------------------------------------------


def test_the_raw_files_are_read(corpus: Corpus) -> None:
    assert [article[0].title for article in corpus.articles] == list(PARAGRAPHS)
    assert corpus.similarities[0] == ("犬が走る。", "犬が駆ける。", 4.5)
    assert corpus.facts[0] == ("岸壁を直したのはいつか", "岸壁の改修の年は2020年")
    assert corpus.synonyms == (("病院", "医院", "hospital"),)
    assert corpus.entries == (
        Entry("空き家", "あきや", ("vacant house", "unoccupied house")),
        Entry("港", "みなと", ("port",)),
    )


def test_the_pairs_written_for_it_are_some_hundreds_in_three_languages(corpus: Corpus) -> None:
    passages = [passage for passage, _ in corpus.regional]
    questions = [question for _, questions in corpus.regional for question in questions]
    assert len(set(passages)) == len(passages) >= 400
    assert len(set(questions)) == len(questions)
    assert sum(question.isascii() for question in questions) >= 1000


def test_places_are_words_of_the_dictionary(corpus: Corpus) -> None:
    found = {entry.word: entry for entry in corpus.names}
    assert found["小樽"].glosses == ("Otaru",)
    assert found["余市"].reading == "よいち"
    assert found["豊浦"].glosses == ("Toyoura",)
    assert "森" not in found
    assert set(corpus.dictionary) == {*corpus.entries, *corpus.names}


def test_a_place_of_several_paragraphs_gets_its_romaji() -> None:
    known = {"京都"}
    entries = place_names(Directory.load(), ["岐阜と京都", "岐阜へ", "岐阜"], known)
    found = {entry.word: entry.glosses for entry in entries}
    assert found["岐阜"] == ("gifu",)
    assert "京都" not in found


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"jaquad_train_\*\.json\.gz.*model card"):
        read_corpus(tmp_path)


def test_a_file_in_another_encoding_is_named(raw: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(raw, tmp_path / "raw"))
    (folder / "edict.txt.gz").write_bytes(gzip.compress("港 [みなと] /(n) port/(P)/".encode("euc_jp")))
    with pytest.raises(DataError, match=r"edict\.txt\.gz.*UTF-8"):
        read_corpus(folder)


# -- starting vectors and vocabulary ---------------------------------------------------------------------------------


def test_words_find_their_vector(wheel: Path) -> None:
    vectors = load_word_vectors(wheel)
    np.testing.assert_array_equal(vectors.get("港"), np.eye(8)[1])
    assert vectors.get("山") is None


def test_murmur_is_the_published_hash() -> None:
    """Values of spaCy's `hash_string`."""
    assert murmur(b"coffee") == 3197928453018144401
    assert murmur(b"apple") == 8566208034543834098


def test_an_english_word_starts_at_the_words_it_explains(corpus: Corpus, wheel: Path) -> None:
    english = english_vectors(corpus.entries, load_word_vectors(wheel), features)
    assert set(english) == {"vacant", "house", "unoccupied", "port"}
    assert np.argmax(english["vacant"]) == 0
    assert np.argmax(english["port"]) == 1


def test_the_vocabulary_keeps_what_is_frequent(wheel: Path) -> None:
    vocabulary = build_vocabulary(["空き家と港", "空き家と畑"], ["空き家"], features, least=2)
    assert "空き家" in vocabulary.rows
    assert "畑" not in vocabulary.rows
    assert vocabulary.ids(["畑"]).tolist() == [vocabulary.rows[UNKNOWN]]
    rows = start(vocabulary, load_word_vectors(wheel).get, 16, 0.5, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_word_is_no_pair() -> None:
    assert is_pair("#123")
    assert not is_pair("#")
    assert not is_pair("空き家")


# -- variants --------------------------------------------------------------------------------------------------------


def test_a_question_in_other_clothes(corpus: Corpus) -> None:
    rng = random.Random(0)
    assert in_kana("港の空き家") == "みなとのあきや"
    assert in_kana("港口在哪里") == "港口在哪里"
    assert Translator(corpus.entries, rng)("港の空き家は?").split()[0] == "port"
    paraphrases = {Paraphraser(corpus, rng)("病院") for _ in range(50)}
    assert paraphrases == {"病院", "医院", "hospital"}


def test_a_question_belongs_to_the_sentence_of_its_answer() -> None:
    row = Paragraph("題", "港は広い。\n船は大きい。船が着く。", ("港は?", "船は?"), (2, 14))
    assert list(by_sentence(row)) == [("港は広い。", ["港は?"]), ("船は大きい。", []), ("船が着く。", ["船は?"])]


# -- objectives ------------------------------------------------------------------------------------------------------


def test_contrast_is_least_where_the_right_ones_meet() -> None:
    left = torch.eye(3)
    right = torch.eye(3)
    assert contrast(left, right, torch.eye(3)) < 0.01
    assert contrast(left, right.flip(0), torch.eye(3)) > 5


def test_retrieval_knows_which_paragraph_a_question_belongs_to() -> None:
    """Texts are one number each, so their vectors can be made from what was drawn."""
    articles = [[(np.array([n]), [[np.array([n])], [np.array([n])]]) for n in (0, 1)], [(np.array([2]), [])]]
    objective = Retrieval(articles, 3, 0.0, random.Random(0))
    drawn = torch.tensor([int(text[0]) for text in objective.draw()])
    assert sorted(drawn.tolist()) == [0, 0, 0, 1, 1, 1, 2]
    assert objective.loss(torch.eye(3)[drawn]) < 0.5  # not zero: the two questions of a paragraph share it
    assert objective.loss(torch.eye(3)[(drawn + (torch.arange(7) > 2)) % 3]) > 5


def test_similarity_wants_the_order_that_people_gave() -> None:
    rows = [(np.array([0]), np.array([1]), 5.0), (np.array([0]), np.array([2]), 0.0)]
    objective = Similarity(rows, 2, random.Random(0))
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
    drawn = torch.tensor([int(text[0]) for text in objective.draw()])
    swapped = torch.tensor([0, 2, 1])[drawn]
    assert objective.loss(vectors[drawn]) < 0.01
    assert objective.loss(vectors[swapped]) > 10


def test_pairs_find_each_other() -> None:
    numbers = iter(range(4))
    objective = Pairs(lambda: (np.array([n := next(numbers)]), np.array([n])), 4)
    drawn = torch.tensor([int(text[0]) for text in objective.draw()])
    assert objective.loss(torch.eye(4)[drawn]) < 0.01


# -- export and the whole --------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3), min_size=1, max_size=5))
def test_quantised_rows_are_at_most_half_a_step_off(rows: list[list[float]]) -> None:
    table = np.array(rows, np.float32)
    small, scales = quantise(table)
    assert small.dtype == np.int8
    assert (np.abs(small * scales[:, None] - table) <= scales[:, None] * 0.501).all()


def test_from_raw_files_to_a_folder_twice_the_same(raw: Path, wheel: Path, tmp_path: Path) -> None:
    """One command; the result loads, finds the right paragraph, and is the same bytes the second time."""
    for name in ("one", "two"):
        out = tmp_path / name
        options = ["--data", raw, "--vectors", wheel, "--out", out, "--dimension", 32, "--passes", 1200, "--least", 1]
        assert main([str(option) for option in options]) == 0
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)
    embedder = load_embedder(str(tmp_path / "one"))
    texts, questions = zip(*PARAGRAPHS.values(), strict=True)
    scores = embedder.encode_queries(questions) @ embedder.encode_documents(texts).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_folder_that_cannot_be_written_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "file" / "out")]) == 1
    assert "--out" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--dimension", "--passes", "--threads", "--minutes"])
def test_numbers_are_one_or_more(option: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--out", str(tmp_path), option, "0"])


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "jaquad_train" in capsys.readouterr().err
