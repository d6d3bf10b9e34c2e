"""sapling's architecture: a small residual network with Keras's ResNet layer names, 128 × 128 × 3 → 8 × 8 × 512."""

import keras
from keras import layers

STAGES = [(2, 48, 1), (3, 96, 2), (4, 192, 2)]  # number, filters, blocks


def conv_bn(x, filters, kernel, stride, name, activate=True):
    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if activate else x


def block(x, filters, stride, name):
    shortcut = x
    if stride != 1 or x.shape[-1] != filters:
        shortcut = conv_bn(x, filters, 1, stride, f"{name}_0", activate=False)
    y = conv_bn(x, filters, 3, stride, f"{name}_1")
    y = conv_bn(y, filters, 3, 1, f"{name}_2", activate=False)
    y = layers.Add(name=f"{name}_add")([shortcut, y])
    return layers.ReLU(name=f"{name}_out")(y)


def sapling():
    inputs = keras.Input((128, 128, 3), name="image")
    x = conv_bn(inputs, 24, 3, 2, "conv1")
    for number, filters, blocks in STAGES:
        for index in range(blocks):
            x = block(x, filters, 2 if index == 0 else 1, f"conv{number}_block{index + 1}")
    x = conv_bn(x, 512, 1, 1, "conv5")
    return keras.Model(inputs, x, name="sapling")
