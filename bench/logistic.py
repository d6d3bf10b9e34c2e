"""scikit-learn's logistic regression on the features that bench/logistic.ts wrote: python bench/logistic.py FOLDER"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

folder = Path(sys.argv[1])
scores = []
for file in sorted(folder.glob("*-train.json"), key=lambda f: int(f.name.split("-")[0])):
    seed = file.name.split("-")[0]
    y, z = (np.array(json.loads((folder / f"{seed}-{side}.json").read_text())) for side in ("train", "validation"))
    x, v = (np.fromfile(folder / f"{seed}-{side}.f32", np.float32).reshape(len(labels), -1) for side, labels in (("train", y), ("validation", z)))
    scores.append(LogisticRegression(max_iter=2000).fit(x, y).score(v, z))
    print(f"seed {seed}: {scores[-1]:.4f}", flush=True)
print(f"mean {np.mean(scores):.4f}")
