"""Every figure that the project claims, as a program behind `antiphon bench`."""
