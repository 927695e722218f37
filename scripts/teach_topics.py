"""Let a large model learn the topics, and write what it says of texts: what the embedded classifier is trained with.

    python -m scripts.teach_topics --teacher FOLDER --data ../shared/data --split all --output SOFT.npz

FOLDER holds an encoder such as all-mpnet-base-v2 (Apache-2.0): config.json, tokenizer.json and model.safetensors. Needs
the extras `torch` and `train`; a graphics card makes it minutes instead of a day. `--split` says which of the labelled
texts may be seen: all, or all but a fifth: `development`, on which settings are chosen, and `random` and `grouped`, by
which ``benchmarks/nlp.py`` judges. Nothing here sees the fifth that is left out.

What is written of a labelled text is said by one of four teachers who had seen neither it nor its near-duplicates; what
is written of their variants (`topic_variants`), by a fifth who had seen all of the texts. Seeds are set, but a card's
sums are not the same from run to run.
"""

import argparse
import json
import random
import re
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold
from transformers import AutoModel, AutoTokenizer

from sagetrade_nautilus.model.text.topics import TOPICS
from scripts.topic_variants import URL, Variants, checksum, read_headlines
from scripts.train_text_models import SOFT_UNIT, groups_of, read, rows_of

FOLDS = 4
VARIANTS = 300_000
TOKENS = 96
EPOCHS, BATCH, RATE, SMOOTHING = 4, 32, 5e-5, 0.05
CLASS_POWER = 0.3
"""How much more a rare topic's texts weigh for the teacher of the variants."""
NEAREST, LEAST_COSINE = 6, 0.3
T = len(TOPICS)


class Teacher(torch.nn.Module):
    """An encoder, the mean over its tokens, and one linear layer."""

    def __init__(self, folder):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, local_files_only=True)
        self.head = torch.nn.Sequential(torch.nn.Dropout(0.1), torch.nn.Linear(self.encoder.config.hidden_size, T))

    def forward(self, ids, mask):
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        return self.head((states * weights).sum(1) / weights.sum(1))


