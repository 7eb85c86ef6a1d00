"""Networks that learn: torch modules built from the tuples of layers of `imagier.neurons`.

`imagier.neurons` says what a network is; here it gets weights. `NETWORKS` names the families.
"""

from imagier.networks.families import NETWORKS, resolve
from imagier.networks.network import Network, Normalisation, build

__all__ = ["NETWORKS", "Network", "Normalisation", "build", "resolve"]
