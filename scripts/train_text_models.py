"""Train the embedded topic classifier, and say how good it is on texts that it has not seen.

    python -m scripts.train_text_models --labels ../shared/data/labels --answers answers

Needs the extra `train` (scikit-learn). `--answers` is the folder that `teach_topics.py` wrote: what a large model says
of the same texts and of variants of them, for all texts and for two splits. Without it the labels alone teach. Rows
stay where they are; only weights are written. The same rows and answers give the same bytes.

Every figure is of a fifth of the texts that neither the classifier nor the teacher had seen, drawn once at random and
once with near-duplicates kept on one side; the temperature is fitted on the latter.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import scipy.sparse as sp
from scipy.optimize import minimize_scalar
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.svm import LinearSVC

from sagetrade_nautilus.model.text.hashing import CHUNK, hash_features
from sagetrade_nautilus.model.text.topics import BUCKET_SHIFT, FORMAT, TOPICS, WEIGHTS_FILE, TopicClassifier
from scripts.altered_texts import altered

ROWS = (1 << 16) - 1
NEAR_DUPLICATE = 0.8
FOLD = 2
CLASS_POWER = 0.6
LABEL_SHARE = 0.7
TEXT_WEIGHT = 8.0
RIDGE = 1e-6
EPOCHS, BATCHES, RATE = 25, 24, 0.05
MARGIN_SHARE = 2.0
"""What a unit of a support vector machine's margin counts, beside the logarithm of a probability."""
ANSWER_UNIT = 20.0
SQUARED_IDF_UNIT = 256.0


def read(folder):
    table = pq.read_table(folder / "twitter_financial_news_topic_train.parquet")
    return table["text"].to_pylist(), np.array(table["label"].to_pylist())


def groups_of(texts):
    """Return a number per text, equal where two texts are nearly the same (cosine of their words)."""
    words = r"(?u)\b[^\W\d_]{2,}\b"
    plain = TfidfVectorizer(token_pattern=words, stop_words=["https", "co"]).fit_transform(texts)
    pairs = [plain[i : i + 1000] @ plain.T > NEAR_DUPLICATE for i in range(0, plain.shape[0], 1000)]
    return connected_components(sp.vstack(pairs), directed=False)[1]


def counted(texts, ids=None):
    """Return what the texts have, words first, then pieces: 0/1, one column per feature id, and the columns' ids.

    The columns are those of `ids` where they are given, else all that there are.
    """
    sides = [[], []]
    for first in range(0, len(texts), CHUNK):
        for side, features in zip(sides, hash_features(texts[first : first + CHUNK]), strict=True):
            known = slice(None) if ids is None else ids[place(ids, features.ids)] == features.ids
            side.append((features.ids[known], features.texts[known] + first))
    sides = [[np.concatenate(part) for part in zip(*side, strict=True)] for side in sides]
    if ids is None:
        ids = np.unique(np.concatenate([side[0] for side in sides]))
    matrices = []
    for found, rows in sides:
        ones = np.ones(len(found), np.float32)
        matrix = sp.csr_matrix((ones, (rows, place(ids, found))), (len(texts), len(ids)))
        matrix.data[:] = 1.0  # the constructor has added up the repeats
        matrices.append(matrix)
    return matrices, ids


def material(texts, *, variants):
    """Return what the texts have, as `counted` does, with rows for their variants after theirs if wanted."""
    matrices, ids = counted(texts)
    if variants:
        parts = counted(altered(texts).texts, ids)[0]
        matrices = [sp.vstack(pair, format="csr") for pair in zip(matrices, parts, strict=True)]
    return matrices, ids


def place(ids, found):
    return np.searchsorted(ids, found).clip(max=len(ids) - 1)


def select(matrices, ids, train):
    """Return the columns to keep, the most frequent and one a bucket, and their squared idf in whole units."""
    frequency = sum(np.bincount(matrix[train].indices, minlength=len(ids)) for matrix in matrices)
    order = np.lexsort((ids, -frequency))
    order = order[frequency[order] >= 2]
    order = order[np.sort(np.unique(ids[order] >> BUCKET_SHIFT, return_index=True)[1])]
    columns = np.sort(order[:ROWS])
    idf = np.log((1 + len(train)) / (1 + frequency[columns])) + 1.0
    return columns, np.round(idf**2 * SQUARED_IDF_UNIT).astype(np.uint16)


