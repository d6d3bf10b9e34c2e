"""Applications of Keras with made-up weights, their files, and what Keras makes of some pictures.

Answers each line of standard input, a request as JSON, with a line of JSON:

["list"]                            versions, and the applications of Keras 3 and of tf_keras
["make", KERAS, NAME, FOLDER, SIZE] its files and numbers; KERAS: keras or tf_keras
["read", KERAS, FILE, FOLDER]       how far the file, read back, is from what was saved
["move", KERAS, FOLDER, MODE]       how far its gradient moves where each weight does in its last digit
"""

import gc
import inspect
import json
import os
import sys
from pathlib import Path

import answer

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

PICTURES = 4
# The last so many of a network's layers train in the step of fine-tuning.
TRAINED = 1 / 3
MOVES = 8


def keras_named(name):
    """As in a process of its own: float32, and names of layers are numbered from the beginning."""
    import importlib

    k = importlib.import_module(name)
    k.utils.disable_interactive_logging()
    (k.utils if name == "keras" else k.backend).clear_session()
    compute_in(k, "float32")
    gc.collect()
    return k


def compute_in(k, floatx):
    if k.__name__ == "keras":
        k.config.set_floatx(floatx)
        k.config.set_dtype_policy(floatx)
    else:
        k.backend.set_floatx(floatx)


def applications(k):
    return [name for name, value in inspect.getmembers(k.applications) if inspect.isfunction(value)]


def listed():
    import keras
    import tensorflow
    import tf_keras

    versions = {module.__name__: module.__version__ for module in (keras, tf_keras, tensorflow)}
    return {"versions": versions, "keras": applications(keras), "tf_keras": applications(tf_keras)}


def pictures(size):
    """Waves of three colours, different in each picture, and noise: [PICTURES, size, size, 3], 0 … 255."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:size, 0:size] / size
    made = []
    for _ in range(PICTURES):
        angles, phases, waves = random.uniform(0, np.pi, 3), random.uniform(0, 6, 3), random.uniform(1, 9, 3)
        along = y[..., None] * np.sin(angles) + x[..., None] * np.cos(angles)
        made.append(random.uniform(60, 200, 3) + 50 * np.sin(2 * np.pi * waves * along + phases))
    return np.clip(np.array(made) + random.normal(0, 15, (PICTURES, size, size, 3)), 0, 255).round().astype(np.float32)


def preprocess(k, build, x):
    module = sys.modules[build.__module__]
    return np.asarray(module.preprocess_input(x.copy()), np.float32)


def leaves(model):
    """Its layers, and those of models in it."""
    return [leaf for layer in model.layers for leaf in (leaves(layer) if hasattr(layer, "layers") else [layer])]


def layers_of(model, *classes):
    return [layer for layer in leaves(model) if type(layer).__name__ in classes]


def steps(model):
    """Keras 3 does not count operators among the layers."""
    return getattr(model, "operations", model.layers)


def kind_of(variable):
    return getattr(variable, "path", variable.name).split("/")[-1].split(":")[0]


def draw(model):
    """Random weights with which numbers neither fade nor grow: He's for kernels."""
    random = np.random.default_rng(2)
    for layer in model.layers:
        for variable in layer.weights:
            shape, kind = tuple(variable.shape), kind_of(variable)
            values = random.normal(0, 1, shape)
            if type(layer).__name__ == "Normalization":
                values = {"mean": 0.45 + 0.05 * values, "variance": 0.05 * np.exp(0.3 * values)}.get(kind)
            elif type(layer).__name__ == "LayerScale":
                values = 0.4 + 0.1 * values
            elif "kernel" in kind:
                depthwise = "depthwise" in kind or type(layer).__name__ == "DepthwiseConv2D"
                values *= np.sqrt(2 / np.prod(shape[:2] if depthwise else shape[:-1]))
            elif kind in ("gamma", "moving_variance"):
                values = np.exp(0.2 * values)
            elif kind == "beta" and type(layer).__name__ == "BatchNormalization":
                # Where most of what a ReLU takes is above zero, layers do not make rounding larger and larger.
                values = 1 + 0.2 * values
            else:
                values *= 0.2
            if values is not None:
                variable.assign(values.astype(np.float32))
    finalize(model)


def finalize(model):
    """What Normalization computes with follows from its weights, but not by itself."""
    for layer in layers_of(model, "Normalization"):
        layer.finalize_state()


def quiet(model):
    """No dropout and no dropped blocks; returns what brings them back."""
    kept = [(layer, name, getattr(layer, name)) for layer in model.layers for name in ("rate", "drop_path_rate") if hasattr(layer, name)]
    for layer, name, _ in kept:
        setattr(layer, name, 0.0)
    return lambda: [setattr(*entry) for entry in kept]


