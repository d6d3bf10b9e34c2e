"""The benchmark's jobs in Keras with TensorFlow, as Keras's guide to transfer learning writes them: keras.io/guides/transfer_learning"""

from common import Report, settings  # first: its clock starts here

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

report = Report()
tf.config.threading.set_intra_op_parallelism_threads(settings.threads)
keras.utils.set_random_seed(7)

module, build = {
    "mobilenet-v2": (keras.applications.mobilenet_v2, keras.applications.MobileNetV2),
    "resnet50": (keras.applications.resnet50, keras.applications.ResNet50),
}[settings.base]
size = (224, 224)
base = build(weights=None, include_top=False, input_shape=(*size, 3))
base.load_weights(settings.weights, by_name=True)


def pictures(side):
    return keras.utils.image_dataset_from_directory(
        f"{settings.data}/{side}", image_size=size, batch_size=settings.batch, crop_to_aspect_ratio=True, shuffle=side == "train",
        seed=7, verbose=False,
    )  # fmt: skip


train, validation = pictures("train"), pictures("validation")
classes = len(train.class_names)


class Epochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        report.epoch(logs["val_accuracy"])


def compiled(model):
    optimizer = keras.optimizers.AdamW(settings.rate, weight_decay=settings.decay)
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile="auto")
    return model


def fit(model, train, validation, epochs):
    compiled(model).fit(train, validation_data=validation, epochs=epochs, callbacks=[Epochs()], verbose=0)


def whole_model():
    """Pixels → classes. BatchNormalization of the base in inference mode, unless everything trains."""
    inputs = keras.Input((*size, 3))
    x = module.preprocess_input(inputs)
    x = base(x) if settings.job == "everything" else base(x, training=False)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))


def guide():
    """The whole model in every epoch, on decoded pictures that tf.data keeps in memory."""
    cached = [pairs.cache().prefetch(tf.data.AUTOTUNE) for pairs in (train, validation)]
    model = whole_model()
    report.phase("build")
    fit(model, *cached, settings.measure)
    return model


def smart():
    """What stays frozen runs once over the pictures; the rest trains on that."""
    tap = base.get_layer(settings.frozen).output
    if settings.job == "features":
        tap = keras.layers.GlobalAveragePooling2D()(tap)
    frozen = keras.Model(base.input, tap)
    given = keras.Input(tap.shape[1:])
    x = given
    if settings.job == "fine-tune":
        x = keras.Model(tap, base.output)(given, training=False)
        x = keras.layers.GlobalAveragePooling2D()(x)
    rest = keras.Model(given, keras.layers.Dense(classes, activation="softmax")(x))

    def computed(pairs):
        taps, labels = [], []
        for x, y in pairs.prefetch(tf.data.AUTOTUNE):
            taps.append(frozen.predict_on_batch(module.preprocess_input(x)))
            labels.append(y)
        return np.concatenate(taps), np.concatenate(labels)

    report.phase("build")
    (x, y), held_out = computed(train), computed(validation)
    report.phase("features")
    batches = tf.data.Dataset.from_tensor_slices
    if settings.job == "features":
        train_set = batches((x, y)).shuffle(len(x)).batch(settings.batch).prefetch(tf.data.AUTOTUNE)
        fit(rest, train_set, batches(held_out).batch(settings.batch), settings.epochs)
    else:
        # Gigabytes of activations: fit takes its batches from the array, without another copy.
        compiled(rest).fit(
            x, y, batch_size=settings.batch, validation_data=held_out, epochs=settings.epochs, callbacks=[Epochs()], verbose=0
        )  # fmt: skip
    return keras.Model(base.input, rest(frozen(base.input)))


if settings.check:
    x = np.fromfile(f"{settings.out}/noise.u8", np.uint8).reshape(-1, *size, 3).astype("float32")
    features = keras.ops.mean(base(module.preprocess_input(x), training=False), (1, 2))
    np.asarray(features).tofile(f"{settings.out}/Keras.f32")
    raise SystemExit

layers = [layer.name for layer in base.layers]
for layer in base.layers[: 0 if settings.job == "everything" else layers.index(settings.frozen) + 1]:
    layer.trainable = False
model = smart() if settings.style == "smart" else guide()
model.save(f"{settings.out}/model.keras")
report.phase("save")
report.print()
