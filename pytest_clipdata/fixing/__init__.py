"""`clipdata fix`: what a machine can mend without doubt, as changes to rows that leave all others byte for byte."""
