"""Targets: the files of text models, what a lease and a node's health are answered with, and lines of a log."""

import io
from pathlib import Path
from unittest.mock import patch

import httpx
import msgspec
import numpy as np
from rich.console import Console

from sagetrade_nautilus.cli.doctor import show
from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.topics import TOPICS, TopicClassifier
from sagetrade_nautilus.nlp.model_files import read_json
from sagetrade_nautilus.nlp.runtime import open_session
from sagetrade_nautilus.nlp.transformers import labels_of
from sagetrade_nautilus.ops import doctor
from sagetrade_nautilus.ops.ecs import whole
from sagetrade_nautilus.ops.lease import Holder, LeaseClient
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.ops.sink import Stream
from sagetrade_nautilus.secrets import Secret
from tests.fuzz.guards import DEEP
from tests.fuzz.target import Target, folder, put, refused, untouched
from tests.support.checkout import ROOT

KEY = b"cAnArY0123456789"
MASKER = Masker([Secret(KEY.decode())])
SETTINGS = b'{"model_type":"bert","hidden_size":2,"num_hidden_layers":1,"num_attention_heads":1,"id2label":{"0":"up"}}'
HEADER = b'{"embeddings.word_embeddings.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}'
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + bytes(16)
LEASE = b'{"spec":{"holderIdentity":"other","leaseTransitions":1}}'
HEALTH = b'{"ok":false,"checks":[{"name":"lag","ok":false,"says":"late"}]}'
ODD_LEASES = (b"[]", b'{"spec":[1]}', b'{"spec":{"leaseTransitions":"x"}}', b'{"spec":{"holderIdentity":["a"]}}')
LOG_LINES = (
    b'{"@timestamp":"2022-01-01","message":"m","labels":{"a":{"b":1}}}',
    b"2022-01-01T00:00:00.000000000Z [INFO] T-1.Node: up",
    b"\x1b[1mplain\x1b[0m " + KEY,
)


def topics(**changes: object) -> bytes:
    """Return a small file of topic weights, with some arrays changed."""
    count = len(TOPICS)
    arrays: dict[str, object] = {
        "format": 1,
        "ids": np.array([1, 2**20], np.uint32),
        "weights": np.ones((2, count), np.int8),
        "squared_idf": np.ones(2, np.uint16),
        "scale": np.ones(count),
        "bias": np.zeros(count),
        "temperature": 1.0,
    }
    out = io.BytesIO()
    np.savez(out, **{name: np.asarray(array) for name, array in {**arrays, **changes}.items() if array is not None})
    return out.getvalue()


ODD_TOPICS = (
    topics(ids=None),
    topics(ids=np.array([1.5])),
    topics(ids=np.array([2**32 - 1] * 9, np.uint32)),
    topics(weights=np.ones((1, 1), np.int8)),
    topics(temperature=0.0),
    topics(format=np.array([1, 2])),
    topics(bias=np.array(["x"])),
)


def topic_weights(raw: bytes) -> None:
    path = put(folder("topics") / "topics.npz", raw)
    with untouched(path.parent), refused(ConfigError, naming="topics.npz"):
        rows = TopicClassifier(path).probabilities(["Bitcoin rises", ""])
        assert np.allclose(rows.sum(axis=1), 1.0)


def model_settings(raw: bytes) -> None:
    path = put(folder("model") / "config.json", raw)
    with untouched(path.parent), refused(ConfigError, naming="config.json"):
        assert all(isinstance(label, str) for label in labels_of(read_json(path.parent, "config.json"), path.parent))


def weights(raw: bytes) -> None:
    """A model's settings and its weights: one of both is as it should be."""
    place = folder("weights")
    for settings, tensors in ((SETTINGS, raw), (raw, WEIGHTS)):
        put(place / "config.json", settings)
        put(place / "model.safetensors", tensors)
        with untouched(place), refused(ConfigError, naming="weights"):
            open_session(place)


def lease(raw: bytes) -> None:
    """An answer of the API server lets a lease be taken or not; it never ends the process that holds one."""
    place: Path = put(folder("lease") / "token", b"t").parent
    client = LeaseClient("http://example.org", "n", "l", 1.0, place)
    client._http.close()
    client._http = httpx.Client(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, content=raw)), base_url="http://example.org"
    )
    told: list[str] = []
    holder = Holder(client, "me", 15.0, told.append)
    assert holder._claim() in (True, False)
    holder._give_back()
    client._http.close()


def health(raw: bytes) -> None:
    """Whatever answers at a node's address, the doctor says how it stands, in lines that are text."""
    with patch.object(doctor.httpx, "get", lambda url, **options: httpx.Response(200, content=raw)):
        found = list(doctor._served(load(ROOT / "configs/demo.toml"), Path("paper")))
    out = io.StringIO()
    for finding in found:
        show(Console(file=out), finding)
    assert out.getvalue().count("\n") >= len(found)
    assert all(letter.isprintable() or letter == "\n" for letter in out.getvalue())


def log_line(raw: bytes) -> None:
    """Whatever a process writes becomes documents of one line of JSON each, without the keys in it."""
    stream = Stream("info", joins=True)
    for made in (*stream.feed(raw), *stream.flush(ended=True)):
        line = whole(MASKER.mask_all(made), {})
        assert msgspec.json.decode(line)["ecs.version"]
        assert b"\n" not in line
        assert KEY not in line


TARGETS = {
    "topic-weights": Target((topics(), *ODD_TOPICS, b"PK"), topic_weights, slow=True),
    "model-settings": Target((SETTINGS, b"[]", DEEP, b'{"id2label":{"0":1,"1":"x"}}'), model_settings),
    "model-weights": Target((WEIGHTS, SETTINGS, b"\xff" * 9, DEEP), weights, slow=True),
    "log-line": Target(
        (*LOG_LINES, b'{"a":' * 1_500, b'{"@timestamp":"x","a":' + b"[" * 1_500 + b"]" * 1_500 + b"}"), log_line
    ),
    "health": Target((HEALTH, HEALTH.replace(b"lag", b"[/]\\u001b[2J"), DEEP, b"<html>"), health, slow=True),
    "lease": Target((LEASE, *ODD_LEASES, DEEP), lease, slow=True),
}
