"""The benchmark's jobs in PyTorch with torchvision, as PyTorch's tutorial on transfer learning writes them:
pytorch.org/tutorials/beginner/transfer_learning_tutorial"""

from common import Report, settings  # first: its clock starts here

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets, models
from torchvision.transforms import v2

from torch_weights import load, preprocessing

report = Report()
torch.set_num_threads(settings.threads)
torch.manual_seed(7)
last = torch.channels_last


def pictures(side):
    transform = v2.Compose([v2.Resize(224), v2.CenterCrop(224), v2.ToImage(), *preprocessing(settings.base)])
    return datasets.ImageFolder(f"{settings.data}/{side}", transform)


def batches(dataset, shuffle, workers=settings.threads):
    return DataLoader(dataset, settings.batch, shuffle, num_workers=workers, persistent_workers=workers > 0)


def optimizer_of(model):
    return torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=settings.rate, weight_decay=settings.decay
    )


def laid_out(x):
    return x.contiguous(memory_format=last) if x.ndim == 4 else x


def fast(model):
    """Compiled for whole batches: a last one that is smaller does not start the compiler again."""
    if not settings.compile:
        return model
    compiled = torch.compile(model)
    return lambda x: (compiled if len(x) == settings.batch else model)(x)


def accuracy_of(model, forward, loader):
    model.eval()
    correct = seen = 0
    with torch.inference_mode():
        for x, y in loader:
            correct += (forward(laid_out(x)).argmax(1) == y).sum().item()
            seen += len(y)
    return correct / seen


def fit(model, train, validation, epochs, training=False):
    """training: whether BatchNormalization is in training mode."""
    forward = fast(model)
    loss_of, optimizer = nn.CrossEntropyLoss(), optimizer_of(model)
    for _ in range(epochs):
        model.train(training)
        for x, y in train:
            optimizer.zero_grad()
            loss_of(forward(laid_out(x)), y).backward()
            optimizer.step()
        report.epoch(accuracy_of(model, forward, validation))


def whole_model(classes):
    model = {"mobilenet-v2": models.mobilenet_v2, "resnet50": models.resnet50}[settings.base](weights=None)
    load(model, settings.base, settings.weights)
    if settings.base == "mobilenet-v2":
        model.classifier = nn.Linear(model.last_channel, classes)
    else:
        model.fc = nn.Linear(model.fc.in_features, classes)
    return model.to(memory_format=last)


def parts(model):
    """Base, pooling and classifier in a row."""
    body = model.features if settings.base == "mobilenet-v2" else nn.Sequential(*list(model.children())[:-2])
    head = model.classifier if settings.base == "mobilenet-v2" else model.fc
    return body, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), head


def freeze(model):
    body, _, _ = parts(model)
    for layer in body if settings.job == "features" else body[:-1] if settings.job == "fine-tune" else []:
        layer.requires_grad_(False)


def guide(model, train, validation):
    """The whole model in every epoch, on pictures that the workers decode."""
    report.phase("build")
    fit(model, batches(train, True), batches(validation, False), settings.measure, settings.job == "everything")


def smart(model, train, validation):
    """What stays frozen runs once over the pictures; the rest trains on that."""
    body, pool, head = parts(model)
    frozen, rest = (nn.Sequential(body, pool), head)
    if settings.job == "fine-tune":
        frozen, rest = body[:-1], nn.Sequential(body[-1], pool, head)
    frozen.eval()
    forward = fast(frozen)

    def computed(dataset):
        taps, labels = [], []
        with torch.inference_mode():
            for x, y in batches(dataset, False):
                taps.append(forward(laid_out(x)))
                labels.append(y)
        return TensorDataset(torch.cat(taps), torch.cat(labels))

    report.phase("build")
    taps = computed(train), computed(validation)
    report.phase("features")
    fit(rest, batches(taps[0], True, 0), batches(taps[1], False, 0), settings.epochs)


if __name__ == "__main__":
    if settings.check:
        x = torch.from_numpy(np.fromfile(f"{settings.out}/noise.u8", np.uint8).reshape(-1, 224, 224, 3)).permute(0, 3, 1, 2)
        body, pool, _ = parts(whole_model(2).eval())
        with torch.inference_mode():
            pool(body(v2.Compose(preprocessing(settings.base))(x))).numpy().tofile(f"{settings.out}/PyTorch.f32")
        raise SystemExit
    train, validation = pictures("train"), pictures("validation")
    model = whole_model(len(train.classes))
    freeze(model)
    (smart if settings.style == "smart" else guide)(model, train, validation)
    torch.save(model.state_dict(), f"{settings.out}/model.pt")
    report.phase("save")
    report.print()
