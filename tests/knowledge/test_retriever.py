"""The retriever on a small index with the real words, vectors made in the test, and a tiny cross-encoder."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from knowledge import query, text
from knowledge.entities import Hit, Passage, PassageKind, Status
from knowledge.errors import ModelError, StoreError
from knowledge.lexical import LexicalIndex, passage_terms, sounds
from knowledge.pieces import PieceVectors, encoded
from knowledge.reranker import load_reranker
from knowledge.retriever import FusionWeights, HybridRetriever, distinct, highest, shared, shingles
from knowledge.store import Generation, open_generation, write_generation_files
from knowledge.vectorstore import FaissStore, nearest

TEXTS = {
    "sea": "小樽港のクルーズターミナルは令和6年4月に供用を開始しました。第3号ふ頭にあります。",
    "bike": "羊蹄ニセコの自転車ルートでは、車が自転車を追い越すときに1.5メートルの間隔を空けるよう呼びかけています。",
    "prize": "積丹町の取組は、令和6年度に農林水産大臣賞を受賞しました。ウニの殻を肥料にしています。",
    "vision": "道央広域連携地域の地域づくり推進ビジョンは、今後10年を見据えて令和7年3月に策定されました。",
    "city": "旭川市の市民アンケートでは、町内会の担い手の不足が課題として挙げられました。",
    "old": "平成30年度の会議は倶知安町で開かれ、参加者は40名でした。",
}


class Words(Embeddings):
    """A bag of words hashed to 64 dimensions: enough meaning for a test, the same in every run."""

    def embed_query(self, text_: str) -> list[float]:
        vector = np.full(64, 1e-3)
        for word in text.words(text_):
            vector[sum(word.encode()) % 64] += 1
        return [float(x) for x in vector]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(one) for one in texts]


@dataclass(frozen=True)
class Mention:
    name: str
    municipalities: tuple[Any, ...] = ()
    surface: str = "くっちゃん"
    kind: str = "municipality"


@dataclass(frozen=True)
class Town:
    subprefecture: str
    area: str


class Places:
    """A gazetteer of one town."""

    def find(self, text: str) -> Sequence[Mention]:
        return [Mention("倶知安町", (Town("後志総合振興局", "道央広域"),))] if "くっちゃん" in text else []

    def sounds(self) -> dict[str, str]:
        return {"くっちゃんちょう": "倶知安町"}


class Terms:
    """A glossary of one entry."""

    entries = ()

    def expand(self, text: str) -> Iterable[str]:
        return ["クルーズターミナル"] if "cruise" in text.lower() else []

    def in_official(self, text: str) -> str:
        return text.replace("cruise terminal", "クルーズターミナル")


def passage(name: str, content: str, **changes: Any) -> Passage:
    base = Passage(id=name, text=content, context="記録", title="記録", section="", source="a.md")
    return replace(base, **changes)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    passages = [passage(name, content) for name, content in TEXTS.items()]
    passages.append(passage("office", "小樽開発建設部 地域連携課 電話 000-000-0000", kind=PassageKind.DIRECTORY))
    return built(tmp_path_factory.mktemp("store"), passages)


def unit_rows(texts: list[str]) -> np.ndarray:
    vectors = np.array(Words().embed_documents(texts), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def built(folder: Path, passages: list[Passage]) -> Generation:
    vectors = unit_rows([f"{p.context}\n{p.text}" for p in passages])
    keys = ("created_at", "created_by", "model", "model_digest", "prefixes", "splitter_version", "sources")
    manifest = dict.fromkeys(keys, "") | {"id": "g", "dimension": 64, "passages": len(passages)}
    write_generation_files(folder / "g", passages, vectors, PieceVectors.of(encoded(passages, unit_rows)), manifest)
    return open_generation(folder / "g")


@pytest.fixture(scope="module")
def retriever(generation: Generation) -> HybridRetriever:
    return HybridRetriever(generation=generation, embedder=Words(), glossary=Terms(), gazetteer=Places())


def ids(hits: Iterable[Hit]) -> list[str]:
    return [hit.passage.id for hit in hits]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("小樽のクルーズターミナルはいつできましたか", "sea"),
        ("自転車を追い越すときは何メートル空けますか", "bike"),
        ("2018年度の会議の参加者は何名ですか", "old"),
        ("おたるの くるーずたーみなるは いつ できましたか", "sea"),
        ("あさひかわしの しみんアンケートでは なにが かだいですか", "city"),
        ("积丹町的海胆获得了什么奖?", "prize"),
        ("When did the cruise terminal open?", "sea"),
        ("くっちゃんでの集まりには何人来ましたか", "old"),
        ("羊蹄ニセコの自転車ルトで追越すときは", "bike"),
    ],
)
def test_finds_what_is_asked(retriever: HybridRetriever, question: str, expected: str) -> None:
    assert ids(retriever.search(question))[0] == expected


def test_hits_are_ordered_bounded_and_of_the_kind_asked(retriever: HybridRetriever) -> None:
    for kind, size in ((PassageKind.DOCUMENT, 6), (PassageKind.DIRECTORY, 1), (None, 7)):
        hits = retriever.search("小樽開発建設部の地域連携課", k=10, kind=kind)
        assert len(hits) == size
        assert {hit.passage.kind for hit in hits} == ({kind} if kind else set(PassageKind))
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
    assert len(retriever.search("小樽", k=2)) == 2


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_question(retriever: HybridRetriever, question: str) -> None:
    hits = retriever.search(question)
    assert hits == retriever.search(question)
    assert all(0 <= hit.score <= 1 and -1.001 <= hit.dense <= 1.001 and hit.lexical >= 0 for hit in hits)
    assert bool(hits) == bool(question.strip())


def test_dense_is_the_cosine_and_lexical_the_bm25_score(retriever: HybridRetriever, generation: Generation) -> None:
    asked = "自転車ルート"
    vector = np.array(Words().embed_query(asked))
    weights = query.understand(asked, {}).terms
    words = generation.lexical.scores(weights)
    for hit in retriever.search(asked):
        row = generation.rows[hit.passage.id]
        cosines = generation.pieces[row] @ vector / np.linalg.norm(vector)
        assert hit.dense == pytest.approx(float(cosines.max()), abs=1e-3)
        assert hit.lexical == pytest.approx(float(words[row]))


def test_no_two_hits_repeat_one_another(tmp_path: Path) -> None:
    long = "".join(f"第{n}回の会議を倶知安町で開き、{n + 20}名が参加しました。" for n in range(9))
    near = long[:-60] + "その後に懇親会がありました。"
    passages = [passage("one", long), passage("two", near), passage("three", TEXTS["sea"])]
    found = HybridRetriever(generation=built(tmp_path, passages), embedder=Words())
    assert sorted(ids(found.search("倶知安町の会議の参加者"))) == ["one", "three"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(alphabet="あいうえ", min_size=12, max_size=40), max_size=8), st.integers(1, 8))
def test_distinct_keeps_the_best_and_never_more_than_a_fifth(contents: list[str], k: int) -> None:
    hits = [Hit(passage(str(n), content), 1.0, 0.0, 0.0) for n, content in enumerate(contents)]
    kept = distinct(iter(hits), k)
    assert kept[:1] == hits[:1]
    assert len(kept) <= k
    pieces = [shingles(hit.passage.text) for hit in kept]
    assert all(shared(a, b) <= 0.2 for n, a in enumerate(pieces) for b in pieces[:n])


def test_a_superseded_plan_stands_behind_an_equal_current_one(tmp_path: Path) -> None:
    passages = [
        passage("before", "計画の目標は一〇〇件の相談です。", status=Status.SUPERSEDED),
        passage("now", "計画の目標は二〇〇件の相談です。"),
    ]
    found = HybridRetriever(generation=built(tmp_path, passages), embedder=Words())
    assert ids(found.search("計画の目標は何件の相談ですか")) == ["now", "before"]


def test_langchain_documents_carry_the_metadata(retriever: HybridRetriever) -> None:
    documents = retriever.invoke("小樽港のクルーズターミナル")
    assert documents[0].page_content == TEXTS["sea"]
    assert documents[0].metadata["source"] == "a.md"
    assert 0 <= documents[0].metadata["score"] <= 1


def test_rarity_and_likeness(retriever: HybridRetriever) -> None:
    assert retriever.idf("ビジョン") < retriever.idf("どこにもない") == 1.0
    assert 0 < retriever.idf("令和") < retriever.idf("自転車") <= 1
    like, unlike = retriever.likeness("自転車のルート", ["自転車のルートです", "会議の参加者"])
    assert like > unlike
    assert retriever.likeness("自転車", []) == []
    assert retriever.read("おたるの くるーず") == "小樽のクルーズ"


def test_threads_search_one_retriever_alike(retriever: HybridRetriever) -> None:
    questions = ["小樽のクルーズ", "自転車", "積丹の賞", "旭川市のアンケート"] * 5
    expected = [retriever.search(question) for question in questions]
    found: list[list[list[Hit]]] = []
    work = [threading.Thread(target=lambda: found.append([retriever.search(q) for q in questions])) for _ in range(4)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert found == [expected] * 4


# ── the question ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("小樽港第3号码头重新开发", "小樽港第3号碼頭重新開発"),
        ("道央广域合作地区的「地域づくり推進ビジョン」", "道央広域合作地区的「地域づくり推進ビジョン」"),
        ("后志的连携会议以后", "後志的連携会議以後"),
        ("俱知安町の檜山という人、蘂取村と國後島", "俱知安町の檜山という人、蘂取村と國後島"),
        ("台湾の余市町と後志の芸術、予算の体系", "台湾の余市町と後志の芸術、予算の体系"),
        ("どうほくの まちづくり", "道北の町づくり"),
        ("道北のまちづくり", "道北のまちづくり"),
        ("When?", "When?"),
    ],
)
def test_a_question_is_brought_to_japanese_characters(question: str, read: str) -> None:
    assert query.japanese(question, {"どうほく": "道北", "まち": "町", "ほく": "北"}) == read


def test_a_reading_leads_to_the_most_frequent_word() -> None:
    assert sounds({"機関": 3, "期間": 5, "ターミナル": 1, "町": 2, "まち": 9, "2024": 4, "区": 7}) == {
        "きかん": "期間",
        "たーみなる": "ターミナル",
        "まち": "町",
    }


def test_one_year_in_three_spellings_is_one_term() -> None:
    years = [{t for t in query.understand(q, {}).terms if t[0] == "\x04"} for q in ("令和6年度", "R6", "2024年")]
    assert years == [{"\x042024"}] * 3


def test_places_widen_to_their_region() -> None:
    terms = query.understand("くっちゃんの会議", {}, gazetteer=Places()).terms
    assert terms["会議"] == 1.0
    assert 0 < terms["後志"] < terms["倶知安"] < 1


def test_weights_of_terms_add_up(generation: Generation) -> None:
    scores = generation.lexical.scores
    both = scores({"小樽": 1.0, "令和": 0.5, "どこにもない": 3.0})
    np.testing.assert_allclose(both, scores({"小樽": 1.0}) + 0.5 * scores({"令和": 1.0}), rtol=1e-6)
    of_documents = scores({"小樽": 1.0})[: len(TEXTS)]
    assert generation.lexical.frequency("小樽") == int((of_documents > 0).sum()) == 1


def test_contact_rows_make_no_word_of_the_documents_common(tmp_path: Path) -> None:
    documents = [passage(name, content) for name, content in TEXTS.items()]
    offices = [passage(f"o{n}", f"旭川市の窓口 第{n}係", kind=PassageKind.DIRECTORY) for n in range(9)]
    alone, beside = built(tmp_path / "a", documents), built(tmp_path / "b", documents + offices)
    assert alone.lexical.frequency("旭川") == beside.lexical.frequency("旭川") == 1
    found = HybridRetriever(generation=beside, embedder=Words())
    assert found.idf("旭川") == HybridRetriever(generation=alone, embedder=Words()).idf("旭川")
    assert beside.lexical.readings["あさひかわ"] == "旭川"
    assert ids(found.search("旭川市の第3係", k=1, kind=PassageKind.DIRECTORY)) == ["o3"]


def test_addresses_are_not_searched_but_shown(tmp_path: Path) -> None:
    passages = [
        passage("links", "後志のページ：https://www.shiribeshi.example.jp/hokkaido/ (mail: hokkaido@example.jp)"),
        passage("plan", "ゼロカーボン北海道 (Zero Carbon Hokkaido) は2050年までの目標です。"),
    ]
    generation = built(tmp_path, passages)
    assert generation.lexical.frequency("hokkaido") == 1
    assert generation.passages[0].text == passages[0].text
    assert ids(HybridRetriever(generation=generation, embedder=Words()).search("Hokkaido"))[0] == "plan"


def test_bm25_agrees_with_its_formula() -> None:
    passages = [passage(name, content) for name, content in TEXTS.items()]
    documents = [passage_terms(one) for one in passages]
    index = LexicalIndex.build(documents)
    mean = sum(map(len, documents)) / len(documents)
    for term in ("小樽", "令和", "記録"):
        found = sum(term in terms for terms in documents)
        idf = np.log(1 + (len(documents) - found + 0.5) / (found + 0.5))
        for terms, score in zip(documents, index.scores({term: 1.0}), strict=True):
            count = terms.count(term)
            assert score == pytest.approx(idf * count / (count + 0.9 * (0.6 + 0.4 * len(terms) / mean)), rel=1e-4)


# ── vectors ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 12), st.randoms(use_true_random=False))
def test_nearest_agrees_with_brute_force(rows: int, k: int, random: Any) -> None:
    import faiss

    rng = np.random.default_rng(random.randrange(2**32))
    vectors = rng.normal(size=(rows, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(8)
    index.add(vectors)
    among = rng.random(rows) < 0.7
    asked = rng.normal(size=8) * 3
    found, cosines = nearest(index, asked, k, among)
    truth = vectors @ (asked / np.linalg.norm(asked))
    allowed = np.flatnonzero(among)
    expected = allowed[np.argsort(-truth[allowed], kind="stable")[:k]]
    np.testing.assert_allclose(cosines, truth[expected], atol=1e-5)
    np.testing.assert_allclose(truth[found], truth[expected], atol=1e-5)


@given(st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0]), max_size=30), st.integers(1, 12))
def test_highest_agrees_with_sorting(values: list[float], k: int) -> None:
    scores = np.array(values, dtype=np.float32)
    rows = np.flatnonzero(scores > 0)
    expected = sorted(rows, key=lambda row: (-scores[row], row))[:k]
    assert sorted(highest(scores, rows, k)) == sorted(expected)


def test_langchain_store_agrees_with_brute_force() -> None:
    model = DeterministicFakeEmbedding(size=16)
    texts = [f"文{n}" for n in range(30)]
    store = FaissStore.from_texts(texts, model, [{"n": n} for n in range(30)])
    vectors = np.array(model.embed_documents(texts))
    asked = np.array(model.embed_query("質問"))
    truth = vectors @ asked / np.linalg.norm(vectors, axis=1) / np.linalg.norm(asked)
    best = np.argsort(-truth)[:5]
    found = store.similarity_search_with_score("質問", k=5)
    assert [document.metadata["n"] for document, _ in found] == list(best)
    np.testing.assert_allclose([score for _, score in found], truth[best], atol=1e-5)
    assert [d.id for d in store.similarity_search("質問", k=2)] == [str(n) for n in best[:2]]
    assert [d.id for d in store.as_retriever(search_kwargs={"k": 1}).invoke("質問")] == [str(best[0])]
    assert [d.page_content for d in store.get_by_ids(["3", "99"])] == ["文3"]
    with pytest.raises(StoreError, match="renkei index"):
        store.add_texts(["もう一つ"])


def test_a_generation_serves_as_a_langchain_store(generation: Generation) -> None:
    store = generation.vector_store(Words())
    assert store.similarity_search("自転車ルートで車が自転車を追い越すとき", k=1)[0].id == "bike"


# ── the reranker ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def tiny_cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with random weights, saved as a sentence-transformers CrossEncoder."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("reranker")
    letters = sorted({character for content in TEXTS.values() for character in content})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]), "utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(letters) + 5,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=256,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=256).save_pretrained(folder)
    assert CrossEncoder(str(folder)).config.num_labels == 1
    return folder


def test_a_reranker_decides_the_order(generation: Generation, tiny_cross_encoder: Path) -> None:
    reranker = load_reranker(str(tiny_cross_encoder))
    found = HybridRetriever(
        generation=generation, embedder=Words(), reranker=reranker, weights=FusionWeights(reranked=4)
    )
    question = "小樽のクルーズ"
    hits = found.search(question)
    plain = HybridRetriever(generation=generation, embedder=Words()).search(question)
    assert set(ids(hits)) == set(ids(plain[:4]))
    expected = reranker.scores(question, [f"記録\n{hit.passage.text}" for hit in hits])
    assert [hit.score for hit in hits] == pytest.approx(list(expected), abs=1e-5)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score < 1 for hit in hits)


def test_a_reranker_that_cannot_be_loaded_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="RERANKER_MODEL"):
        load_reranker(str(tmp_path))
