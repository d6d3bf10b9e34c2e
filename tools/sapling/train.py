"""Distils the teacher into sapling: python train.py DATA OUT MINUTES

The student's pooled features, through a linear layer, must give the teacher's (standardised) features and its class
probabilities. The learning rate follows a cosine over the given minutes.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import numpy as np
import tensorflow as tf

from network import sapling

BATCH = 64
TEMPERATURE = 2.0


def main(data, out, minutes):
    keras.utils.set_random_seed(7)
    pictures = np.load(f"{data}/pictures.npy", mmap_mode="r")
    features = np.load(f"{data}/features.npy").astype(np.float32)
    logits = np.load(f"{data}/logits.npy").astype(np.float32)
    mean, deviation = features.mean(0), features.std(0) + 0.05
    features = (features - mean) / deviation

    base = sapling()
    pooled = keras.layers.GlobalAveragePooling2D()(base.output)
    student = keras.Model(base.input, [keras.layers.Dense(features.shape[1])(pooled), keras.layers.Dense(logits.shape[1])(pooled)])
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=1e-4)
    optimizer.build(student.trainable_variables)
    rate = optimizer.learning_rate

    @tf.function(jit_compile=False)
    def step(images, target, target_logits):
        images = tf.cast(images, tf.float32) / 127.5 - 1
        with tf.GradientTape() as tape:
            predicted, predicted_logits = student(images, training=True)
            regression = tf.reduce_mean(tf.square(predicted - target))
            probabilities = tf.nn.softmax(target_logits / TEMPERATURE)
            agreement = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(probabilities, predicted_logits / TEMPERATURE))
            loss = regression + 0.3 * agreement
        optimizer.apply_gradients(zip(tape.gradient(loss, student.trainable_variables), student.trainable_variables))
        return regression, agreement

    rng = np.random.default_rng(7)
    start, seen, sums = time.time(), 0, np.zeros(2)
    last_save = start
    order = np.array([], int)
    while (progress := (time.time() - start) / (60 * minutes)) < 1:
        if len(order) < BATCH:
            order = rng.permutation(len(pictures))
        chosen, order = np.sort(order[:BATCH]), order[BATCH:]
        images = pictures[chosen]
        if rng.random() < 0.5:
            images = images[:, :, ::-1]
        warm = min(1, seen / 20000)
        rate.assign(2e-3 * warm * 0.5 * (1 + np.cos(np.pi * progress)))
        sums += [float(value) for value in step(images, features[chosen], logits[chosen])]
        seen += BATCH
        if seen % (BATCH * 100) == 0:
            print(f"{time.time() - start:.0f} s, {seen} seen, regression {sums[0] / 100:.4f}, agreement {sums[1] / 100:.4f}", flush=True)
            sums[:] = 0
        if time.time() - last_save > 300:
            base.save(out)
            last_save = time.time()
    base.save(out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
