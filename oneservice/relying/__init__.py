"""Verification at work: the audit of a case, many files on many cores, an endpoint for reliers."""