def weighed(matrices, columns, squared_idf):
    """Return the features as the classifier sees them at run time."""
    result = 0
    for matrix in matrices:
        kept = matrix[:, columns]
        length = np.sqrt(np.maximum(kept @ squared_idf.astype(np.float64), 1.0))
        result = result + sp.diags(1.0 / length) @ kept @ sp.diags(np.sqrt(squared_idf.astype(np.float64)))
    return result.tocsr()


class Lessons(NamedTuple):
    """What there is to learn from: features, the wanted probabilities, and how much each counts."""

    matrix: sp.csr_matrix
    wanted: np.ndarray
    counts: np.ndarray


def splits(texts, labels):
    """Yield the two splits that everything is judged by: a name, the rows to learn from, the rows to be judged by."""
    for name, folds, groups in (
        ("random", StratifiedKFold(5, shuffle=True, random_state=0), None),
        ("grouped", StratifiedGroupKFold(5, shuffle=True, random_state=0), groups_of(texts)),
    ):
        yield name, *list(folds.split(texts, labels, groups))[FOLD]


def read_answers(folder, name):
    """Return the teacher's probabilities for the texts, which variants it answered, and its probabilities for them.

    ``None`` where there is no folder of answers.
    """
    if folder is None:
        return None
    with np.load(folder / f"{name}.npz") as file:
        return probabilities(file["texts"]), file["variants"], probabilities(file["answers"])


def probabilities(answers):
    shares = np.exp(-answers.astype(np.float64) / ANSWER_UNIT)
    return shares / shares.sum(axis=1, keepdims=True)


def lessons(matrix, labels, train, answers):
    """Return the lessons of the texts `train`, and of those variants that stand in `matrix` after all texts."""
    known = np.eye(len(TOPICS))[labels]
    if answers is None:
        wanted, counts, matrix = known[train], np.ones(len(train)), matrix[train]
    else:
        said, variants, answered = answers
        wanted = np.vstack((LABEL_SHARE * known[train] + (1.0 - LABEL_SHARE) * said[train], answered))
        counts = np.concatenate((np.full(len(train), TEXT_WEIGHT), np.ones(len(variants))))
        matrix = sp.vstack((matrix[train], matrix[len(labels) + variants]), format="csr")
    return Lessons(
        matrix.astype(np.float32), (wanted * rarity(labels[train])).astype(np.float32), counts.astype(np.float32)
    )


def rarity(labels):
    """Return how much each topic counts: the rarer, the more."""
    counts = np.bincount(labels, minlength=len(TOPICS))
    return (counts.mean() / np.maximum(counts, 1)) ** CLASS_POWER


def margins_of(matrix, labels):
    """Return weights and biases of one-against-rest support vector machines."""
    weights = dict(enumerate(rarity(labels)))
    machine = LinearSVC(C=1.0, class_weight=weights, random_state=0).fit(matrix, labels)
    return machine.coef_.T, machine.intercept_


def fit(taught):
    """Return weights and biases by multinomial logistic regression towards the wanted probabilities.

    Adam (Kingma & Ba 2015) over shuffled batches, its rate falling to nothing along half a cosine.
    """
    random = np.random.default_rng(0)
    batches = np.array_split(random.permutation(len(taught.counts)), BATCHES)
    parts = [(taught.matrix[rows], taught.matrix[rows].T.tocsr(), rows) for rows in batches]
    weights = np.zeros((taught.matrix.shape[1], len(TOPICS)), np.float32)
    bias = np.zeros(len(TOPICS), np.float32)
    moments = [(np.zeros_like(values), np.zeros_like(values)) for values in (weights, bias)]
    steps = EPOCHS * BATCHES
    for step in range(steps):
        matrix, transposed, rows = parts[int(random.integers(BATCHES))]
        wanted, counts = taught.wanted[rows], taught.counts[rows] / taught.counts[rows].mean()
        logits = matrix @ weights + bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares *= wanted.sum(axis=1, keepdims=True) / shares.sum(axis=1, keepdims=True)
        error = (shares - wanted) * (counts / len(rows))[:, None]
        slopes = transposed @ error + 2.0 * RIDGE * weights, error.sum(axis=0)
        rate = RATE * min(1.0, (step + 1) / 20) * 0.5 * (1.0 + np.cos(np.pi * step / steps))
        for values, moment, slope in zip((weights, bias), moments, slopes, strict=True):
            step_along(values, moment, slope, rate, step + 1)
    return weights, bias


