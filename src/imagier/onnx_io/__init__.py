"""ONNX files: read without trusting a byte of them, and written from tuples of layers.

`graph` reads a recogniser, `checks` what any graph must be, `pickle_guard` names the formats that
are never opened; `graph_writer`, which alone needs the package `onnx`, writes one.
"""

from imagier.onnx_io.checks import OnnxChecks
from imagier.onnx_io.fields import OPERATORS
from imagier.onnx_io.graph import Graph, embed_card, read_graph
from imagier.onnx_io.pickle_guard import check_no_pickle

__all__ = ["OPERATORS", "Graph", "OnnxChecks", "check_no_pickle", "embed_card", "read_graph"]
