"""Writes the base: a vector for each token of the teacher's vocabulary, as whole numbers, and the tokenizer that goes with them.

    python make.py FOLDER TOKENS.npz models/leaflet [TEXTS.txt TARGETS.npy]

With texts and the teacher's vectors of them, the token vectors are tuned so that their mean points where the teacher's does (tune.py).
"""

import json
import sys

import numpy as np

UNITS = 192
# Fewer levels than a byte has: the sum over a text hides the difference, and a package of them is smaller.
LEVELS = 31
LONGEST = 2048
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def is_kept(name):
    """Latin letters, signs and currencies: of other scripts the vocabulary has single characters alone."""
    if name in SPECIAL:
        return True
    if name.startswith("[unused"):
        return False
    body = name[2:] if name.startswith("##") and len(name) > 2 else name
    return all(ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2070 or 0x20A0 <= ord(c) < 0x2200 for c in body)


def weighted(names, vectors, kept):
    """The kept tokens' vectors from their mean on, frequent tokens smaller (Arora et al. 2017): the vocabulary is in order of frequency."""
    some = vectors[kept].astype(np.float64)
    rank = np.array(kept) + 1
    weight = 1e-3 / (1e-3 + 1 / (rank * np.log(len(names))))
    result = (some - some.mean(0)) * weight[:, None]
    result[[names[i] in SPECIAL for i in kept]] = 0
    return result


def plain(names, vectors, kept):
    """Their principal components."""
    _, axes = np.linalg.eigh(np.cov(vectors[kept].astype(np.float64).T))
    return (weighted(names, vectors, kept) @ axes[:, ::-1][:, :UNITS]).astype(np.float32)


def quantised(vectors):
    scale = np.abs(vectors).max(1, keepdims=True) / LEVELS
    return np.rint(vectors / np.maximum(scale, 1e-12)).astype(np.int8), scale.astype(np.float32)


def write_tokenizer(folder, out, names, kept):
    with open(f"{folder}/tokenizer.json", encoding="utf8") as file:
        tokenizer = json.load(file)
    new = {names[old]: i for i, old in enumerate(kept)}
    tokenizer["model"]["vocab"] = new
    tokenizer["truncation"] = tokenizer["padding"] = None
    for token in tokenizer["added_tokens"]:
        token["id"] = new[token["content"]]
    for token in tokenizer["post_processor"]["special_tokens"].values():
        token["ids"] = [new[name] for name in token["tokens"]]
    dump(tokenizer, f"{out}/tokenizer.json")
    dump({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": LONGEST}, f"{out}/tokenizer_config.json")


def write_model(out, table, scale):
    layer = lambda kind, name, config, before: {
        "class_name": kind,
        "name": name,
        "config": {"name": name, "trainable": True, **config},
        "inbound_nodes": [[[before, 0, 0, {}]]] if before else [],
    }
    layers = [
        layer("InputLayer", "ids", {"batch_input_shape": [None, None], "dtype": "int32", "sparse": False}, None),
        layer("TokenVectors", "vectors", {"vocabulary": len(table), "units": UNITS}, "ids"),
        layer("TokenPooling", "mean", {"of": ["mean"]}, "vectors"),
        layer("RootNormalization", "unit", {"of": "sum", "epsilon": 1e-12, "scale": False}, "mean"),
    ]
    config = {"name": "leaflet", "layers": layers, "input_layers": [["ids", 0, 0]], "output_layers": [["unit", 0, 0]]}
    weights = [
        {"name": "vectors/table", "shape": list(table.shape), "dtype": "float32", "quantization": {"dtype": "uint8", "min": -128, "scale": 1}},
        {"name": "vectors/scale", "shape": [len(table), 1], "dtype": "float32"},
    ]
    model = {
        "format": "layers-model",
        "generatedBy": "graft tools/leaflet",
        "modelTopology": {"class_name": "Model", "config": config, "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js"},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": weights}],
    }
    dump(model, f"{out}/model.json")
    with open(f"{out}/weights.bin", "wb") as file:
        file.write((table.astype(np.int16) + 128).astype(np.uint8).tobytes() + scale.astype("<f4").tobytes())


def dump(value, file):
    with open(file, "w", encoding="utf8") as target:
        json.dump(value, target, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    folder, tokens, out, *made = sys.argv[1:]
    held = np.load(tokens, allow_pickle=False)
    names = [str(name) for name in held["names"]]
    kept = [i for i, name in enumerate(names) if is_kept(name)]
    if made:
        from tune import tuned

        vectors = tuned(folder, kept, weighted(names, held["vectors"], kept), UNITS, *made)
    else:
        vectors = plain(names, held["vectors"], kept)
    table, scale = quantised(vectors)
    write_model(out, table, scale)
    write_tokenizer(folder, out, names, kept)
    print(f"{len(kept)} tokens, {UNITS} numbers each")
