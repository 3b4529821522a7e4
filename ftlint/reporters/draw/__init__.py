"""Tables, bars, lines and pages, as text and as SVG."""
