"""Formula-made pictures: what sapling learns to see from. No photograph is involved.

A picture is a background (gradients, cloud noise, stripes, dead leaves, iterated function systems) with a few objects on
it: blobs, polygons, boxes and tubes with textures, shading, highlights, shadows, print; then a camera: perspective,
blur, colour cast, noise. Everything is drawn from the picture's own seed.
"""

import cv2
import numpy as np

SIDE = 128


def cloud(rng, side=SIDE, octaves=None, roughness=None):
    """Noise with a spectrum between smooth and rough, in [0, 1]."""
    octaves = octaves or rng.integers(1, 7)
    roughness = roughness if roughness is not None else rng.uniform(0.35, 0.95)
    total = np.zeros((side, side), np.float32)
    start = rng.integers(1, 4)
    for octave in range(octaves):
        cells = min(side, 2 ** (start + octave))
        aspect = max(1, int(cells * rng.choice([1, 1, 1, 0.25, 4])))
        grid = rng.random((min(side, cells), min(side, aspect)), np.float32)
        total += roughness**octave * cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
    low, high = total.min(), total.max()
    return (total - low) / (high - low + 1e-6)


def palette(rng, n):
    """Colours that go together: one hue family, or anything at all."""
    if rng.random() < 0.25:
        return rng.random((n, 3)).astype(np.float32)
    hue = rng.random() * 180
    spread = rng.choice([8, 25, 60, 180])
    saturation = rng.beta(1.2, 1.6)
    hsv = np.stack(
        [
            (hue + rng.normal(0, spread, n)) % 180,
            np.clip(255 * (saturation + rng.normal(0, 0.15, n)), 0, 255),
            np.clip(255 * rng.beta(1.6, 1.1, n), 10, 255),
        ],
        -1,
    ).astype(np.uint8)
    return cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0].astype(np.float32) / 255


def colourise(rng, values):
    """A field in [0, 1] through a colour map of a few stops."""
    stops = palette(rng, rng.integers(2, 6))
    positions = np.sort(rng.random(len(stops)))
    positions[0], positions[-1] = 0, 1
    return np.stack([np.interp(values, positions, stops[:, c]) for c in range(3)], -1).astype(np.float32)


def stripes(rng, side=SIDE):
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    angle = rng.uniform(0, np.pi)
    phase = x * np.cos(angle) + y * np.sin(angle) + rng.choice([0, 0.05, 0.2]) * cloud(rng, side)
    wave = np.sin(2 * np.pi * phase * rng.uniform(2, 32))
    if rng.random() < 0.3:
        other = x * np.cos(angle + np.pi / 2) + y * np.sin(angle + np.pi / 2)
        wave = wave * np.sin(2 * np.pi * other * rng.uniform(2, 32))
    if rng.random() < 0.5:
        wave = np.tanh(wave * rng.uniform(1, 10))
    return wave * 0.5 + 0.5


