"""Whether an answer belongs to its call: beside how the piece really goes on, strangers, and the rule."""
