"""Damaged files by the thousand: every outcome is a sane result or a message of one line."""
