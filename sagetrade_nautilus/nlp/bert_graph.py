"""A BERT encoder as an ONNX graph, written from its weights alone, so that no deep learning framework is needed.

The architecture is that of Devlin et al. (2019) with post-layer normalisation and the exact GELU, as in Hugging Face's
`BertModel` and `BertForSequenceClassification`. Names of weights are theirs.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.errors import ConfigError

OPSET: Final = 20
INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
_HIDDEN_ACTIVATIONS: Final = ("gelu",)


def build_graph(config: Mapping[str, Any], weights: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the serialised ONNX model.

    Parameters
    ----------
    config : mapping
        The model's ``config.json``.
    weights : mapping of str to array
        The model's tensors, with or without the prefix ``bert.``. Where ``classifier.weight`` is among them, the output
        is `logits` of shape (batch, labels); else it is `last_hidden_state` of shape (batch, tokens, hidden).

    Raises
    ------
    ConfigError
        The model is no such BERT, or a weight is missing.
    """
    if config.get("model_type") != "bert" or config.get("hidden_act", "gelu") not in _HIDDEN_ACTIVATIONS:
        raise ConfigError(
            f"model of type {config.get('model_type')!r} with {config.get('hidden_act')!r}: only BERT with GELU can be "
            "turned into ONNX here; put a model.onnx beside config.json (`optimum-cli export onnx` makes one)"
        )
    return _Builder(config, {name.removeprefix("bert."): array for name, array in weights.items()}).build()


class _Builder:
    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, NDArray[Any]]) -> None:
        from onnx import helper, numpy_helper  # noqa: PLC0415 - an extra

        self._helper, self._to_tensor = helper, numpy_helper.from_array
        self._config, self._weights = config, weights
        self._heads = int(config["num_attention_heads"])
        self._hidden = int(config["hidden_size"])
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def build(self) -> bytes:
        hidden = self._embeddings()
        mask = self._mask()
        for layer in range(int(self._config["num_hidden_layers"])):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, mask)
        output, shape = "last_hidden_state", ["batch", "tokens", self._hidden]
        if "classifier.weight" in self._weights:
            first = self._op("Gather", hidden, self._whole("first", 0), axis=1)
            pooled = self._op("Tanh", self._linear("pooler.dense", first))
            hidden, output = self._linear("classifier", pooled), "logits"
            shape = ["batch", len(self._weights["classifier.bias"])]
        self._nodes.append(self._helper.make_node("Identity", [hidden], [output]))
        return self._model(output, shape)

    def _model(self, output: str, shape: list[Any]) -> bytes:
        from onnx import TensorProto, checker  # noqa: PLC0415 - an extra

        inputs = [self._helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS]
        outputs = [self._helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)]
        graph = self._helper.make_graph(self._nodes, "bert", inputs, outputs, list(self._constants.values()))
        model = self._helper.make_model(graph, opset_imports=[self._helper.make_opsetid("", OPSET)], ir_version=10)
        checker.check_model(model)
        serialised: bytes = model.SerializeToString()
        return serialised

    def _embeddings(self) -> str:
        words = self._op("Gather", self._weight("embeddings.word_embeddings.weight"), "input_ids")
        types = self._op("Gather", self._weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
        length = self._op("Gather", self._op("Shape", "input_ids"), self._whole("second", 1))
        positions = self._op("Range", self._whole("zero", 0), length, self._whole("one", 1))
        places = self._op("Gather", self._weight("embeddings.position_embeddings.weight"), positions)
        return self._norm("embeddings.LayerNorm", self._op("Add", self._op("Add", words, types), places))

    def _mask(self) -> str:
        """0 where there is a token, and a number that softmax makes 0 where there is none."""
        present = self._op("Cast", "attention_mask", to=1)
        absent = self._op("Sub", self._constant("present", np.float32(1.0)), present)
        scaled = self._op("Mul", absent, self._constant("minus", np.float32(-1e9)))
        return self._op("Unsqueeze", scaled, self._constant("axes", np.array([1, 2], np.int64)))

    def _layer(self, name: str, hidden: str, mask: str) -> str:
        attended = self._attention(f"{name}.attention.self", hidden, mask)
        dense = self._linear(f"{name}.attention.output.dense", attended)
        hidden = self._norm(f"{name}.attention.output.LayerNorm", self._op("Add", dense, hidden))
        inner = self._op("Gelu", self._linear(f"{name}.intermediate.dense", hidden))
        outer = self._linear(f"{name}.output.dense", inner)
        return self._norm(f"{name}.output.LayerNorm", self._op("Add", outer, hidden))

    def _attention(self, name: str, hidden: str, mask: str) -> str:
        query, key, value = (self._split(f"{name}.{part}", hidden) for part in ("query", "key", "value"))
        scores = self._op("MatMul", query, self._op("Transpose", key, perm=[0, 1, 3, 2]))
        root = self._constant("root", np.float32((self._hidden // self._heads) ** 0.5))
        shares = self._op("Softmax", self._op("Add", self._op("Div", scores, root), mask), axis=-1)
        mixed = self._op("Transpose", self._op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self._op("Reshape", mixed, self._constant("joined", np.array([0, 0, self._hidden], np.int64)))

    def _split(self, name: str, hidden: str) -> str:
        shape = np.array([0, 0, self._heads, self._hidden // self._heads], np.int64)
        parts = self._op("Reshape", self._linear(name, hidden), self._constant("split", shape))
        return self._op("Transpose", parts, perm=[0, 2, 1, 3])

    def _linear(self, name: str, value: str) -> str:
        product = self._op("MatMul", value, self._weight(f"{name}.weight", transposed=True))
        return self._op("Add", product, self._weight(f"{name}.bias"))

    def _norm(self, name: str, value: str) -> str:
        epsilon = float(self._config.get("layer_norm_eps", 1e-12))
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._op("LayerNormalization", value, scale, bias, axis=-1, epsilon=epsilon)

    def _op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"{kind}_{len(self._nodes)}"
        self._nodes.append(self._helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def _whole(self, name: str, value: int) -> str:
        return self._constant(name, np.int64(value))

    def _weight(self, name: str, *, transposed: bool = False) -> str:
        if name not in self._weights:
            raise ConfigError(f"the model's weights lack {name!r}")
        array = np.asarray(self._weights[name], np.float32)
        return self._constant(name, np.ascontiguousarray(array.T) if transposed else array)

    def _constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        if name not in self._constants:
            self._constants[name] = self._to_tensor(np.asarray(value), name)
        return name
