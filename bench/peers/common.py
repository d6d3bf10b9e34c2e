"""What both peers share: the settings they are started with, and what they tell bench/peers.ts."""

import json
import sys
import time
from types import SimpleNamespace

start = time.perf_counter()

# job: features | fine-tune | everything; style: guide | smart; base: mobilenet-v2 | resnet50; data: a folder with train/
# and validation/, a folder per class in each; weights: a Keras .h5 without the classifier; out: a folder to save into;
# epochs; measure: epochs that are really run; batch; rate; decay; frozen: last frozen layer; compile; threads; check.
settings = SimpleNamespace(**json.loads(sys.argv[1]))


class Report:
    """Seconds of each part and the accuracy of each epoch. Printed as the last line."""

    def __init__(self):
        self.imports = time.perf_counter() - start
        self.phases, self.epochs, self.accuracies = {}, [], []
        self._last = time.perf_counter()

    def _lap(self):
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        return seconds

    def phase(self, name):
        self.phases[name] = self.phases.get(name, 0) + self._lap()

    def epoch(self, accuracy):
        self.epochs.append(self._lap())
        self.accuracies.append(accuracy)
        print(f"epoch {len(self.epochs)}: {accuracy:.4f}, {self.epochs[-1]:.1f} s", file=sys.stderr, flush=True)

    def print(self):
        print(json.dumps({k: v for k, v in vars(self).items() if not k.startswith("_")}), flush=True)