def learn_statistics(model, x):
    """Moving statistics become those of the pictures: each layer in training passes on what it will in inference."""
    normalizations = layers_of(model, "BatchNormalization")
    if not normalizations:
        return
    loud = quiet(model)
    momenta = [layer.momentum for layer in normalizations]
    for layer in normalizations:
        layer.momentum = 0.0
    model(x, training=True)
    for layer, momentum in zip(normalizations, momenta):
        layer.momentum = momentum
    loud()


def enliven_classes(k, model, x):
    """The last kernel and bias so that the pictures' classes differ: logits of deviation 3 around nearly the same mean."""
    head = [layer for layer in model.layers if any("kernel" in kind_of(v) for v in layer.weights)][-1]
    before = np.asarray(k.Model(model.inputs, head.input)(x), np.float64)
    kernel, bias = (np.asarray(w, np.float64) for w in head.get_weights())
    scores = before.reshape(len(x), -1) @ kernel.reshape(-1, kernel.shape[-1])
    centred = scores - scores.mean(0)
    scale = 3 / centred.std()
    head.set_weights([(kernel * scale).astype(np.float32), (0.5 * bias - scale * scores.mean(0)).astype(np.float32)])


def make_model(build, size, **options):
    return build(weights=None, input_shape=(size, size, 3), **options)


def feature_layer(whole, base):
    """Index of the last step that the network has with and without its classifier."""
    last = -1
    for i, (one, other) in enumerate(zip(steps(whole), steps(base))):
        if type(one) is not type(other) or tuple(one.output.shape) != tuple(other.output.shape):
            break
        last = i
    return last