def step_along(values, moments, slope, rate, count):
    """Move `values` and `moments` by Adam's step number `count`."""
    first, second = moments
    first += 0.1 * (slope - first)
    second += 0.01 * (slope * slope - second)
    values -= np.float32(rate / (1.0 - 0.9**count)) * first / (np.sqrt(second / (1.0 - 0.99**count)) + 1e-8)


def log_loss(margins, labels, temperature):
    logits = margins / temperature
    logits -= logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


def fitted_temperature(margins, labels):
    best = minimize_scalar(lambda t: log_loss(margins, labels, t), bounds=(0.05, 5.0), method="bounded").x
    return round(float(best), 4)


def report(name, margins, labels, temperature):
    guess = margins.argmax(axis=1)
    print(
        f"{name:34s} accuracy {np.mean(guess == labels):.4f}  macro-F1 {f1_score(labels, guess, average='macro'):.4f}  "
        f"log loss {log_loss(margins, labels, temperature):.4f}",
        flush=True,
    )


def whole(weights, squared_idf):
    """Return the weights of features as whole numbers of a byte, and what one unit is worth for each topic."""
    raw = weights * np.sqrt(squared_idf.astype(np.float64))[:, None]
    scale = np.abs(raw).max(axis=0) / 127.0
    return np.round(raw / scale).astype(np.int8), scale


def write(path, matrices, ids, labels, train, temperature, answers=None):
    """Train on the rows `train` and write the weights as `TopicClassifier` reads them.

    They are the sum of two linear classifiers, which err differently: one of the labels alone, one of the answers too.
    """
    columns, squared_idf = select(matrices, ids, train)
    matrix = weighed(matrices, columns, squared_idf)
    by_labels = margins_of(matrix[train], labels[train])
    by_answers = fit(lessons(matrix, labels, train, answers))
    weights, bias = (one + MARGIN_SHARE * other for one, other in zip(by_answers, by_labels, strict=True))
    units, scale = whole(weights, squared_idf)
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        ids=ids[columns],
        weights=np.ascontiguousarray(units),
        squared_idf=squared_idf,
        scale=scale,
        bias=bias.astype(np.float64),
        temperature=np.array(temperature),
    )
    print(f"{path.name}: {len(columns):,} features, {path.stat().st_size:,} bytes", flush=True)


def margins(path, texts):
    """Return the margins, before the temperature, of the classifier in the file `path`."""
    return np.log(np.maximum(TopicClassifier(path).probabilities(texts), 1e-300))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=Path("../shared/data/labels"), help="folder of labelled texts")
    parser.add_argument("--answers", type=Path, help="folder that teach_topics.py wrote")
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    arguments = parser.parse_args()
    for folder in (arguments.labels, arguments.answers):
        if folder is not None and not folder.is_dir():
            parser.error(f"{folder}: no such folder")
    texts, labels = read(arguments.labels)
    matrices, ids = material(texts, variants=arguments.answers is not None)
    temperature = 1.0
    for name, train, test in splits(texts, labels):
        answers = read_answers(arguments.answers, name)
        with TemporaryDirectory() as scratch:
            path = Path(scratch) / "topics.npz"
            write(path, matrices, ids, labels, train, 1.0, answers)
            found = margins(path, [texts[at] for at in test])
        temperature = fitted_temperature(found, labels[test])
        report(f"{name}, temperature {temperature}", found, labels[test], temperature)
    answers = read_answers(arguments.answers, "all")
    write(arguments.output, matrices, ids, labels, np.arange(len(labels)), temperature, answers)


if __name__ == "__main__":
    main()
