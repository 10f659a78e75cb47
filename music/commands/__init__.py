"""What `antiphon encode` and `antiphon decode` do, and the options by which every command says where things lie."""
