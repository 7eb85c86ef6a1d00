"""Export: a model as one file for other programs, or as a page that predicts without any.

`export_onnx` makes one ONNX file, with floats or whole numbers of eight bits, whose loss of
accuracy is measured; `export_page` makes a folder whose page predicts in a browser, offline.
"""

from imagier.export.onnx_file import EightBitOptions, export_onnx
from imagier.export.options import check_options
from imagier.export.page_file import export_page
from imagier.export.results import AccuracyLoss, EightBits, ExportedOnnx, ExportedPage, Speed

__all__ = [
    "AccuracyLoss",
    "EightBitOptions",
    "EightBits",
    "ExportedOnnx",
    "ExportedPage",
    "Speed",
    "check_options",
    "export_onnx",
    "export_page",
]
