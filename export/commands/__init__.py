"""What `antiphon export-onnx` does."""
