"""Parallel checks, by processes of this machine or of a Dask cluster."""
