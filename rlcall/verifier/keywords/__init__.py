"""JSON Schema's keywords: their forms, and their checks under a budget."""
