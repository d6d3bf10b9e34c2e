"""What leaflet makes of some texts, computed by NumPy and the Rust tokenizers: the reference of its test.

    python reference.py models/leaflet test/fixtures/leaflet/reference.json
"""

import json
import sys

import numpy as np
from tokenizers import Tokenizer

TEXTS = [
    "When will my roses be delivered?",
    "Thanks a lot!!",
    "naïve café — ﬁne 😀",
    "東京 word",
    "unbelievably supercalifragilistic tokenization",
    "",
    "one two three " * 40,
]

if __name__ == "__main__":
    folder, out = sys.argv[1:]
    with open(f"{folder}/model.json", encoding="utf8") as file:
        (table_spec, scale_spec) = json.load(file)["weightsManifest"][0]["weights"]
    rows, units = table_spec["shape"]
    with open(f"{folder}/weights.bin", "rb") as file:
        data = file.read()
    table = np.frombuffer(data, np.uint8, rows * units).reshape(rows, units).astype(np.float64) - 128
    scale = np.frombuffer(data, "<f4", rows, rows * units).reshape(rows, 1).astype(np.float64)
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    result = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        mean = (table[ids] * scale[ids]).mean(0)
        unit = mean / np.sqrt(max((mean**2).sum(), 1e-12))
        result.append({"text": text, "ids": ids, "features": [round(float(x), 7) for x in unit]})
    with open(out, "w", encoding="utf8") as file:
        file.write("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in result) + "\n]\n")
