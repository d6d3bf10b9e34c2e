"""Token vectors whose sum over a text points where the teacher's vector of it does: least squares over texts that we make.

For each text i with n tokens, s_i / √n · Σ vectors is to be the teacher's vector t_i in its first principal components; s_i is what fits best
so far, since only directions count. What the texts say little of stays near what it was (ridge). Each round is linear, and is solved by
conjugate gradients: no order of texts, no rate of learning, no chance.
"""

import numpy as np
import scipy.sparse as sparse
from tokenizers import Tokenizer

ROUNDS = 8
STEPS = 12
RIDGE = 1.0


def bags(folder, kept, texts):
    """[texts, tokens]: how often each token is in each text, over the root of the text's length."""
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    place = {old: new for new, old in enumerate(kept)}
    rows = [[place[i] for i in encoding.ids if i in place] for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    lengths = np.array([len(row) for row in rows])
    indices = np.fromiter((i for row in rows for i in row), np.int32, lengths.sum())
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    return sparse.csr_matrix((values, indices, np.concatenate([[0], np.cumsum(lengths)])), (len(rows), len(kept)))


def solve(bag, targets, x, anchor, ridge):
    """min ‖bag · x − targets‖² + ridge · ‖x − anchor‖², from `x` on, all columns at once."""
    product = lambda x: bag.T @ (bag @ x) + ridge * x
    residual = bag.T @ (targets - bag @ x) - ridge * (x - anchor)
    direction, size = residual.copy(), (residual**2).sum(0)
    for _ in range(STEPS):
        image = product(direction)
        rate = size / np.maximum((direction * image).sum(0), 1e-20)
        x = x + rate * direction
        residual -= rate * image
        before, size = size, (residual**2).sum(0)
        direction = residual + size / np.maximum(before, 1e-20) * direction
    return x


def scales(made, targets):
    return (made * targets).sum(1) / np.maximum((made**2).sum(1), 1e-12)


def cosine(made, targets):
    unit = lambda x: x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    return float((unit(made) * unit(targets)).sum(1).mean())


def tuned(folder, kept, vectors, units, texts, targets, ridge=RIDGE, watch=lambda vectors: None):
    """[tokens, 384], as they are without texts → [tokens, units]. Special tokens, which no text has, stay zero."""
    with open(texts, encoding="utf8") as file:
        bag = bags(folder, kept, file.read().split("\n"))
    t = np.load(targets).astype(np.float32)[: bag.shape[0]]
    bag = bag[: len(t)]
    t -= t.mean(0)
    _, axes = np.linalg.eigh((t.T @ t).astype(np.float64))
    axes = axes[:, ::-1][:, :units].astype(np.float32)
    t = t @ axes
    start = vectors.astype(np.float32) @ axes
    held = np.arange(len(t)) % 20 == 0
    known, goal = bag[~held], t[~held]
    start *= float(np.median(np.linalg.norm(goal, axis=1)) / np.median(np.linalg.norm(known @ start, axis=1)))
    print(f"cosine to the teacher on texts held out: {cosine(bag[held] @ start, t[held]):.4f}", flush=True)
    x = start
    for _ in range(ROUNDS):
        s = np.clip(scales(known @ x, goal), 0.2, 5).astype(np.float32)
        x = solve(sparse.diags(s) @ known, goal, x, start, ridge).astype(np.float32)
        print(f"  {cosine(bag[held] @ x, t[held]):.4f}", flush=True)
        watch(x)
    return x
