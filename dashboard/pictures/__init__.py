"""Pictures of what experiments came to, as SVG text: one file a picture, data in and figure out.

They stand in docs as they are, and the dashboard shows them as they are; nothing need be installed for them.
"""
