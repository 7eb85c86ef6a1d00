"""Networks of neurons as plain descriptions."""
