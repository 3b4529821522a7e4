"""Rules about the job: its model, method, parameters and tokens."""