def difference(a, b):
    """Largest difference, relative to the largest value of b."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-30))


def gradient_difference(a, b):
    """The same of each weight's gradient, where none is held to be smaller than a thousandth of the largest: the largest, and the one in the middle."""
    floor = 1e-3 * max(np.max(np.abs(g)) for g in b)
    found = sorted(float(np.max(np.abs(p - q)) / max(np.max(np.abs(q)), floor)) for p, q in zip(a, b))
    return {"largest": found[-1], "middle": found[len(found) // 2]}


def trained_layers(model):
    weighted = [i for i, layer in enumerate(leaves(model)) if layer.weights]
    return weighted[-max(2, round(len(weighted) * TRAINED)) :]


def gradients(model, x, labels, trained, training):
    """Of the mean cross-entropy, for each weight that trains; BatchNormalization with the batch's statistics where `training`."""
    import tensorflow as tf

    layers = leaves(model)
    for i, layer in enumerate(layers):
        layer.trainable = i in trained
    variables = [v for i in trained for v in layers[i].trainable_weights]
    # Statistics move in training: what they were comes back.
    moving = [(v, np.asarray(v)) for layer in layers_of(model, "BatchNormalization") for v in layer.non_trainable_weights]
    loud = quiet(model)
    # RegNet ends in logits, whatever activation it is asked for.
    is_distribution = np.allclose(np.asarray(model(x)).sum(-1), 1, atol=1e-3)
    with tf.GradientTape() as tape:
        probabilities = model(x, training=training)
        probabilities = probabilities if is_distribution else tf.nn.softmax(probabilities)
        loss = -tf.reduce_mean(tf.math.log(tf.reduce_sum(probabilities * labels.astype(probabilities.dtype.as_numpy_dtype), axis=-1)))
    found = tape.gradient(loss, [getattr(v, "value", v) if hasattr(v, "path") else v for v in variables])
    loud()
    for variable, value in moving:
        variable.assign(value)
    return [np.zeros(v.shape) if g is None else np.asarray(g, np.float64) for v, g in zip(variables, found)]


def compute(k, model, cut, x, trained, labels):
    both = k.Model(model.inputs, [steps(model)[cut].output, model.outputs[0]])
    features, probabilities = (np.asarray(y, np.float64) for y in both(x))
    inference = gradients(model, x, labels, trained, False)
    # Without dropout they differ by BatchNormalization alone.
    training = gradients(model, x, labels, trained, True) if layers_of(model, "BatchNormalization") else inference
    return {"features": features, "probabilities": probabilities, "inference": inference, "training": training}


def convolve_by_group(layer):
    """What XLA compiles of a grouped convolution takes a hundred times as long in float64."""
    import tensorflow as tf

    def convolve(x, kernel):
        strides, padding, dilation = layer.strides, layer.padding.upper(), layer.dilation_rate
        if kernel.shape[-2] == 1 and layer.groups == layer.filters:
            depthwise = tf.transpose(kernel, [0, 1, 3, 2])
            return tf.nn.depthwise_conv2d(x, depthwise, [1, *strides, 1], padding, dilations=dilation)
        groups = zip(tf.split(x, layer.groups, -1), tf.split(kernel, layer.groups, -1))
        return tf.concat([tf.nn.convolution(part, own, strides, padding, dilations=dilation) for part, own in groups], -1)

    # As Keras 3 and tf_keras call it.
    layer.convolution_op = layer._jit_compiled_convolution_op = convolve


def in_float64(k, build, size, weights, *args):
    """What the same network computes in float64."""
    compute_in(k, "float64")
    model = make_model(build, size)
    for layer in layers_of(model, "Conv2D"):
        if layer.groups > 1:
            convolve_by_group(layer)
    for layer, values in zip(model.layers, weights):
        if values:
            layer.set_weights([np.asarray(value, np.asarray(w).dtype) for value, w in zip(values, layer.get_weights())])
    finalize(model)
    cut, x, trained, labels = args
    return compute(k, model, cut, x.astype(np.float64), trained, labels)


def make(keras_name, name, folder, size):
    k = keras_named(keras_name)
    build = getattr(k.applications, name)
    folder.mkdir(parents=True, exist_ok=True)
    x = preprocess(k, build, pictures(size))
    model, base = make_model(build, size), make_model(build, size, include_top=False)
    draw(model)
    learn_statistics(model, x)
    enliven_classes(k, model, x)
    cut, trained = feature_layer(model, base), trained_layers(model)
    labels = np.eye(model.output_shape[-1], dtype=np.float32)[np.arange(PICTURES) * 7 % model.output_shape[-1]]
    base.set_weights(model.get_weights()[: len(base.get_weights())])
    finalize(base)
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    base.save(folder / "base.keras")
    computed = compute(k, model, cut, x, trained, labels)
    weights = [layer.get_weights() for layer in model.layers]
    layers = leaves(model)
    names = [[layers[i].name, [list(v.shape) for v in layers[i].trainable_weights]] for i in trained]
    facts = {
        "parameters": int(model.count_params()),
        "layers": len(model.layers),
        "cut": steps(model)[cut].name,
        "trained": names,
        "base": list(base.output_shape[1:]),
    }
    computed["base"] = np.asarray(base(x), np.float64)
    exact = in_float64(k, build, size, weights, cut, x, trained, labels)
    features, probabilities = computed["features"], computed["probabilities"]
    facts["spread"] = float(np.mean(features.max(0) - features.min(0)) / np.abs(features).max())
    facts["classes"] = len(set(probabilities.reshape(PICTURES, -1).argmax(1).tolist()))
    facts["finite"] = bool(all(np.isfinite(v).all() for v in (features, probabilities)))
    facts["float64"] = {key: difference(computed[key], exact[key]) for key in ("features", "probabilities")}
    facts["float64"] |= {key: gradient_difference(computed[key], exact[key]) for key in ("inference", "training")}
    x.tofile(folder / "input.f32")
    labels.tofile(folder / "labels.f32")
    for key, value in computed.items():
        flat = value if isinstance(value, np.ndarray) else np.concatenate([g.ravel() for g in value])
        flat.astype(np.float32).tofile(folder / f"{key}.f32")
    (folder / "facts.json").write_text(json.dumps(facts))
    return facts


def saved(keras_name, file, folder):
    model = keras_named(keras_name).models.load_model(file, compile=False)
    return model, np.fromfile(folder / "input.f32", np.float32).reshape(PICTURES, *model.input_shape[1:])


def read(keras_name, file, folder):
    model, x = saved(keras_name, file, folder)
    expected = np.fromfile(folder / ("base.f32" if file.stem == "base" else "probabilities.f32"), np.float32)
    return {"difference": difference(np.asarray(model(x)).ravel(), expected)}


def move(keras_name, folder, mode):
    model, x = saved(keras_name, folder / "model.keras", folder)
    labels = np.fromfile(folder / "labels.f32", np.float32).reshape(PICTURES, -1)
    args = model, x, labels, trained_layers(model), mode == "training"
    still = gradients(*args)
    weights, random = model.get_weights(), np.random.default_rng(3)
    moved = []
    for _ in range(MOVES):
        model.set_weights([w * (1 + random.choice((-(2**-23), 2**-23), w.shape)).astype(w.dtype) for w in weights])
        finalize(model)
        moved.append(gradient_difference(gradients(*args), still))
    return max(moved, key=lambda one: one["largest"])


def answered(command, *rest):
    if command == "list":
        return listed()
    if command == "make":
        return make(rest[0], rest[1], Path(rest[2]), rest[3])
    if command == "move":
        return move(rest[0], Path(rest[1]), rest[2])
    return read(rest[0], Path(rest[1]), Path(rest[2]))


if __name__ == "__main__":
    answer.requests(answered)