def crumple(rng, side=SIDE):
    """Light on a folded surface: the slope of a faceted height field."""
    points = rng.random((rng.integers(8, 60), 2)).astype(np.float32) * side
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    distance = np.min((x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2, -1)
    height = np.sqrt(distance) * rng.uniform(0.5, 2) + 12 * cloud(rng, side)
    light = rng.normal(size=2)
    slope = light[0] * cv2.Sobel(height, cv2.CV_32F, 1, 0) + light[1] * cv2.Sobel(height, cv2.CV_32F, 0, 1)
    return 1 / (1 + np.exp(-slope * rng.uniform(0.05, 0.5)))


def fern(rng, side=SIDE):
    """An iterated function system (Barnsley), by the chaos game."""
    n = rng.integers(2, 6)
    maps = rng.uniform(-1, 1, (n, 2, 2)).astype(np.float32)
    for m in maps:
        m /= max(1.05, np.linalg.svd(m, compute_uv=False)[0] * rng.uniform(1.02, 1.5))
    shift = rng.uniform(-1, 1, (n, 2)).astype(np.float32)
    points = rng.uniform(-1, 1, (2500, 2)).astype(np.float32)
    image = np.zeros((side, side), np.float32)
    collected = []
    for step in range(18):
        which = rng.integers(0, n, len(points))
        points = np.einsum("nij,nj->ni", maps[which], points) + shift[which]
        if step > 5:
            collected.append(points.copy())
    everything = np.concatenate(collected)
    low, high = np.percentile(everything, 1, 0), np.percentile(everything, 99, 0)
    pixels = ((everything - low) / (high - low + 1e-6) * (side - 1)).astype(int)
    inside = ((pixels >= 0) & (pixels < side)).all(1)
    np.add.at(image, (pixels[inside, 1], pixels[inside, 0]), 1)
    image = np.log1p(image)
    return cv2.GaussianBlur(image / (image.max() + 1e-6), (3, 3), 0)


def print_on(rng, image):
    """Letters and bars, as on packages."""
    for _ in range(rng.integers(1, 5)):
        colour = tuple(float(v) for v in rng.random(3))
        where = tuple(int(v) for v in rng.integers(-10, SIDE - 10, 2))
        if rng.random() < 0.6:
            text = "".join(chr(c) for c in rng.integers(33, 122, rng.integers(1, 9)))
            font = int(rng.integers(0, 8))
            ink = np.zeros((SIDE, SIDE), np.uint8)
            cv2.putText(ink, text, where, font, float(rng.uniform(0.3, 2.5)), 255, int(rng.integers(1, 5)), cv2.LINE_AA)
            image = image + (np.float32(colour) - image) * (ink[..., None] / np.float32(255))
        else:
            size = rng.integers(4, 60, 2)
            image = np.ascontiguousarray(image, np.float32)
            cv2.rectangle(image, where, (int(where[0] + size[0]), int(where[1] + size[1])), colour, -1)
    return image


def texture(rng):
    kind = rng.random()
    if kind < 0.2:
        image = np.ones((SIDE, SIDE, 3), np.float32) * palette(rng, 1)[0]
    elif kind < 0.5:
        image = colourise(rng, cloud(rng))
    elif kind < 0.65:
        image = colourise(rng, stripes(rng))
    elif kind < 0.8:
        image = palette(rng, 1)[0] * (0.35 + 0.9 * crumple(rng)[..., None])
    elif kind < 0.88:
        image = colourise(rng, fern(rng))
    else:
        image = dead_leaves(rng)
    if rng.random() < 0.2:
        image = print_on(rng, np.ascontiguousarray(image))
    return image.astype(np.float32)


def dead_leaves(rng):
    """Shapes on shapes, sizes by a power law (Lee, Mumford and Huang 2001)."""
    image = np.ones((SIDE, SIDE, 3), np.float32) * 0.5
    colours = palette(rng, 12)
    for _ in range(rng.integers(40, 160)):
        radius = float(np.clip(3 * rng.pareto(1.5) + 2, 2, 50))
        outline = shape_outline(rng, rng.random(2) * SIDE, radius)
        cv2.fillPoly(image, [outline], tuple(float(v) for v in colours[rng.integers(12)]), cv2.LINE_AA)
    return image


def shape_outline(rng, centre, radius):
    kind = rng.random()
    if kind < 0.35:
        n = 48
        angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
        wobble = sum(rng.normal(0, 0.5 / k) * np.cos(k * angles + rng.uniform(0, 6.3)) for k in range(2, rng.integers(3, 9)))
        r = radius * np.clip(1 + rng.choice([0, 0.3, 0.8]) * wobble, 0.2, 2)
    elif kind < 0.7:
        n = rng.integers(3, 8)
        angles = np.sort(rng.uniform(0, 2 * np.pi, n))
        r = radius * rng.uniform(0.5, 1.3, n)
    else:
        angles = np.array([np.pi / 4, 3 * np.pi / 4, 5 * np.pi / 4, 7 * np.pi / 4]) + 0
        r = np.full(4, radius)
    stretch = np.exp(rng.normal(0, 0.45))
    points = np.stack([r * np.cos(angles) * stretch, r * np.sin(angles) / stretch], -1)
    turn = rng.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (points @ rotation + centre).astype(np.int32)


def add_object(rng, image):
    centre = SIDE * rng.uniform(0.2, 0.8, 2)
    radius = SIDE * rng.uniform(0.08, 0.5)
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(mask, [shape_outline(rng, centre, radius)], 1.0, cv2.LINE_AA)
    if rng.random() < 0.3:  # a hole, as in rings and handles
        cv2.fillPoly(mask, [shape_outline(rng, centre, radius * rng.uniform(0.3, 0.7))], 0.0, cv2.LINE_AA)
    if rng.random() < 0.6:  # shadow
        offset = rng.normal(0, 6, 2)
        moved = cv2.warpAffine(mask, np.float32([[1, 0, offset[0]], [0, 1, offset[1]]]), (SIDE, SIDE))
        shadow = cv2.GaussianBlur(moved, (0, 0), rng.uniform(1, 8))
        image = image * (1 - rng.uniform(0.2, 0.7) * shadow[..., None])
    surface = texture(rng)
    if rng.random() < 0.75:  # shading of a rounded body: the blurred mask is its height
        height = cv2.GaussianBlur(mask, (0, 0), radius * rng.uniform(0.1, 0.5) + 1)
        light = rng.normal(size=2)
        light /= np.linalg.norm(light)
        slope = light[0] * cv2.Sobel(height, cv2.CV_32F, 1, 0) + light[1] * cv2.Sobel(height, cv2.CV_32F, 0, 1)
        surface = surface * np.clip(1 + rng.uniform(1, 5) * slope[..., None], 0.15, 2)
        if rng.random() < 0.4:  # highlight
            peak = np.exp(-((slope - rng.uniform(0.02, 0.25)) ** 2) / 10 ** rng.uniform(-4, -2.3))
            surface = surface + rng.uniform(0.2, 1) * peak[..., None]
    alpha = mask[..., None] * (1 if rng.random() < 0.75 else rng.uniform(0.25, 0.8))  # glass lets the background through
    if rng.random() < 0.25:
        edge = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3)))
        image = image * (1 - edge[..., None]) + edge[..., None] * rng.random(3)
    return image * (1 - alpha) + surface * alpha


