"""Faces in pictures: found, counted, made unrecognisable in a copy; some are missed.

content  --find_faces-->  boxes  --blur_faces-->  Blurred: the copy's bytes, how many were found
"""

from imagier.faces.blurring import Blurred, blur_faces
from imagier.faces.detection import Face, FaceDetector

__all__ = ["Blurred", "Face", "FaceDetector", "blur_faces"]
