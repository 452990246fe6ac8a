"""Files as the project reads and writes them: YAML, strict JSON, lines, and files that appear only when whole."""
