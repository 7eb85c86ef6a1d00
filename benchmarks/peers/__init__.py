"""What imagier is measured against: scripts that stand alone and import nothing of imagier.

Each runs in an environment of its own, reads the same files, and prints one JSON object an epoch
(`contest.py`), so that whoever stops it in the middle still has its last epoch.
"""

__all__: list[str] = []
