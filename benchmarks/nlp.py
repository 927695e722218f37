"""How good and how fast the text models are: ``python -m benchmarks.nlp [--labels FOLDER] [--answers FOLDER]``.

Topics are measured on a fifth of the labelled texts that the model did not see, drawn once at random and once with
near-duplicates kept on one side; for that the classifier is trained anew, which needs the extra `train`. Sentiment is
measured on our own sentences, and sentiment and events on texts of the shared data folder that we labelled by hand;
only digests of those are kept here.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.command import Command
from sagetrade_nautilus.config import EmbeddingsConfig, TextConfig, TransformersConfig
from sagetrade_nautilus.model.text.topics import TopicClassifier
from sagetrade_nautilus.nlp.embeddings import PACKAGE
from sagetrade_nautilus.nlp.models import create_model

HERE = Path(__file__).parent / "data"
SIGN = {"positive": 1, "negative": -1, "neutral": 0}
NEUTRAL = 0.05
BINS = 10
SINGLES = 300
TEMPERATURE = 1.24
SPLITS = {"random": "at random", "grouped": "without near-duplicates"}
Rows = list[tuple[str, int]]


def macro_f1(labels: np.ndarray, guesses: np.ndarray) -> float:
    scores = []
    for label in np.unique(labels):
        both = np.sum((labels == label) & (guesses == label))
        scores.append(2.0 * both / (np.sum(labels == label) + np.sum(guesses == label)))
    return float(np.mean(scores))


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy over ten bins, by their sizes."""
    if not len(confidence):
        return 0.0
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(right[bins == n].mean() - confidence[bins == n].mean()) * np.sum(bins == n) for n in np.unique(bins)]
    return float(sum(gaps) / len(confidence))


