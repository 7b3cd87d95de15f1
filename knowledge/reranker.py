"""The optional second look: a CrossEncoder reads question and passage together (RERANKER_MODEL)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge.errors import ModelError


class Reranker:
    """Scores pairs with a sentence-transformers CrossEncoder of one label."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """(n,) float32 in [0, 1]: how well each text answers the question."""
        pairs = [(question, text) for text in texts]
        raw = np.asarray(self._model.predict(pairs, show_progress_bar=False, activation_fn=None), dtype=np.float32)
        return raw.reshape(len(texts))


def load_reranker(name: str) -> Reranker:
    """The CrossEncoder called `name` (a hub name or a folder); no code of the model's own is run.

    Raises ModelError with the remedy where it cannot be loaded or gives more than one label.
    """
    import torch
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, trust_remote_code=False, activation_fn=torch.nn.Sigmoid())
    except Exception as error:  # the library raises whatever its many backends raise
        raise ModelError(
            f"RERANKER_MODEL={name} を読み込めません({type(error).__name__})。"
            "手元のフォルダーか取得できるモデルの名前に直すか、空にしてください。"
        ) from error
    if model.config.num_labels != 1:
        raise ModelError(
            f"RERANKER_MODEL={name} の出力は {model.config.num_labels} 個です。1 個のモデルを指定してください。"
        )
    return Reranker(model)
