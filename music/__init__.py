"""What music is: notes, phrases, keys, beats, MIDI files, and the ways of writing music down."""