class School:
    """Trains teachers from one folder, and asks them."""

    def __init__(self, folder, device):
        self._folder, self._device = folder, torch.device(device)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)

    def tokens(self, texts):
        cut = [URL.sub(" ", text) for text in texts]
        return self._tokenizer(cut, truncation=True, max_length=TOKENS)["input_ids"]

    def neighbours(self, texts):
        """Return the words that stand nearest to each word of `texts` among the encoder's own."""
        vocabulary = self._tokenizer.get_vocab()
        names = sorted(word for word in vocabulary if re.fullmatch(r"[a-z]{3,}", word))
        table = Teacher(self._folder).encoder.get_input_embeddings().weight.detach().numpy()
        rows = table[[vocabulary[name] for name in names]]
        rows = rows - rows.mean(axis=0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        used = {word for text in texts for word in re.findall(r"[a-z]{3,}", text.lower())}
        found = {}
        for at, name in enumerate(names):
            if name in used:
                alike = rows @ rows[at]
                alike[at] = -1.0
                near = [place for place in np.argsort(-alike)[:NEAREST] if alike[place] > LEAST_COSINE]
                if near:
                    found[name] = [names[place] for place in near]
        return found

    def teach(self, tokens, rows, labels, seed, power=0.0):
        """Return a teacher that has learned `rows`."""
        torch.manual_seed(seed)
        teacher = Teacher(self._folder).to(self._device).train()
        counts = np.bincount(labels[rows], minlength=T)
        weight = torch.tensor((counts.mean() / np.maximum(counts, 1)) ** power, dtype=torch.float32).to(self._device)
        flat = [values for values in teacher.parameters() if values.ndim <= 1]
        deep = [values for values in teacher.parameters() if values.ndim > 1]
        groups = [{"params": deep, "weight_decay": 0.01}, {"params": flat, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=RATE)
        steps = EPOCHS * (len(rows) // BATCH)
        for step, batch in enumerate(self._batches(tokens, rows, seed)):
            rate = RATE * min(1.0, (step + 1) / (0.1 * steps)) * max(0.0, 1.0 - step / (1.05 * steps))
            for group in optimizer.param_groups:
                group["lr"] = rate
            with torch.autocast(self._device.type, torch.bfloat16):
                answer = teacher(*self._padded(tokens, batch))
            target = torch.from_numpy(labels[batch]).to(self._device)
            torch.nn.functional.cross_entropy(answer.float(), target, weight, label_smoothing=SMOOTHING).backward()
            torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return teacher.eval().to(torch.bfloat16)

    def ask(self, teacher, tokens):
        """Return the teacher's probabilities, one row a text."""
        shares = np.zeros((len(tokens), T), np.float32)
        order = np.argsort([len(ids) for ids in tokens], kind="stable")
        with torch.inference_mode():
            for first in range(0, len(order), 16 * BATCH):
                batch = order[first : first + 16 * BATCH]
                answer = teacher(*self._padded(tokens, batch)).float()
                shares[batch] = torch.softmax(answer, 1).cpu().numpy()
        return shares

    def _batches(self, tokens, rows, seed):
        """Yield batches of texts of about one length, in another order each epoch."""
        draw = np.random.default_rng(seed)
        for epoch in range(EPOCHS):
            order = draw.permutation(rows)
            batches = []
            for first in range(0, len(order), 20 * BATCH):
                part = sorted(order[first : first + 20 * BATCH], key=lambda row: len(tokens[row]))
                batches += [part[start : start + BATCH] for start in range(0, len(part), BATCH)]
            random.Random(10 * seed + epoch).shuffle(batches)  # noqa: S311 - not a secret
            yield from map(np.array, batches)

    def _padded(self, tokens, batch):
        width = max(len(tokens[row]) for row in batch)
        ids = np.full((len(batch), width), self._tokenizer.pad_token_id, np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(batch):
            ids[place, : len(tokens[row])] = tokens[row]
            mask[place, : len(tokens[row])] = 1
        return torch.from_numpy(ids).to(self._device), torch.from_numpy(mask).to(self._device)


def held_out(school, texts, labels, groups):
    """Return what is said of each text by a teacher that has not seen it."""
    tokens, shares = school.tokens(texts), np.zeros((len(texts), T), np.float32)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=2).split(texts, labels, groups)
    for number, (seen, unseen) in enumerate(folds):
        teacher = school.teach(tokens, seen, labels, 100 + number)
        shares[unseen] = school.ask(teacher, [tokens[row] for row in unseen])
        right = np.mean(shares[unseen].argmax(axis=1) == labels[unseen])
        print(f"teacher {number}: {right:.4f} of {len(unseen):,} texts that it had not seen", flush=True)
    return shares


def pack(shares):
    return np.round(np.sqrt(shares) * SOFT_UNIT).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--split", choices=("all", "development", "random", "grouped"), default="all")
    parser.add_argument("--variants", type=int, default=VARIANTS)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    texts, labels = read(given.data / "labels")
    groups, rows = groups_of(texts), rows_of(given.split, texts, labels)
    own, headlines = [texts[row] for row in rows], read_headlines(given.data / "news")
    school = School(given.teacher, given.device)
    neighbours = school.neighbours(texts + headlines)
    shares = held_out(school, own, labels[rows], groups[rows])
    variants = Variants(own, headlines, neighbours).draw(given.variants)
    teacher = school.teach(school.tokens(own), np.arange(len(own)), labels[rows], 500, CLASS_POWER)
    said = school.ask(teacher, school.tokens(variants))
    np.savez_compressed(
        given.output,
        rows=rows,
        own=pack(shares),
        variants=pack(said),
        checksum=np.array(checksum(variants)),
        neighbours=np.frombuffer(json.dumps(neighbours).encode(), np.uint8),
    )


if __name__ == "__main__":
    main()
