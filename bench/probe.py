"""scikit-learn's logistic regression on the features that bench/probe.ts wrote: python bench/probe.py FOLDER"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression


def split(folder, seed, side):
    labels = np.array(json.loads((folder / f"{seed}-{side}.json").read_text()))
    return np.fromfile(folder / f"{seed}-{side}.f32", np.float32).reshape(len(labels), -1), labels


for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
    seeds = sorted({file.name.split("-")[0] for file in folder.glob("*-train.json")}, key=int)
    scores = []
    for seed in seeds:
        (x, y), (v, z) = split(folder, seed, "train"), split(folder, seed, "validation")
        scores.append(100 * LogisticRegression(max_iter=2000).fit(x, y).score(v, z))
    print(f"{folder.name:24} {np.mean(scores):.1f} %  ({min(scores):.1f} … {max(scores):.1f})", flush=True)
