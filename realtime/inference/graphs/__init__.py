"""ONNX files written by hand, since `onnx` is not there to play."""
