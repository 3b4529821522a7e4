"""Files in Azure Blob Storage, for services that import them from there."""
