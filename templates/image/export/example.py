"""Says what is on a picture: python THIS_FILE PICTURE

Needs: pip install onnxruntime numpy pillow
"""

import json
import sys
from pathlib import Path

import numpy
import onnxruntime
from PIL import Image, ImageOps

model = onnxruntime.InferenceSession(str(Path(__file__).with_name("model.onnx")), providers=["CPUExecutionProvider"])
classes = json.loads(model.get_modelmeta().custom_metadata_map["classes"])

picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGBA")
rgba = numpy.asarray(picture, dtype=numpy.int32)
color, alpha = rgba[..., :3], rgba[..., 3:]
on_white = (color * alpha + 255 * (255 - alpha)) // 255
# [1, height, width, 3], 0 … 255, of any size: resizing and preprocessing are inside the model.
pixels = on_white.astype(numpy.uint8)[numpy.newaxis]
# [classification]
probabilities = model.run(["probabilities"], {"pixels": pixels})[0][0]
for probability, name in sorted(zip(probabilities, classes), reverse=True):
    print(f"{probability:.6f} {name}")
# [multi-label]
thresholds = json.loads(model.get_modelmeta().custom_metadata_map["thresholds"])
probabilities = model.run(["probabilities"], {"pixels": pixels})[0][0]
for probability, threshold, name in sorted(zip(probabilities, thresholds, classes), reverse=True):
    print(f"{probability:.6f} {name}" + (" *" if probability >= threshold else ""))
# [regression]
numbers = model.run(["numbers"], {"pixels": pixels})[0][0]
for number, name in zip(numbers, classes):
    print(f"{number:.6g} {name}")
# [end]
