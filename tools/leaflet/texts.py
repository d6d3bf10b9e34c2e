"""Texts made by formula, for the teacher to look at: frames of everyday sentences, filled with words of its own vocabulary that it holds to
be near each other; and the sentences that we wrote (sentences.txt), with some of their words changed for near ones. What a word is (noun, verb,
adjective) is seen from which forms of it the vocabulary has.

    python texts.py TOKENS.npz TEXTS.txt 240000
"""

import random
import re
import sys
from pathlib import Path

import numpy as np

FRAMES = """
can you {v} the {n} for me|could you please {v} my {n}|i would like to {v} a {n}|i want to {v} the {n} before {time}
how do i {v} a {n}|how can i {v} {ns} with my {n}|what is the best way to {v} {ns}|where can i find a {a} {n}
where is the {n}|is there a {n} near the {n2}|is there any {n} left|are there any {a} {ns} {time}|do you have {ns}
when does the {n} {v}|when will my {n} be {ved}|what time is the {n}|why is the {n} so {a}|why did the {n} {v} {time}
why can't i {v} my {n}|who {ved} the {n}|who is {ving} the {n2} {time}|which {n} should i {v}|how much does a {n} cost
how many {ns} do i have|how long does it take to {v} a {n}|how {a} is the {n}|what does {n} mean|what is a {n}
tell me about the {n}|tell me how to {v}|show me the {ns}|show me all {a} {ns}|give me the {n} of the {n2}|find me a {a} {n}
please {v} it|please {v} the {n} {time}|don't {v} the {n}|stop {ving}|start {ving} the {n}|let's {v} together {time}
{v} my {n}|{v} the {n} to {num}|{v} a {n} for {num} {ns}|{v} {num} {ns} {time}|get me a {n} and some {ns}
i have {ved} the {n}|i have not {ved} my {n} yet|i haven't {ved} since {time}|i already {ved} it twice|i never {v} {ns}
i can't {v} the {n}|i could not {v} because of the {n}|i forgot my {n}|i lost the {n} of my {n2}|i need a new {n}
i need to {v} by {time}|i need help with my {n}|i am {ving} the {n} {time}|i'm {ving} and i need a {n}|i was {ving} when the {n} {ved}
we are {ving} {ns} {time}|we {ved} a {a} {n} {time}|we were told the {n} would be {a}|we will {v} the {ns} {time}|we'd love to {v} {time}
my {n} is {a}|my {n} won't {v}|my {n} doesn't {v} any more|my {ns} are {a} and {a2}|my {n} has been {ved}|my {n} keeps {ving}
the {n} is not {a}|the {n} was {a} but the {n2} was {a2}|the {n} of the {n2} is {a}|the {ns} are {ving} {time}|the {n} {ved} {time}
the {n} has been {a} since {time}|the {n} came without a {n2}|the {a} {n} {ved} the {n2}|the {n} you {ved} is {a}|this {n} is too {a}
there is a {n} in the {n2}|there is no {n} for the {n2}|there has been a {n} with the {n2}|there are {num} {ns} in the {n}
it is {a} to {v} {ns}|it was the most {a} {n} ever|it looks {a}|it says the {n} is {a}|it has a {n} but no {n2}|it is only {num} {ns}
will it {v} {time}|will the {n} be {a} {time}|did the {n} {v}|did you {v} the {n}|does it {v} {ns}|has the {n} {ved}|has anybody {ved} my {n}
is the {n} {a}|is my {n} {ved}|is it {a} enough to {v}|am i {ving} the right {n}|should i {v} or {v2}|should we {v} the {n} {time}
thank you for the {a} {n}|thanks for {ving} my {n}|sorry about the {n}|congratulations on your {n}|happy {n} to you all
{ns} and {ns2}|{a} {n}|{a} {a2} {ns}|{n} {n2}|{v} and {v2}|{ving} {ns}|{ns} for {ving}|the {n} and the {n2}|{n} of {ns2}|{n} without {n2}
you must {v} the {n} now|you should not {v} {ns}|you have {num} new {ns}|your {n} has been {ved}|your {n} is ready to {v}|call us to {v} your {n}
he {ved} the {n} {time}|she is {ving} a {n}|they {v} {ns} every day|nobody {ved} the {n}|somebody {ved} my {n}|everyone loves the {n}
a {n} is a kind of {n2}|{ns} are {a}|a {a} {n} with {ns2}|{ving} is {a}|most {ns} {v} {time}|according to the {n}, {ns2} are {a}
if the {n} is {a}, {v} it|when i {v}, the {n} is {a}|because of the {n} we {v}|although the {n} is {a}, i {v} it|after {ving} the {n}
{cv} the {n}|{cv} my {n} {time}|{cv} {p} the {n}|{cv} it {p} please|{cv} me a {n}|{cv} {ns} with {ns2}|{cv} a {a} {n}|{cv} for the {n} to {v}
can i {cv} my {n} here|can you {cv} {p} the {n}|could we {cv} {ns} {time}|may i {cv} another {n}|how do i {cv} {p} of the {n}|where do i {cv} {ns}
i {cv} my {n} every day|i want to {cv} {p} {time}|i'd like to {cv} {p} with my {n}|i didn't {cv} the {n}|i can't {cv} {p} my {n}|i will {cv} {p} {time}
we {cv} {ns} {p} {time}|we should {cv} to the {n}|they {cv} from the {n}|my {n} will {cv} {p} {time}|your {n} did not {cv}|let me {cv} the {n}
do you {cv} {ns}|does the {n} {cv} {p} {time}|did anyone {cv} my {n}|what {ns} do you {cv}|why do {ns} {cv}|who will {cv} the {n}|when can i {cv} it
don't {cv} {p}|never {cv} a {n} without {ns2}|please {cv} {p} my {n}|just {cv} it|we have to {cv} the {n} because it is {a}|i {cv} that the {n} is {a}
""".replace("\n", "|").strip("|").split("|")
# The verbs that English has most often.
COMMON = """have do say go get make know think take see come want look use find give tell work call try ask need feel leave put keep let begin help talk
turn start show hear play run move like live hold bring write sit stand lose pay meet set learn change watch follow stop speak read add spend open
walk win offer remember love buy wait send expect build stay fall cut reach pass sell pull""".split()
PARTICLES = "up down on off out back away over in again together around through along".split()
TIMES = """now|today|tonight|tomorrow|tomorrow morning|yesterday|this week|next week|last month|on monday|on friday|at the weekend|in the
evening|this afternoon|at noon|at six|at half past seven|before eight|in an hour|in ten minutes|every day|soon|in june|in winter|last year|
later|at once|at the end of the month|all night|for years""".replace("\n", " ").split("|")
JOINTS = [", and ", ". ", ", but ", "? ", " because ", " so ", ". ", "! "]
OPENINGS = ["hello, ", "hi, ", "ok, ", "well, ", "sorry, ", "please, ", "hey, ", "excuse me, ", "oh no, ", "yes, ", "no, ", "by the way, "]
ENDINGS = ["", "", "", "", ".", ".", "?", "!", " please", ", please", " thanks", ", thank you"]
ADJECTIVE = ("y", "ful", "al", "ive", "ous", "ic", "less", "able", "ible", "ant", "ent", "ed", "er", "est", "ish")


