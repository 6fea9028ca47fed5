"""Words of the pages about the API."""
