"""Faces in pictures: found, counted, made unrecognisable in a copy; some are missed.

content  --find_faces-->  boxes  --blur_faces-->  Blurred: the copy's bytes, how many were found
"""

from imagier.faces.detection import Face, FaceDetector
from imagier.faces.mosaic import Blurred, blur_faces

__all__ = ["Blurred", "Face", "FaceDetector", "blur_faces"]
