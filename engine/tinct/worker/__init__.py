"""The engine's process: JSON-RPC 2.0 lines on standard input and output, pixels in files."""
