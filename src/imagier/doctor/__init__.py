"""Is imagier well installed here, and if not, what should be typed?

The examination reads what the system says about itself and imports nothing heavy: it must still
speak when half of the installation is missing.

>>> from imagier.doctor import examine
>>> [finding.name for finding in examine().findings][:3]
['imagier', 'python', 'system']
"""

from imagier.doctor.examination import Examination, Finding, examine
from imagier.doctor.parts import Part, Requirement, list_parts

__all__ = [
    "Examination",
    "Finding",
    "Part",
    "Requirement",
    "examine",
    "list_parts",
]
