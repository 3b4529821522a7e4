"""From a name to lines of bytes: discovery, streams, ranges."""
