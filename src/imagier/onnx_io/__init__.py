"""ONNX files: read without trusting a byte of them, and written from tuples of layers.

`graph` reads a recogniser, `checks` what any graph must be; `graph_writer`, which alone needs the
package `onnx`, writes one.
"""
