"""The kinds of acts: one small file each, or one for a few that go together."""
