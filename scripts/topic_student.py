"""Fit the embedded topic network to labels and to what a teacher says of the same texts and of variants of them."""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize_scalar

from sagetrade_nautilus.model.text.hashing import CHUNK, ID_BITS, hash_features
from sagetrade_nautilus.model.text.topics import BUCKET_SHIFT, FORMAT, TOPICS, UNITS

ROWS = (1 << 16) - 1
LEAST_COUNT = 4
COUNTED_VARIANTS = 80_000
SQUARED_IDF_UNIT = 256.0
HIDDEN = 48
STEPS = 600
OWN, VARIED = 512, 1_536
"""Texts of a step: labelled ones, and variants."""
OWN_SHARE = 0.4
"""Of the loss."""
LABEL_SHARE = 0.5
"""Of a labelled text's target; the rest is what a teacher said who had not seen it."""
RATE, DECAY, WARM_UP = 3e-3, 1e-2, 50
DROPPED, DROPPED_HIDDEN = 0.1, 0.3
GAIN = 3.0
PRIOR_POWER = 0.4
"""Margins lose this times the log of a topic's share, so that rare topics are found too: macro-F1 asks for them."""
T = len(TOPICS)


class Table:
    """Which features are known, and their squared idf in whole units."""

    def __init__(self, texts):
        found = [features.ids for _, side in _hashed(texts) for kind in side for features in kind]
        ids, counts = np.unique(np.concatenate(found), return_counts=True)
        ids, counts = ids[counts >= LEAST_COUNT], counts[counts >= LEAST_COUNT]
        order = np.lexsort((ids, -counts))
        order = order[np.sort(np.unique(ids[order] >> BUCKET_SHIFT, return_index=True)[1])]
        kept = np.sort(order[:ROWS])
        self.ids = ids[kept]
        idf = np.maximum(np.log((1 + len(texts)) / (1 + counts[kept])), 0.0) + 1.0
        self.squared_idf = np.round(idf**2 * SQUARED_IDF_UNIT).astype(np.uint16)
        self._rows = np.zeros(1 << (ID_BITS - BUCKET_SHIFT), np.int32)
        self._rows[self.ids >> np.uint32(BUCKET_SHIFT)] = np.arange(len(self.ids))

    def matrix(self, texts):
        """Return the features as the classifier sees them at run time, one row a text."""
        squared = self.squared_idf.astype(np.float64)
        parts = []
        for first, sides in _hashed(texts):
            for side in sides:
                ids = np.concatenate([features.ids for features in side])
                at = np.concatenate([features.texts for features in side])
                rows = self._rows[ids >> np.uint32(BUCKET_SHIFT)]
                known = self.ids[rows] == ids
                rows, at = rows[known], at[known]
                length = np.sqrt(1.0 + np.bincount(at, squared[rows], CHUNK))
                parts.append((rows, (at + first).astype(np.int32), (np.sqrt(squared[rows]) / length[at]).astype("f4")))
        columns, rows, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        return sp.csr_matrix((values, (rows, columns)), (len(texts), len(self.ids)))


def _hashed(texts):
    for first in range(0, len(texts), CHUNK):
        yield first, hash_features(texts[first : first + CHUNK])


class Network:
    """The weights while they are being fitted: a column a topic, then one a hidden unit."""

    def __init__(self, rows, prior, random):
        self.weights = np.zeros((rows, T + HIDDEN), np.float32)
        self.weights[:, T:] = random.standard_normal((rows, HIDDEN), np.float32) * 0.1
        self.bias = np.concatenate((np.log(prior), np.zeros(HIDDEN))).astype(np.float32)
        self.hidden = random.standard_normal((HIDDEN, T), np.float32) * 0.1
        self._moments = [[np.zeros_like(array) for _ in range(2)] for array in self._arrays]

    @property
    def _arrays(self):
        return self.weights, self.bias, self.hidden

    def learn(self, batch, targets, shares, random, rate, step):
        """Take one step of Adam (Kingma & Ba 2015) down the cross entropy, weighed by `shares`."""
        batch.data *= _kept(batch.data.shape, DROPPED, random)
        columns = (batch @ self.weights) * GAIN + self.bias
        inputs, kept = columns[:, T:], _kept((len(columns), HIDDEN), DROPPED_HIDDEN, random)
        active = np.maximum(inputs, 0.0) * kept
        errors = (softmax(columns[:, :T] + active @ self.hidden) - targets) * shares[:, None]
        into = (errors @ self.hidden.T) * kept * (inputs > 0.0)
        slope = np.concatenate((errors, into), axis=1)
        self._descend(((batch.T @ slope) * GAIN, slope.sum(axis=0), active.T @ errors), rate, step)

    def _descend(self, slopes, rate, step):
        for array, (mean, square), slope in zip(self._arrays, self._moments, slopes, strict=True):
            mean[:] = 0.9 * mean + 0.1 * slope
            square[:] = 0.999 * square + 0.001 * slope**2
            move = (rate / (1.0 - 0.9**step)) * mean / (np.sqrt(square / (1.0 - 0.999**step)) + 1e-8)
            kept = 1.0 if array is self.bias else 1.0 - rate * DECAY
            array[:] = (array - move) * kept


def softmax(margins):
    shares = np.exp(margins - margins.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def _kept(shape, dropped, random):
    return (random.random(shape, np.float32) >= dropped) * np.float32(1.0 / (1.0 - dropped))


def fit(own, own_targets, varied, varied_targets, prior):
    """Fit a network; the same input gives the same bytes on the same kind of processor."""
    random = np.random.default_rng(0)
    network = Network(own.shape[1], prior, random)
    shares = np.repeat((OWN_SHARE / OWN, (1.0 - OWN_SHARE) / VARIED), (OWN, VARIED)).astype(np.float32)
    for step in range(1, STEPS + 1):
        first, second = random.integers(own.shape[0], size=OWN), random.integers(varied.shape[0], size=VARIED)
        batch = sp.vstack((own[first], varied[second]), format="csr")
        targets = np.concatenate((own_targets[first], varied_targets[second]))
        rate = RATE * min(1.0, step / WARM_UP) * (1.0 - (step - 1) / STEPS)
        network.learn(batch, targets, shares, random, rate, step)
    return network


def save(path, table, network, prior, temperature):
    """Write the weights as `TopicClassifier` reads them, rounded to whole numbers of a byte."""
    scale = np.abs(network.weights).max(axis=0) / 127.0
    hidden_scale = np.abs(network.hidden).max(axis=0) / 127.0
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        ids=table.ids,
        weights=np.round(network.weights / scale).astype(np.int8),
        squared_idf=table.squared_idf,
        scale=scale.astype(np.float64) * GAIN,
        bias=network.bias.astype(np.float64) - PRIOR_POWER * np.concatenate((np.log(prior), np.zeros(HIDDEN))),
        hidden=np.round(network.hidden / hidden_scale).astype(np.int8),
        hidden_scale=hidden_scale.astype(np.float64) / UNITS,
        temperature=np.array(temperature),
    )


def log_loss(margins, labels, temperature):
    shares = softmax(margins / temperature)
    return float(-np.mean(np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12))))


def best_temperature(margins, labels):
    found = minimize_scalar(lambda value: log_loss(margins, labels, value), bounds=(0.05, 5.0), method="bounded")
    return round(float(found.x), 4)
