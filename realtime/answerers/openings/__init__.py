"""How answers begin that stand ready before they are asked for."""
