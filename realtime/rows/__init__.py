"""What the two processes say to each other, as values and as lines.

Rows from the engine, wishes from the page.
"""
