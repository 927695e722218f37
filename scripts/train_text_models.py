"""Train the embedded topic classifier from labels and from what a teacher says of texts.

    python -m scripts.train_text_models --data ../shared/data --soft SOFT.npz

`SOFT.npz` is written by ``scripts/teach_topics.py``, which says what it needs. Needs the extra `train`. Rows stay where
they are; only weights are written. The same input gives the same bytes on the same kind of processor. Where the teacher
did not see some of the labelled texts, the classifier does not either: it is judged by them, and its temperature is
fitted to them.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sagetrade_nautilus.model.text.topics import TOPICS, WEIGHTS_FILE, TopicClassifier
from scripts import topic_student as student
from scripts.topic_variants import Variants, checksum, read_headlines

NEAR_DUPLICATE = 0.8
TEMPERATURE = 0.5672
"""Fitted on the split `development`."""
SOFT_UNIT = 255.0


def read(folder):
    table = pq.read_table(folder / "twitter_financial_news_topic_train.parquet")
    return table["text"].to_pylist(), np.array(table["label"].to_pylist())


def groups_of(texts):
    """Return a number per text, equal where two texts are nearly the same (cosine of their words)."""
    words = r"(?u)\b[^\W\d_]{2,}\b"
    plain = TfidfVectorizer(token_pattern=words, stop_words=["https", "co"]).fit_transform(texts)
    pairs = [plain[i : i + 1000] @ plain.T > NEAR_DUPLICATE for i in range(0, plain.shape[0], 1000)]
    return connected_components(sp.vstack(pairs), directed=False)[1]


def rows_of(split, texts, labels):
    """Return the rows that may be learned from: all, or all but a fifth."""
    if split == "all":
        return np.arange(len(texts))
    folds, groups = {
        "random": (StratifiedKFold(5, shuffle=True, random_state=1), None),
        "grouped": (StratifiedGroupKFold(5, shuffle=True, random_state=1), groups_of(texts)),
        "development": (StratifiedGroupKFold(5, shuffle=True, random_state=0), groups_of(texts)),
    }[split]
    return next(iter(folds.split(texts, labels, groups)))[0]


def shares_of(packed):
    """Return the teacher's probabilities, of which the file holds 255 times the square root, rounded."""
    shares = (packed.astype(np.float32) / SOFT_UNIT) ** 2 + 1e-6
    return shares / shares.sum(axis=1, keepdims=True)


def train(path, data, soft_file, temperature=TEMPERATURE):
    """Train on the rows that the teacher saw, write the weights to `path`, and return which rows those are."""
    texts, labels = read(data / "labels")
    with np.load(soft_file) as soft:
        rows, own_shares, varied_shares = soft["rows"], shares_of(soft["own"]), shares_of(soft["variants"])
        neighbours, expected = json.loads(soft["neighbours"].tobytes()), int(soft["checksum"])
    own = [texts[row] for row in rows]
    variants = Variants(own, read_headlines(data / "news"), neighbours).draw(len(varied_shares))
    if checksum(variants) != expected:
        raise SystemExit(f"{soft_file} was written for other texts; run scripts/teach_topics.py anew")
    table = student.Table(own + variants[: student.COUNTED_VARIANTS])
    prior = np.bincount(labels[rows], minlength=len(TOPICS)) / len(rows)
    target = student.LABEL_SHARE * np.eye(len(TOPICS), dtype=np.float32)[labels[rows]]
    target += (1.0 - student.LABEL_SHARE) * own_shares
    network = student.fit(table.matrix(own), target, table.matrix(variants), varied_shares, prior)
    student.save(path, table, network, prior, temperature)
    print(f"{path.name}: {len(rows):,} texts, {len(table.ids):,} features, {path.stat().st_size:,} bytes", flush=True)
    return rows


def report(name, margins, labels):
    guess = margins.argmax(axis=1)
    temperature = student.best_temperature(margins, labels)
    print(
        f"{name}: accuracy {np.mean(guess == labels):.4f}  macro-F1 {f1_score(labels, guess, average='macro'):.4f}  "
        f"temperature {temperature}  log loss {student.log_loss(margins, labels, temperature):.4f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--soft", type=Path, required=True, help="what the teacher says: teach_topics.py's file")
    parser.add_argument("--output", type=Path, default=WEIGHTS_FILE)
    arguments = parser.parse_args()
    rows = train(arguments.output, arguments.data, arguments.soft)
    texts, labels = read(arguments.data / "labels")
    rest = np.setdiff1d(np.arange(len(texts)), rows)
    if len(rest):
        margins = TopicClassifier(arguments.output).margins([texts[row] for row in rest])
        report(f"{len(rest):,} texts that neither has seen", margins, labels[rest])


if __name__ == "__main__":
    main()
