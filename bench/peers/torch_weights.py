"""Keras's weights in torchvision's networks, so that all compute the same function (bench/peers.ts --check compares them)."""

import h5py
import torch
from torch import nn
from torchvision.transforms import v2


def preprocessing(base):
    """What Keras does with the pixels of this base, as torchvision's transforms write it."""
    if base == "mobilenet-v2":  # x / 127.5 − 1. Upside down: see below.
        turn = [v2.Lambda(lambda x: x.flip(-1, -2))]
        return [*turn, v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.5] * 3)]
    means = [123.68, 116.779, 103.939]  # of red, green, blue, out of 255; the spread stays as it is
    return [v2.ToDtype(torch.float32, scale=True), v2.Normalize([mean / 255 for mean in means], [1 / 255] * 3)]


def load(model, base, file):
    with h5py.File(file) as opened:
        weights = {
            name: [torch.from_numpy(opened[name][key][()]) for key in opened[name].attrs["weight_names"]]
            for name in opened.attrs["layer_names"]
        }
    with torch.no_grad():
        (load_mobilenet if base == "mobilenet-v2" else load_resnet)(model, weights)


def load_mobilenet(model, weights):
    """Both have the same layers in the same order. Keras pads an even picture below and to the right before a stride of 2,
    torchvision above and to the left: the same thing for a picture and kernels that stand on their heads."""
    layers = [layer for layer in model.features.modules() if isinstance(layer, (nn.Conv2d, nn.BatchNorm2d))]
    found = [values for values in weights.values() if values]
    assert len(layers) == len(found), f"{len(layers)} layers, {len(found)} in the file"
    for layer, values in zip(layers, found):
        if isinstance(layer, nn.Conv2d):
            order = (2, 3, 0, 1) if layer.groups > 1 else (3, 2, 0, 1)
            layer.weight.copy_(values[0].permute(*order).flip(-1, -2))
        else:
            normalization(layer, values, 0, 1e-3)


def load_resnet(model, weights):
    """Keras has the first version: strides in a block's first convolution, where torchvision has them in its second. The
    biases of the convolutions go into the means of the normalizations behind them."""
    kernel, bias = weights["conv1_conv"]
    model.conv1.weight.copy_(kernel.permute(3, 2, 0, 1).flip(1))  # blue, green, red in Keras
    normalization(model.bn1, weights["conv1_bn"], bias, 1.001e-5)
    for stage, blocks in enumerate([model.layer1, model.layer2, model.layer3, model.layer4], start=2):
        for i, block in enumerate(blocks, start=1):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
            pairs = [(block.conv1, block.bn1), (block.conv2, block.bn2), (block.conv3, block.bn3)]
            for number, (convolution, norm) in enumerate([block.downsample, *pairs]  if block.downsample else pairs, start=0 if block.downsample else 1):
                name = f"conv{stage}_block{i}_{number}"
                kernel, bias = weights[f"{name}_conv"]
                convolution.weight.copy_(kernel.permute(3, 2, 0, 1))
                normalization(norm, weights[f"{name}_bn"], bias, 1.001e-5)


def normalization(layer, values, bias, epsilon):
    gamma, beta, mean, variance = values
    layer.weight.copy_(gamma)
    layer.bias.copy_(beta)
    layer.running_mean.copy_(mean - bias)
    layer.running_var.copy_(variance)
    layer.eps = epsilon
