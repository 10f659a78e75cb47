"""What a model plays when it is called: the calls, its answers, and how well they keep to each other.

Takes any `Answerer`.
"""
