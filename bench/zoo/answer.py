"""A process that answers requests, so that TensorFlow is loaded once."""

import json
import os
import sys


def requests(answer):
    """Each line of standard input is a list as JSON; answers with {"value": …} or {"error": …} on a line of standard output."""
    # What libraries print is no answer.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            reply = {"value": answer(*json.loads(line))}
        except Exception as error:
            reply = {"error": (str(error).strip().splitlines() or [type(error).__name__])[-1]}
        out.write(json.dumps(reply) + "\n")
        out.flush()
