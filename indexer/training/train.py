"""The training loop: plain torch.

sentence-transformers' trainer needs `datasets` and `accelerate`, and draws each batch from one data set; here a step
weighs several objectives over one table, and its batches are whole articles.
"""

import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from indexer.training.objectives import Task
from indexer.training.vocabulary import Ids

WARM_UP = 50  # steps


class FeatureTable(nn.Module):
    """A text's vector is the weighted sum of its features' vectors; both are learned."""

    def __init__(self, vectors: npt.NDArray[np.float32], weights: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.from_numpy(vectors))
        self.log_weights = nn.Parameter(torch.from_numpy(np.log(weights)))

    def forward(self, texts: Sequence[Ids], dropout: Sequence[float]) -> Tensor:
        """(texts, dim); `dropout` (texts,) is the share of its features that each text loses this time."""
        flat = torch.from_numpy(np.concatenate(texts))
        starts = torch.from_numpy(np.cumsum([0] + [len(text) for text in texts[:-1]]))
        weights = self.log_weights[flat].exp()
        lost = torch.from_numpy(np.repeat(np.array(dropout, np.float32), [len(text) for text in texts]))
        weights = weights * (torch.rand_like(weights) >= lost)
        return embedding_bag(flat, self.vectors, starts, mode="sum", per_sample_weights=weights)

    def folded(self) -> npt.NDArray[np.float32]:
        """(rows, dim): each feature's vector times its weight."""
        rows: npt.NDArray[np.float32] = (self.vectors * self.log_weights.exp()[:, None]).detach().numpy()
        return rows


def train(
    table: FeatureTable,
    tasks: Sequence[Task],
    steps: int,
    *,
    rate: float,
    weight_rate: float,
    seconds: float = float("inf"),
    after_step: Callable[[int, float], None] | None = None,
) -> None:
    """`steps` steps of Adam, or until `seconds` have passed; the rates rise for WARM_UP steps, then fall to zero."""
    optimizer = torch.optim.Adam(
        [{"params": [table.vectors], "lr": rate}, {"params": [table.log_weights], "lr": weight_rate}], fused=True
    )
    bases = [group["lr"] for group in optimizer.param_groups]
    start = time.monotonic()
    for step in range(steps):
        gone = max(step / steps, (time.monotonic() - start) / seconds)
        if gone >= 1:
            break
        for group, base in zip(optimizer.param_groups, bases, strict=True):
            group["lr"] = base * min(1 - gone, (step + 1) / WARM_UP)
        loss = _loss(table, tasks)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if after_step:
            after_step(step, float(loss.detach()))


def _loss(table: FeatureTable, tasks: Sequence[Task]) -> Tensor:
    drawn = [task.objective.draw() for task in tasks]
    dropout = [task.dropout for task, texts in zip(tasks, drawn, strict=True) for _ in texts]
    vectors = table([text for texts in drawn for text in texts], dropout)
    parts = torch.split(vectors, [len(texts) for texts in drawn])
    return torch.stack([task.weight * task.objective.loss(part) for task, part in zip(tasks, parts, strict=True)]).sum()
