"""Let a large model learn the labelled topics, and write what it says of them, for the small one to learn from.

    python -m scripts.teach_topics --labels ../shared/data/labels --model all-mpnet-base-v2 --output answers

Needs the extras `torch` and `train`, the folder of a Hugging Face encoder, and a GPU: six minutes on an H100, days
without. A text is only ever answered by models that were not trained on it: the texts of a split are dealt into
parts, and each part, with the variants of its texts (`altered_texts`), is answered by a model that learned from the
others. The fifth by which a split is judged is answered by all of its models, none of which learned from it.

`all.npz`, `random.npz` and `grouped.npz` in the output folder hold, for `train_text_models.py`, 20 times the negative
logarithm of the probability of each topic in a byte: `texts`, one row a text, and `answers`, one row for each of
`variants`.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer, get_linear_schedule_with_warmup

from sagetrade_nautilus.model.text.topics import TOPICS
from scripts.altered_texts import altered, without_links
from scripts.train_text_models import ANSWER_UNIT, read, splits

TOKENS_MAX = 80
BATCH, EPOCHS, RATE, HEAD_RATE = 64, 4, 5e-5, 1e-3
SORTED = 20
"""Batches among which texts are sorted by length, so that little is padded."""


class Teacher(nn.Module):
    """An encoder, the mean of what it says of each token, and a topic from that."""

    def __init__(self, folder):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(self.encoder.config.hidden_size, len(TOPICS))

    def forward(self, tokens):
        states = self.encoder(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
        return self.head(self.drop((states * mask).sum(1) / mask.sum(1).clamp(min=1)))


class School:
    """Trains teachers and asks them.

    Parameters
    ----------
    folder : Path
        The encoder and its tokenizer.
    device : str
        'cuda' or 'cpu'.
    """

    def __init__(self, folder, device):
        self._folder = folder
        self._device = device
        self._tokenizer = AutoTokenizer.from_pretrained(folder)

    def train(self, texts, labels, seed):
        torch.manual_seed(seed)
        random = np.random.default_rng(seed)
        teacher = Teacher(self._folder).to(self._device).train()
        groups = [
            {"params": teacher.encoder.parameters(), "lr": RATE},
            {"params": teacher.head.parameters(), "lr": HEAD_RATE},
        ]
        optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        steps = EPOCHS * -(-len(texts) // BATCH)
        schedule = get_linear_schedule_with_warmup(optimizer, steps // 10, steps)
        lengths = np.array([len(text) for text in texts])
        for _ in range(EPOCHS):
            for rows in shuffled(lengths, random):
                logits = self._logits(teacher, [texts[row] for row in rows])
                loss = nn.functional.cross_entropy(logits, torch.from_numpy(labels[rows]).to(self._device))
                loss.backward()
                nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad(set_to_none=True)
        return teacher.eval()

    def ask(self, teacher, texts):
        """Return the probability of each topic for each text."""
        shares = np.zeros((len(texts), len(TOPICS)))
        order = np.argsort([len(text) for text in texts], kind="stable")
        with torch.inference_mode():
            for rows in np.array_split(order, max(1, -(-len(texts) // (8 * BATCH)))):
                logits = self._logits(teacher, [texts[row] for row in rows])
                shares[rows] = torch.softmax(logits, dim=1).cpu().numpy()
        return shares

    def _logits(self, teacher, texts):
        tokens = self._tokenizer(texts, padding=True, truncation=True, max_length=TOKENS_MAX, return_tensors="pt")
        with torch.autocast(self._device, torch.bfloat16, enabled=self._device == "cuda"):
            return teacher(tokens.to(self._device)).float()


def shuffled(lengths, random):
    """Return the rows in batches of about the same length each, in random order."""
    order = random.permutation(len(lengths))
    batches = []
    for first in range(0, len(order), SORTED * BATCH):
        rows = order[first : first + SORTED * BATCH]
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        batches.extend(rows[at : at + BATCH] for at in range(0, len(rows), BATCH))
    return [batches[at] for at in random.permutation(len(batches))]


def answers(school, texts, labels, variants, train, test, parts, rounds):
    """Return what is said of all texts and of the variants of the texts `train`, and which variants these are."""
    of_texts = np.zeros((len(texts), len(TOPICS)))
    of_variants = np.zeros((len(variants.texts), len(TOPICS)))
    unseen = ~np.isin(variants.with_, test)
    part_of = np.full(len(texts), -1)
    part_of[train] = np.random.default_rng(0).permutation(len(train)) % parts
    for seed in range(rounds * parts):
        part = seed % parts
        learned = train[part_of[train] != part]
        teacher = school.train([texts[row] for row in learned], labels[learned], seed)
        rows = np.flatnonzero(part_of == part)
        of_texts[rows] += school.ask(teacher, [texts[row] for row in rows]) / rounds
        of_texts[test] += school.ask(teacher, [texts[row] for row in test]) / (rounds * parts)
        those = np.flatnonzero(unseen & (part_of[variants.of] == part))
        of_variants[those] += school.ask(teacher, [variants.texts[row] for row in those]) / rounds
        right = np.mean(of_texts[rows].argmax(axis=1) == labels[rows])
        print(f"  part {part + 1} of {parts}, round {seed // parts + 1}: accuracy {right:.4f}", flush=True)
    return of_texts, of_variants, np.flatnonzero(unseen & (part_of[variants.of] >= 0))


def packed(shares):
    return np.clip(np.round(-ANSWER_UNIT * np.log(np.maximum(shares, 1e-9))), 0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=Path("../shared/data/labels"), help="folder of labelled texts")
    parser.add_argument("--model", type=Path, required=True, help="folder of the encoder and its tokenizer")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    for folder in (arguments.labels, arguments.model):
        if not folder.is_dir():
            parser.error(f"{folder}: no such folder")
    arguments.output.mkdir(parents=True, exist_ok=True)
    school = School(arguments.model, "cuda" if torch.cuda.is_available() else "cpu")
    raw, labels = read(arguments.labels)
    texts, variants = without_links(raw), altered(raw)
    work = [(*split, 3, 1) for split in splits(raw, labels)]
    work.append(("all", np.arange(len(texts)), np.array([], int), 5, 2))
    for name, train, test, parts, rounds in work:
        print(name, flush=True)
        of_texts, of_variants, those = answers(school, texts, labels, variants, train, test, parts, rounds)
        if len(test):
            print(f"  unseen texts: accuracy {np.mean(of_texts[test].argmax(axis=1) == labels[test]):.4f}", flush=True)
        path = arguments.output / f"{name}.npz"
        np.savez_compressed(path, texts=packed(of_texts), variants=those, answers=packed(of_variants[those]))


if __name__ == "__main__":
    main()