def speed(analyse: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> tuple[float, float]:
    """Return texts a processor second in one batch, and one by one."""
    analyse(texts[:2])
    began = time.process_time()
    analyse(texts)
    batch = len(texts) / max(time.process_time() - began, 1e-9)
    singles = texts[:SINGLES]
    began = time.process_time()
    for text in singles:
        analyse([text])
    return batch, len(singles) / max(time.process_time() - began, 1e-9)


def own_sentences() -> Rows:
    lines = (HERE / "financial_sentences.tsv").read_text(encoding="utf-8").splitlines()
    return [(text, SIGN[label]) for label, text in (line.split("\t") for line in lines)]


def labelled_texts(folder: Path, wanted: str) -> Rows:
    """Return the texts of the shared data that stand in our list of digests."""
    labels = {}
    for line in (HERE / "labelled_texts.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, label, digest = line.split("\t")
        if name == wanted:
            labels[digest] = SIGN[label]
    return [(text, labels[digest]) for digest, text in shared_texts(folder) if digest in labels]


def shared_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the different texts of the shared data, each after its digest."""
    texts: dict[str, None] = {}
    news = folder.parent / "news"
    for file, column in (
        (folder / "twitter_financial_news_topic_train.parquet", "text"),
        (news / "equity_headlines_with_duplicates_2022-07.parquet", "title"),
        (news / "crypto_headlines_2021-10_2022-07.parquet", "title"),
    ):
        if file.is_file():
            texts.update(
                dict.fromkeys(text or "" for text in pq.read_table(file, columns=[column])[column].to_pylist())
            )
    for text in texts:
        yield hashlib.blake2b(text.encode(), digest_size=8).hexdigest(), text


class Vader:
    """vaderSentiment as it comes, with the bounds that its authors give for its compound score."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()

    def analyse(self, items: Sequence[str]) -> list[tuple[float, float]]:
        return [(value, abs(value)) for value in (self._analyzer.polarity_scores(item)["compound"] for item in items)]


def sentiment_models(folder: Path | None) -> dict[str, Callable[[Sequence[str]], list[Any]]]:
    models = {"vader": Vader().analyse}
    for name in ("lexicon", "embedded"):
        models[name] = create_model(TextConfig(model=name)).analyse
    if folder:
        neural = TextConfig(model="transformers", transformers=TransformersConfig(model=str(folder)))
        models["transformers"] = create_model(neural).analyse
    return models


def show_sentiment(title: str, rows: Rows, models: dict[str, Callable[[Sequence[str]], list[Any]]]) -> None:
    texts, labels = [text for text, _ in rows], np.array([label for _, label in rows])
    print(f"\nsentiment, {title}: {len(rows)} texts, {np.bincount(labels + 1).tolist()} negative, neutral, positive")
    print(f"{'model':22s} accuracy macro-F1   ECE  texts/s  one by one")
    for name, analyse in models.items():
        scores = [
            score if isinstance(score, tuple) else (score.sentiment, score.confidence) for score in analyse(texts)
        ]
        value, confidence = np.array(scores).T
        guess = np.where(value > NEUTRAL, 1, np.where(value < -NEUTRAL, -1, 0))
        signed = guess != 0
        error = calibration_error(confidence[signed], (guess == labels)[signed])
        print_row(name, labels, guess, error, speed(analyse, texts))


def print_row(name: str, labels: np.ndarray, guess: np.ndarray, error: float, speeds: tuple[float, float]) -> None:
    figures = f"{np.mean(labels == guess):8.3f} {macro_f1(labels, guess):8.3f} {error:5.3f}"
    print(f"{name:22s} {figures} {speeds[0]:8,.0f} {speeds[1]:11,.0f}", flush=True)


def show_events(folder: Path) -> None:
    labels = dict(line.split("\t")[::-1] for line in (HERE / "labelled_events.tsv").read_text().splitlines()[1:])
    texts = {digest: text for digest, text in shared_texts(folder) if digest in labels}
    if not texts:
        return
    rows, names = list(texts.values()), np.array([labels[digest] for digest in texts])
    print(f"\nevents, our labels: {len(rows)} texts\n{'model':28s} accuracy macro-F1  texts/s")
    models: dict[str, Callable[[Sequence[str]], list[Any]]] = {
        name: create_model(TextConfig(model=name)).analyse for name in ("lexicon", "embedded")
    }
    if find_spec(PACKAGE):
        wanted = EmbeddingsConfig(events=True)
        for name in ("lexicon", "embedded"):
            models[f"{name}, prototypes"] = create_model(TextConfig(model=name, embeddings=wanted)).analyse
    for name, analyse in models.items():
        guess = np.array([score.event for score in analyse(rows)])
        figures = f"{np.mean(names == guess):8.3f} {macro_f1(names, guess):8.3f}"
        print(f"{name:28s} {figures} {speed(analyse, rows)[0]:8,.0f}", flush=True)


def show_topics(folder: Path, answers: Path | None) -> None:
    try:
        from scripts import train_text_models as training
    except ImportError as error:
        print(f"\ntopics are not measured: {error}; install the extra `train`")
        return
    texts, labels = training.read(folder)
    matrices, ids = training.material(texts, variants=answers is not None)
    for name, train, test in training.splits(texts, labels):
        held = [texts[at] for at in test]
        print(f"\ntopics, a fifth {SPLITS[name]}: {len(train)} texts to learn from, {len(test)} to be judged by")
        print(f"{'model':22s} accuracy macro-F1   ECE  texts/s  one by one")
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "topics.npz"
            training.write(path, matrices, ids, labels, train, TEMPERATURE, training.read_answers(answers, name))
            judge("embedded", TopicClassifier(path).probabilities, held, labels[test])
        judge(
            "TF-IDF, linear SVM", plain_svm([texts[at] for at in train], labels[train]), held, labels[test], sure=False
        )


def judge(
    name: str, answer: Callable[[Sequence[str]], np.ndarray], texts: list[str], labels: np.ndarray, *, sure: bool = True
) -> None:
    """Print a classifier's figures; one that is not `sure` gives margins, which are no probabilities."""
    shares = answer(texts)
    guess = shares.argmax(axis=1)
    error = calibration_error(shares.max(axis=1), guess == labels) if sure else float("nan")
    print_row(name, labels, guess, error, speed(answer, texts))


def plain_svm(texts: list[str], labels: np.ndarray) -> Callable[[Sequence[str]], np.ndarray]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(words, LinearSVC(random_state=0)).fit(texts, labels)
    return lambda some: np.asarray(model.decision_function(some))


def command() -> Command:
    parser = Command("nlp", __doc__, "some minutes, with labelled texts and the extra `train`")
    parser.add_argument("--labels", type=Path, default=Path("../shared/data/labels"), help="folder of labelled texts")
    parser.add_argument("--answers", type=Path, help="folder of scripts/teach_topics.py; else labels alone teach")
    parser.add_argument("--model", type=Path, help="folder of a neural sentiment model to measure too")
    return parser


def main() -> None:
    """Measure, and print a table for each set of texts."""
    arguments = command().parse_args()
    models = sentiment_models(arguments.model)
    show_sentiment("our own sentences", own_sentences(), models)
    if not arguments.labels.is_dir():
        print(
            f"\nno labelled texts at {arguments.labels}; give --labels to measure topics, and sentiment on real texts"
        )
        return
    for name in ("first", "second"):
        show_sentiment(f"real texts, {name} set", labelled_texts(arguments.labels, name), models)
    show_events(arguments.labels)
    show_topics(arguments.labels, arguments.answers)


if __name__ == "__main__":
    main()
