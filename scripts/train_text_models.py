"""Train the embedded topic classifier, and say how good it is on texts that it has not seen.

    python scripts/train_text_models.py --labels ../shared/data/labels

Needs the extra `train` (scikit-learn). Rows stay where they are; only weights are written. The same rows give the same
bytes. Every figure is from five-fold cross-validation, once with folds drawn at random and once with near-duplicates
kept in one fold; the temperature is fitted on the latter.
"""

import argparse
from pathlib import Path

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
from sagetrade_nautilus.model.text.topics import BUCKET_SHIFT, FORMAT, TOPICS, WEIGHTS_FILE

ROWS = (1 << 16) - 1
NEAR_DUPLICATE = 0.8
C = 1.0
CLASS_POWER = 0.6
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


def counted(texts):
    """Return what the texts have, words first, then pieces: 0/1, one column per feature id, and the columns' ids."""
    found = [[], []]
    for first in range(0, len(texts), CHUNK):
        for kind, features in enumerate(hash_features(texts[first : first + CHUNK])):
            found[kind].append((features.ids, features.texts + first))
    sides = [[np.concatenate(side) for side in zip(*parts, strict=True)] for parts in found]
    ids, columns = np.unique(np.concatenate([side[0] for side in sides]), return_inverse=True)
    matrices = []
    for part, (_, rows) in zip(np.split(columns, [len(sides[0][0])]), sides, strict=True):
        matrix = sp.csr_matrix((np.ones(len(part)), (rows, part)), (len(texts), len(ids)))
        matrix.data[:] = 1.0  # the constructor has added up the repeats
        matrices.append(matrix)
    return matrices, ids


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


def fit(matrix, labels):
    counts = np.bincount(labels, minlength=len(TOPICS))
    weights = {topic: (counts.mean() / count) ** CLASS_POWER for topic, count in enumerate(counts) if count}
    return LinearSVC(C=C, class_weight=weights, random_state=0).fit(matrix, labels)


def held_out(matrices, ids, labels, folds):
    """Return the margins of each text by a model that was not trained on its fold."""
    margins = np.zeros((len(labels), len(TOPICS)))
    for train, test in folds:
        columns, squared_idf = select(matrices, ids, train)
        matrix = weighed(matrices, columns, squared_idf)
        margins[test] = fit(matrix[train], labels[train]).decision_function(matrix[test])
    return margins


def log_loss(margins, labels, temperature):
    logits = margins / temperature
    logits -= logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


def report(name, margins, labels, temperature):
    guess = margins.argmax(axis=1)
    print(
        f"{name:34s} accuracy {np.mean(guess == labels):.4f}  macro-F1 {f1_score(labels, guess, average='macro'):.4f}  "
        f"log loss {log_loss(margins, labels, temperature):.4f}",
        flush=True,
    )


def write(path, matrices, ids, labels, train, temperature):
    """Train on the rows `train` and write the weights as `TopicClassifier` reads them."""
    columns, squared_idf = select(matrices, ids, train)
    model = fit(weighed(matrices, columns, squared_idf)[train], labels[train])
    weights = model.coef_ * np.sqrt(squared_idf.astype(np.float64))
    scale = np.abs(weights).max(axis=1) / 127.0
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        ids=ids[columns],
        weights=np.ascontiguousarray(np.round(weights / scale[:, None]).astype(np.int8).T),
        squared_idf=squared_idf,
        scale=scale,
        bias=model.intercept_,
        temperature=np.array(temperature),
    )
    print(f"{path.name}: {len(columns):,} features, {path.stat().st_size:,} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=Path("../shared/data/labels"))
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    arguments = parser.parse_args()
    if not arguments.labels.is_dir():
        parser.error(f"--labels {arguments.labels}: no such folder")
    texts, labels = read(arguments.labels)
    groups = groups_of(texts)
    print(f"{len(texts):,} texts, {groups.max() + 1:,} groups of near-duplicates")
    matrices, ids = counted(texts)
    grouped = held_out(
        matrices, ids, labels, StratifiedGroupKFold(5, shuffle=True, random_state=0).split(texts, labels, groups)
    )
    temperature = minimize_scalar(lambda t: log_loss(grouped, labels, t), bounds=(0.05, 5.0), method="bounded").x
    temperature = round(float(temperature), 4)
    report("near-duplicates kept together", grouped, labels, temperature)
    mixed = held_out(matrices, ids, labels, StratifiedKFold(5, shuffle=True, random_state=0).split(texts, labels))
    report("folds at random", mixed, labels, temperature)
    write(arguments.output, matrices, ids, labels, np.arange(len(labels)), temperature)


if __name__ == "__main__":
    main()
