"""Who answers calls when belonging is judged: by their names in a report, in words, and as rivals.

Must not know what they play.
"""

VOICES = {
    "model": "the model",
    "rule": "the answer by rule",
    "true": "the true continuation",
    "another_passage": "another passage of it",
    "stranger": "a stranger's piece",
    "tuned_stranger": "a tuned stranger's",
    "echo": "an echo",
}

# Those whom every voice is compared with.
RIVALS = {
    "stranger": "a stranger's",
    "tuned_stranger": "a tuned stranger's",
    "another_passage": "another passage",
    "rule": "the rule's",
}
