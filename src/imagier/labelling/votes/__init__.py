"""Votes: several annotators named the same pictures, and do not agree. What is the label?

`settle_table` reads a table of votes and answers: which labels are settled, how well annotators
agree, who errs on what. The parts are of use alone: `dawid_skene`, `agreement`, `settle_votes`; and
`sweep_robots` shows why a few items with a known label are needed where robots vote too.
"""

from imagier.labelling.votes.agreement import Agreement, agreement
from imagier.labelling.votes.annotators import AnnotatorReport, annotator_reports
from imagier.labelling.votes.dawid_skene import DawidSkene, dawid_skene
from imagier.labelling.votes.results import VoteResult, settle_table
from imagier.labelling.votes.robot_sweep import RobotSweep, sweep_robots
from imagier.labelling.votes.settlement import Settlement, VoteOptions, settle_votes
from imagier.labelling.votes.simulation import Crowd, SimulatedVotes, simulate_votes
from imagier.labelling.votes.truth import TruthComparison, compare_with_truth
from imagier.labelling.votes.vote_files import KnownLabels, VoteTable, read_known, read_votes
from imagier.labelling.votes.vote_table import VoteFaults, Votes, make_votes

__all__ = [
    "Agreement",
    "AnnotatorReport",
    "Crowd",
    "DawidSkene",
    "KnownLabels",
    "RobotSweep",
    "Settlement",
    "SimulatedVotes",
    "TruthComparison",
    "VoteFaults",
    "VoteOptions",
    "VoteResult",
    "VoteTable",
    "Votes",
    "agreement",
    "annotator_reports",
    "compare_with_truth",
    "dawid_skene",
    "make_votes",
    "read_known",
    "read_votes",
    "settle_table",
    "settle_votes",
    "simulate_votes",
    "sweep_robots",
]
