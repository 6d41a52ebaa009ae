"""The way to the departments: wire codec, client, and the SDK of adapters."""
