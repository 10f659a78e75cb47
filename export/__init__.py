"""From a trained run to one ONNX file with its parity proved."""
