"""Explaining: how does a trained model come to its answer?

`explain_picture` asks a model for a picture's name and looks for the reasons: the places that the
answer hangs on, how it changes with their brightness, the first kernels, the sums of the neurons,
the nearest pictures that the model keeps (`imagier explain`). The kernels that a network learned
can also be carried out one layer at a time, so that what each of them finds can be seen:
`imagier convolve --model MODEL`.
"""

from imagier.explaining.gradient_map import GradientMap, gradient_map
from imagier.explaining.neuron_sums import TracedNeuron, neuron_sums
from imagier.explaining.occlusion import OcclusionMap, occlusion_map
from imagier.explaining.results import Explanation, KeptPicture, explain_picture
from imagier.explaining.trained_kernels import BatchScale, as_seen, first_steps, normalised

__all__ = [
    "BatchScale",
    "Explanation",
    "GradientMap",
    "KeptPicture",
    "OcclusionMap",
    "TracedNeuron",
    "as_seen",
    "explain_picture",
    "first_steps",
    "gradient_map",
    "neuron_sums",
    "normalised",
    "occlusion_map",
]
