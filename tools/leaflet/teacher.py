"""What all-MiniLM-L6-v2 makes of its tokens, each by itself, and of texts.

    python teacher.py FOLDER tokens TOKENS.npz          names and vectors [30522, 384] of all tokens: the mean of [CLS] token [SEP]
    python teacher.py FOLDER texts TEXTS.txt OUT.npy    a unit vector [384] for each line, float16
"""

import sys

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer


class Teacher:
    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.session = ort.InferenceSession(f"{folder}/onnx/model.onnx", providers=["CPUExecutionProvider"])

    def mean(self, ids):
        ids = np.asarray(ids, np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return self.session.run(None, inputs)[0].mean(1)

    def tokens(self):
        count = self.tokenizer.get_vocab_size()
        names = [self.tokenizer.id_to_token(i) for i in range(count)]
        chunks = [np.arange(start, min(count, start + 256)) for start in range(0, count, 256)]
        around = lambda ids: np.stack([np.full_like(ids, 101), ids, np.full_like(ids, 102)], 1)
        return names, np.concatenate([self.mean(around(ids)) for ids in chunks])

    def texts(self, texts):
        """Texts of one length together: nothing is filled up."""
        ids = [encoding.ids[:255] + [102] if len(encoding.ids) > 256 else encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        result = np.zeros((len(texts), 384), np.float32)
        for length in sorted({len(one) for one in ids}):
            rows = [row for row, one in enumerate(ids) if len(one) == length]
            for start in range(0, len(rows), 64):
                some = rows[start : start + 64]
                result[some] = self.mean([ids[row] for row in some])
        return result / np.linalg.norm(result, axis=1, keepdims=True)


if __name__ == "__main__":
    folder, what, *files = sys.argv[1:]
    teacher = Teacher(folder)
    if what == "tokens":
        names, vectors = teacher.tokens()
        np.savez(files[0], names=np.array(names), vectors=vectors)
    else:
        with open(files[0], encoding="utf8") as file:
            texts = file.read().split("\n")
        parts = [teacher.texts(texts[start : start + 5000]) for start in range(0, len(texts), 5000)]
        np.save(files[1], np.concatenate(parts).astype(np.float16))
