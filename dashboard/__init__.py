"""The Streamlit pages on which runs and models are judged."""