def forms(words):
    """Which of the words is what, by the forms that are among the words too."""
    known = set(words)
    stems = lambda w: [w, w[:-1]] if w.endswith("e") else [w, w + w[-1]]
    verbs = {}
    for w in words:
        ing = next((s + "ing" for s in stems(w)[::-1] if s + "ing" in known), None)
        ed = next((s + "ed" for s in stems(w)[::-1] if s + "ed" in known), None)
        if ing and ed:
            verbs[w] = (ing, ed)
    nouns = {}
    for w in words:
        if len(w) < 3 or w.endswith(("ing", "ed", "ly")):
            continue
        plural = w + "s" if w + "s" in known else w[:-1] + "ies" if w.endswith("y") and w[:-1] + "ies" in known else w + "es" if w + "es" in known else None
        if plural:
            nouns[w] = plural
    inflected = set(nouns.values()) | {f for pair in verbs.values() for f in pair}
    adjectives = [w for w in words if len(w) > 3 and w.endswith(ADJECTIVE) and w not in inflected and w not in nouns and w not in verbs]
    return {w: nouns[w] for w in nouns if w not in inflected}, {w: verbs[w] for w in verbs if w not in inflected}, adjectives


def neighbours(vectors, at, among, count):
    """For each row of `at`, the places in `among` of the nearest vectors, nearest first."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    result = []
    for start in range(0, len(at), 512):
        near = unit[at[start : start + 512]] @ unit[among].T
        best = np.argpartition(-near, count, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(near, best, 1), axis=1, kind="stable")
        result.append(np.take_along_axis(best, order, 1))
    return np.concatenate(result)


def make(names, vectors, count, seed=16):
    draw = random.Random(seed).random
    pick = lambda some: some[int(draw() * len(some))]
    place = {w: i for i, w in enumerate(names)}
    words = [w for w in names if w.isascii() and w.isalpha() and w.islower() and len(w) > 1]
    nouns, verbs, adjectives = forms(words)
    kinds = [list(nouns), list(verbs), adjectives]
    # Words that are frequent come more often, and each one comes.
    common = lambda some: some[int(draw() ** 3 * len(some))]
    centred = vectors - vectors.mean(0)
    _, axes = np.linalg.eigh(np.cov(centred.T))
    small = (centred @ axes[:, ::-1][:, :96]).astype(np.float32)
    seeds = [w for kind in kinds for w in kind]
    ids = np.array([place[w] for w in seeds])
    near = [neighbours(small, ids, np.array([place[w] for w in kind]), 40) for kind in kinds]
    row = {}
    for i, w in enumerate(seeds):
        row.setdefault(w, i)

    def related(seed, kind, not_this=""):
        for _ in range(8):
            w = kinds[kind][near[kind][row[seed]][int(draw() ** 2 * 40)]] if draw() < 0.85 else common(kinds[kind])
            if w != not_this:
                return w
        return common(kinds[kind])

    def sentence(seed):
        n = seed if seed in nouns else related(seed, 0)
        v = seed if seed in verbs and draw() < 0.7 else related(seed, 1)
        a = seed if seed not in nouns and seed not in verbs else related(seed, 2)
        n2, v2, a2 = related(seed, 0, n), related(seed, 1, v), related(seed, 2, a)
        slots = dict(n=n, ns=nouns[n], n2=n2, ns2=nouns[n2], v=v, v2=v2, ving=verbs[v][0], ved=verbs[v][1], a=a, a2=a2, time=pick(TIMES), cv=pick(COMMON), p=pick(PARTICLES))
        return pick(FRAMES).format(**slots, num=int(2 + draw() ** 2 * 98))

    with open(Path(__file__).with_name("sentences.txt"), encoding="utf8") as file:
        sentences = [re.findall(r"\w+|\W+", line) for line in file.read().lower().strip().split("\n")]
    frequent = set(words[:150])
    own = sorted({w for parts in sentences for w in parts if w in place and w.isalpha() and w not in frequent and len(w) > 2})
    others = np.array([place[w] for w in words[150:]])
    like = dict(zip(own, neighbours(small, np.array([place[w] for w in own]), others, 16)))

    def variant():
        change = 0.15 + 0.45 * draw()
        return "".join(words[150 + like[w][int(draw() ** 1.5 * 16)]] if w in like and draw() < change else w for w in pick(sentences))

    texts = []
    for i in range(count):
        if draw() < 0.4:
            texts.append(variant() if draw() < 0.8 else variant() + " " + variant())
            continue
        # Every word is a seed once in a while, whatever its rank.
        seed = seeds[i % len(seeds)] if draw() < 0.3 else common(kinds[int(draw() * 3)])
        kind = draw()
        if kind < 0.5:
            text = (pick(OPENINGS) if draw() < 0.15 else "") + sentence(seed) + pick(ENDINGS)
        elif kind < 0.65:
            text = sentence(seed) + pick(JOINTS) + sentence(seed if draw() < 0.7 else common(kinds[0])) + pick(ENDINGS)
        elif kind < 0.9:
            text = " ".join([seed, *(related(seed, int(draw() * 3)) for _ in range(1 + int(draw() ** 2 * 4)))])
        else:
            text = " ".join(words[int(draw() ** 3 * len(words))] for _ in range(3 + int(draw() * 9)))
        texts.append(text)
    return texts


if __name__ == "__main__":
    tokens, out, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    held = np.load(tokens, allow_pickle=False)
    with open(out, "w", encoding="utf8") as file:
        file.write("\n".join(make([str(w) for w in held["names"]], held["vectors"], count)))
