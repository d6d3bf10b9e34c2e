"""Writes sapling as a TensorFlow.js layers model with float16 weights: python export.py SAPLING.keras FOLDER

Also writes test/fixtures/sapling/golden.json: what the written (rounded) weights give for a made-up picture.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def node(layer):
    return [[[parent._keras_history.operation.name, 0, 0, {}] for parent in inbound.input_tensors] for inbound in layer._inbound_nodes if inbound.input_tensors]


def config(layer):
    kind, name = type(layer).__name__, layer.name
    common = {"name": name, "trainable": True, "dtype": "float32"}
    if kind == "InputLayer":
        return kind, {"name": name, "batch_input_shape": [None, 128, 128, 3], "dtype": "float32", "sparse": False}
    if kind == "Conv2D":
        return kind, {**common, "filters": layer.filters, "kernel_size": list(layer.kernel_size), "strides": list(layer.strides), "padding": "same", "data_format": "channels_last", "dilation_rate": [1, 1], "activation": "linear", "use_bias": False}
    if kind == "BatchNormalization":
        return kind, {**common, "axis": -1, "momentum": layer.momentum, "epsilon": layer.epsilon, "center": True, "scale": True}
    if kind == "ReLU":
        return kind, common
    if kind == "Add":
        return kind, common
    raise SystemExit(f"unknown layer {kind}")


def main(source, folder):
    model = keras.models.load_model(source, compile=False)
    layers, specs, data = [], [], b""
    for layer in model.layers:
        kind, settings = config(layer)
        layers.append({"class_name": kind, "name": layer.name, "config": settings, "inbound_nodes": node(layer)})
        rounded = []
        for weight in layer.weights:
            half = np.asarray(weight).astype(np.float16)
            specs.append({"name": f"{layer.name}/{weight.path.split('/')[-1]}", "shape": list(half.shape), "dtype": "float32", "quantization": {"dtype": "float16", "original_dtype": "float32"}})
            data += half.tobytes()
            rounded.append(half.astype(np.float32))
        layer.set_weights(rounded)
    topology = {"class_name": "Functional", "config": {"name": "sapling", "layers": layers, "input_layers": [["image", 0, 0]], "output_layers": [[model.layers[-1].name, 0, 0]]}}
    manifest = {"format": "layers-model", "generatedBy": "graft tools/sapling", "modelTopology": {"keras_version": "2.15", "backend": "tensorflow", "model_config": topology}, "weightsManifest": [{"paths": ["weights.bin"], "weights": specs}]}
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.bin").write_bytes(data)
    (folder / "model.json").write_text(json.dumps(manifest) + "\n")

    x = np.sin(np.arange(128 * 128 * 3, dtype=np.float64) * 12.9898 + 5 * 0.731) * 43758.5453
    picture = np.floor((x - np.floor(x)) * 256).reshape(1, 128, 128, 3)
    pooled = model.predict((picture / 127.5 - 1).astype(np.float32), verbose=0).mean((1, 2))[0]
    fixture = ROOT / "test" / "fixtures" / "sapling" / "golden.json"
    fixture.parent.mkdir(parents=True, exist_ok=True)
    fixture.write_text(json.dumps({"pooled": [float(f"{value:.8g}") for value in pooled]}) + "\n")
    print(f"{len(data) / 1e6:.2f} MB, {model.count_params()} parameters")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
