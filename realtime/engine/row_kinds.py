"""The kinds of rows that the engine tells (`docs/protocol.md`), and the words in them that both processes must know."""

FOR_THE_TAKE = frozenset({"begin", "note", "pedal", "turn", "end"})  # never dropped
FOR_DISPLAY = frozenset({"quiet", "controls", "ports", "line"})  # the newest of each will do
PLAYER, MODEL = "player", "model"
