"""What is sent to somebody else: chosen models in one file of HTML, charts and sound inside, that asks nobody
for anything."""
