"""How a model plays by itself for minutes, beside how people play: loops, silences, density and loudness."""