def camera(rng, image):
    if rng.random() < 0.6:
        corners = np.float32([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]])
        moved = corners + rng.normal(0, SIDE * rng.uniform(0.02, 0.2), (4, 2)).astype(np.float32)
        image = cv2.warpPerspective(image, cv2.getPerspectiveTransform(corners, moved), (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 2))
    image = image * rng.uniform(0.75, 1.2, 3) * rng.uniform(0.6, 1.2)
    if rng.random() < 0.5:  # uneven light
        image = image * (0.6 + 0.7 * cloud(rng, octaves=1)[..., None])
    if rng.random() < 0.1:
        image = np.repeat(image.mean(-1, keepdims=True), 3, -1)
    image = np.clip(image, 0, 1) ** rng.uniform(0.6, 1.6)
    image = image + rng.normal(0, rng.choice([0, 0.01, 0.04]), image.shape)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def picture(seed):
    """[128, 128, 3], RGB, uint8."""
    rng = np.random.default_rng([20261124, seed])
    if rng.random() < 0.3:
        image = np.ones((SIDE, SIDE, 3), np.float32) * np.clip(rng.normal(0.8, 0.2), 0, 1) * (0.9 + 0.1 * palette(rng, 1)[0])
    else:
        image = texture(rng)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3, 5, 8])):
        image = add_object(rng, image)
    return camera(rng, image.astype(np.float32))
