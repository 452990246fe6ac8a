"""Files: YAML, strict JSON, lines that may be torn, files that appear only when whole."""
