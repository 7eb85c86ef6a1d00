"""The part of the ONNX format that a picture classifier needs; all else is refused by name.

Field numbers are those of `onnx.proto`. What could reach outside the file (external data), hide a
second graph (control flow, functions, training) or escape the checks (sparse tensors, unknown
fields) has no place in the tables.
"""

from imagier.onnx_io.protobuf import Field, Fields

__all__ = [
    "ATTRIBUTE",
    "DIMENSION",
    "ENTRY",
    "FEATURES",
    "GRAPH",
    "INPUT",
    "IR_VERSION",
    "IR_VERSIONS",
    "MODEL",
    "NODE",
    "OPERATORS",
    "OPERATOR_SET",
    "OPERATOR_SETS",
    "OPSET",
    "OUTPUT",
    "SHAPE",
    "STRANGENESS",
    "TENSOR",
    "TENSOR_TYPE",
    "TYPE",
    "VALUE_INFO",
]

INPUT, OUTPUT, FEATURES = "pixels", "probabilities", "features"  # what our own graphs call them
STRANGENESS = "strangeness"  # a second output, (N, 1): above 1 a picture is of none of the classes
OPERATOR_SET, IR_VERSION = 18, 10  # the versions of ONNX that our own graphs are written in
OPERATOR_SETS, IR_VERSIONS = range(13, 24), range(7, 12)  # those that are read

OPERATORS = frozenset(
    {
        "Add",
        "AveragePool",
        "BatchNormalization",
        "Cast",
        "Clip",
        "Concat",
        "Constant",
        "Conv",
        "DequantizeLinear",
        "Div",
        "Dropout",
        "Flatten",
        "Gather",
        "Gemm",
        "GlobalAveragePool",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "LRN",
        "LeakyRelu",
        "Log",
        "MatMul",
        "MaxPool",
        "Mul",
        "Pad",
        "QuantizeLinear",
        "ReduceMean",
        "Relu",
        "Reshape",
        "Resize",
        "Sigmoid",
        "Slice",
        "Softmax",
        "Squeeze",
        "Sub",
        "Tanh",
        "Transpose",
        "Unsqueeze",
    }
)

MODEL: Fields = {
    1: Field("ir_version", "integer"),
    2: Field("producer_name", "content"),
    3: Field("producer_version", "content"),
    4: Field("domain", "content"),
    5: Field("model_version", "integer"),
    6: Field("doc_string", "content"),
    7: Field("graph", "content"),
    8: Field("opset_import", "content", repeated=True),
    14: Field("metadata_props", "content", repeated=True),
    20: Field("training_graph", "refused"),
    25: Field("functions", "refused"),
    26: Field("devices", "refused"),
}
OPSET: Fields = {1: Field("domain", "content"), 2: Field("version", "integer")}
ENTRY: Fields = {1: Field("key", "content"), 2: Field("value", "content")}
GRAPH: Fields = {
    1: Field("node", "content", repeated=True),
    2: Field("name", "content"),
    5: Field("initializer", "content", repeated=True),
    10: Field("doc_string", "content"),
    11: Field("input", "content", repeated=True),
    12: Field("output", "content", repeated=True),
    13: Field("value_info", "content", repeated=True),
    14: Field("quantization", "refused"),
    15: Field("sparse_tensor", "refused"),
    16: Field("metadata_props", "content", repeated=True),
}
NODE: Fields = {
    1: Field("input", "content", repeated=True),
    2: Field("output", "content", repeated=True),
    3: Field("name", "content"),
    4: Field("op_type", "content"),
    5: Field("attribute", "content", repeated=True),
    6: Field("doc_string", "content"),
    7: Field("domain", "content"),
    8: Field("functions", "refused"),
    9: Field("metadata_props", "content", repeated=True),
    10: Field("devices", "refused"),
}
ATTRIBUTE: Fields = {
    1: Field("name", "content"),
    2: Field("f", "float"),
    3: Field("i", "integer"),
    4: Field("s", "content"),
    5: Field("t", "content"),
    6: Field("subgraph", "refused"),
    7: Field("floats", "float", repeated=True),
    8: Field("ints", "integer", repeated=True),
    9: Field("attribute_kind", "refused"),
    10: Field("attribute_kind", "refused"),
    11: Field("subgraph", "refused"),
    13: Field("doc_string", "content"),
    14: Field("attribute_kind", "refused"),
    15: Field("attribute_kind", "refused"),
    20: Field("type", "integer"),
    21: Field("functions", "refused"),
    22: Field("sparse_tensor", "refused"),
    23: Field("sparse_tensor", "refused"),
}
TENSOR: Fields = {
    1: Field("dims", "integer", repeated=True),
    2: Field("data_type", "integer"),
    3: Field("segment", "refused"),
    4: Field("float_data", "float", repeated=True),
    5: Field("int32_data", "integer", repeated=True),
    6: Field("tensor_kind", "refused"),
    7: Field("int64_data", "integer", repeated=True),
    8: Field("name", "content"),
    9: Field("raw_data", "content"),
    10: Field("double_data", "double", repeated=True),
    11: Field("tensor_kind", "refused"),
    12: Field("doc_string", "content"),
    13: Field("external_data", "refused"),
    14: Field("data_location", "integer"),
    16: Field("metadata_props", "content", repeated=True),
}
VALUE_INFO: Fields = {
    1: Field("name", "content"),
    2: Field("type", "content"),
    3: Field("doc_string", "content"),
    4: Field("metadata_props", "content", repeated=True),
}
TYPE: Fields = {
    1: Field("tensor_type", "content"),
    4: Field("tensor_kind", "refused"),
    5: Field("tensor_kind", "refused"),
    6: Field("denotation", "content"),
    7: Field("tensor_kind", "refused"),
    8: Field("sparse_tensor", "refused"),
    9: Field("tensor_kind", "refused"),
}
TENSOR_TYPE: Fields = {1: Field("elem_type", "integer"), 2: Field("shape", "content")}
SHAPE: Fields = {1: Field("dim", "content", repeated=True)}
DIMENSION: Fields = {
    1: Field("dim_value", "integer"),
    2: Field("dim_param", "content"),
    3: Field("denotation", "content"),
}
