"""Helpers of the tests: servers, data, and judges of what comes out."""
