"""Music as pieces: fetched, licensed, split, kept in a corpus, changed, and read as rows.
Never imports torch."""
