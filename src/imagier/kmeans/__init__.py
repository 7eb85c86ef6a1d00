"""K-means: how can points be sorted into groups when nobody has named them? (deck, ch. 6).

The idea: choose k centres, then repeat two steps. *Assign*: each point goes to its nearest centre;
the points of one centre make its cluster. *Move*: each centre goes to the mean of its cluster. When
the centres no longer move, it is over. What falls all along is the cost, called inertia: the sum
over all points of their weight times the squared distance to their centre; the distance sums over
the coordinates:

    ‖x - y‖² = Σⱼ (xⱼ - yⱼ)²,  j from 1 to n        inertia = Σᵢ wᵢ · min over c of ‖xᵢ - c‖²

The mean of three points, coordinate by coordinate (the deck's example, with numbers):

>>> import numpy as np
>>> clusters = kmeans(np.array([[1.0, 2.0], [3.0, 2.0], [2.0, 5.0]]), 1)
>>> clusters.centres.tolist(), clusters.inertia, clusters.sizes.tolist()
([[2.0, 3.0]], 8.0, [3.0])

Steps are values to look at. Four points, two of them as the first centres:

>>> points = np.array([[0.0, 0.0], [0.0, 1.0], [3.0, 0.0], [3.0, 1.0]])
>>> for step in steps(points, 2, start=points[:2]):
...     print(step.phase, step.centres.tolist(), step.labels.tolist(), step.inertia)
assign [[0.0, 0.0], [0.0, 1.0]] [0, 1, 0, 1] 18.0
move [[1.5, 0.0], [1.5, 1.0]] [0, 1, 0, 1] 9.0
assign [[1.5, 0.0], [1.5, 1.0]] [0, 1, 0, 1] 9.0

This is a *local* optimum: no step improves it, yet left against right costs 1. Where it ends
depends on where it starts, so k-means++ starts far apart, and restarts keep the best of several:

>>> best = kmeans(points, 2, restarts=3, seed=0)
>>> best.inertia, sorted(best.centres.tolist())
(1.0, [[0.0, 0.5], [3.0, 0.5]])
>>> new = np.array([[5.0, 9.0], [-1.0, 0.0]])
>>> bool((best.assign(new) == best.assign(points[[2, 0]])).all())
True

Weights multiply points: a colour that is seen 500 times is one point of weight 500. A weighted
distance, such as the deck's l·(x² + y²) + a·r² + b·g² + c·b², is the plain one once each column is
multiplied by the square root of its weight.

Points too many for one machine stay where they are: each process sorts its part, and
`kmeans(..., all_reduce=...)` is told how to add an array up over them (`lloyd.py`).

Source: S. Lloyd, "Least squares quantization in PCM", 1957, printed in IEEE Trans. Information
Theory 28 (1982). Used by `imagier.palette` and `imagier.segmentation`.
"""

from imagier.kmeans.clusters import Clusters, kmeans
from imagier.kmeans.drawing import draw_choice, draw_clusters, draw_steps, projection_of
from imagier.kmeans.initialisation import STARTS, Start, start_centres
from imagier.kmeans.iterations import KMeansStep, steps
from imagier.kmeans.scores import ClusterChoice, ClusterScore, choose_k

__all__ = [
    "STARTS",
    "ClusterChoice",
    "ClusterScore",
    "Clusters",
    "KMeansStep",
    "Start",
    "choose_k",
    "draw_choice",
    "draw_clusters",
    "draw_steps",
    "kmeans",
    "projection_of",
    "start_centres",
    "steps",
]
