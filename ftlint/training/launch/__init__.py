"""From files that the service has to a job, and never to two."""
