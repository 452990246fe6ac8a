"""Tools from an MCP server, Python functions or an OpenAPI file, cleaned of noise."""
