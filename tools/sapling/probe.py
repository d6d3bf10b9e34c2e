"""How much sapling knows: a linear probe on photographs that it has never seen. python probe.py SAPLING.keras PICTURES

PICTURES holds a folder per class. Compares sapling, the same network with random weights, and raw 16 × 16 pixels; five
stratified splits, 20 % held out, scikit-learn's logistic regression.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from network import sapling


def load(folder):
    files = sorted(Path(folder).glob("*/*.jpg"))
    images = np.stack([np.asarray(Image.open(file).convert("RGB").resize((128, 128), Image.BILINEAR)) for file in files])
    return images, np.array([file.parent.name for file in files])


def features(model, images):
    return np.concatenate([model.predict(images[i : i + 64] / 127.5 - 1, verbose=0).mean((1, 2)) for i in range(0, len(images), 64)])


def accuracy(x, y):
    """Plain logistic regression, and the same on standardised features with a stronger penalty."""
    probes = {
        "plain": lambda: LogisticRegression(max_iter=1000),
        "standardised": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)),
    }
    results = []
    for name, probe in probes.items():
        splits = StratifiedShuffleSplit(5, test_size=0.2, random_state=7).split(x, y)
        scores = [probe().fit(x[a], y[a]).score(x[b], y[b]) for a, b in splits]
        results.append(f"{name} {100 * np.mean(scores):.1f} ± {100 * np.std(scores):.1f} %")
    return ", ".join(results)


def main(source, pictures):
    images, labels = load(pictures)
    keras.utils.set_random_seed(7)
    print("sapling        ", accuracy(features(keras.models.load_model(source, compile=False), images), labels))
    print("random weights ", accuracy(features(sapling(), images), labels))
    small = np.stack([np.asarray(Image.fromarray(image).resize((16, 16), Image.BILINEAR)) for image in images]).reshape(len(images), -1) / 255
    print("16 × 16 pixels ", accuracy(small, labels))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
