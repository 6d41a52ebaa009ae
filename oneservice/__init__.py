"""One visit, one form: composed government services (一件事) as dated data and durable cases."""
