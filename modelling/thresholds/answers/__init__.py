"""What people's answers say of the rules' thresholds: a proposal, which a person puts in force.

Here belong what an answered warning tells of a threshold, and the file that a proposal is. How a
threshold is chosen is `scoring.evaluation.separation`; which warnings were answered,
`streams.tools.desk`. Nothing here changes what is in force.
"""

from modelling.thresholds.answers.changing import Change, ProposalFileError, changed
from modelling.thresholds.answers.proposing import LEAST, ThresholdProposal, needed, propose
from modelling.thresholds.answers.told import APART, TOO_EARLY

__all__ = [
    "APART",
    "LEAST",
    "TOO_EARLY",
    "Change",
    "ProposalFileError",
    "ThresholdProposal",
    "changed",
    "needed",
    "propose",
]
