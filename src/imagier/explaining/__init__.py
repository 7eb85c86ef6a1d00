"""Explaining: how does a trained model come to its answer?

The kernels that a network learned are taken out of its model and carried out one layer at a time,
so that what each of them finds in a picture can be seen: `imagier convolve --model MODEL`.
"""

from imagier.explaining.trained_kernels import BatchScale, as_seen, first_steps

__all__ = ["BatchScale", "as_seen", "first_steps"]
