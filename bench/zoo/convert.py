"""Keras's converter: answers ["convert", FILE.h5, FOLDER] when FOLDER has its model.json."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import answer
import tf_keras
from tensorflowjs.converters.converter import convert


def converted(_, source, folder):
    tf_keras.backend.clear_session()
    convert(["--input_format=keras", source, folder])


answer.requests(converted)
