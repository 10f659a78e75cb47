"""What a run is to be: recipes, the choices that they have,
experiments made of them, and those that come with Antiphon."""
