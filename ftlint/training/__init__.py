"""From bytes that passed to a trained model: gate, upload, launch, watch, results."""
