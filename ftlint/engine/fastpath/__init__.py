"""What spares most lines most of the work, and changes no finding."""
