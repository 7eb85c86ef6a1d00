"""Networks that learn: torch modules and ONNX graphs, both built from the same tuples of layers.

`imagier.neurons` says what a network is; here it gets weights. `NETWORKS` names the families.
"""

from imagier.networks.building import Network, build
from imagier.networks.families import NETWORKS, resolve
from imagier.networks.onnx_graph import onnx_bytes

__all__ = ["NETWORKS", "Network", "build", "onnx_bytes", "resolve"]
