"""Words of what all faces share."""
