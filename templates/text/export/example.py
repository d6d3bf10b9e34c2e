"""Says what a text is: python THIS_FILE TEXT

Needs: pip install onnxruntime numpy tokenizers
"""

import json
import sys
from pathlib import Path

import numpy
import onnxruntime
from tokenizers import Tokenizer

here = Path(__file__)
model = onnxruntime.InferenceSession(str(here.with_name("model.onnx")), providers=["CPUExecutionProvider"])
known = model.get_modelmeta().custom_metadata_map
classes = json.loads(known["classes"])
tokenizer = Tokenizer.from_file(str(here.with_name("tokenizer.json")))
tokenizer.no_padding()
tokenizer.no_truncation()
if "longest" in known:
    tokenizer.enable_truncation(int(known["longest"]))
# [1, length]: the tokens of one text, nothing filled up.
ids = numpy.array([tokenizer.encode(sys.argv[1]).ids], dtype=numpy.int32)
# [classification]
probabilities = model.run(["probabilities"], {"ids": ids})[0][0]
for probability, name in sorted(zip(probabilities, classes), reverse=True):
    print(f"{probability:.6f} {name}")
# [multi-label]
thresholds = json.loads(known["thresholds"])
probabilities = model.run(["probabilities"], {"ids": ids})[0][0]
for probability, threshold, name in sorted(zip(probabilities, thresholds, classes), reverse=True):
    print(f"{probability:.6f} {name}" + (" *" if probability >= threshold else ""))
# [regression]
numbers = model.run(["numbers"], {"ids": ids})[0][0]
for number, name in zip(numbers, classes):
    print(f"{number:.6g} {name}")
# [end]
