"""Rules about rows for reinforcement fine-tuning, and about graders."""
