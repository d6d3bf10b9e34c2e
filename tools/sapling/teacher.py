"""Makes the pictures and what the teacher sees in them.

python teacher.py TEACHER.onnx OUT COUNT

TEACHER.onnx is MobileNetV2 as `export-teacher.mjs` writes it: pixels [n, 224, 224, 3] uint8 → features [n, 1280] and
logits [n, 1001].
"""

import sys
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from images import SIDE, picture


def main(teacher, out, count):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with Pool(2) as pool:
        pictures = np.empty((count, SIDE, SIDE, 3), np.uint8)
        for i, image in enumerate(pool.imap(picture, range(count), chunksize=64)):
            pictures[i] = image
            if i % 5000 == 0:
                print("pictures", i, flush=True)
    np.save(out / "pictures.npy", pictures)
    session = onnxruntime.InferenceSession(teacher)
    names = [output.name for output in session.get_outputs()]
    collected = [[], []]
    for start in range(0, count, 32):
        batch = np.stack([cv2.resize(image, (224, 224), interpolation=cv2.INTER_LINEAR) for image in pictures[start : start + 32]])
        for store, value in zip(collected, session.run(names, {"pixels": batch})):
            store.append(value.astype(np.float16))
        if start % 3200 == 0:
            print("teacher", start, flush=True)
    np.save(out / "features.npy", np.concatenate(collected[0]))
    np.save(out / "logits.npy", np.concatenate(collected[1]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
