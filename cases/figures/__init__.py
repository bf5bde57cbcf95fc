"""Numbers about cases with a definition and a unit, and the evidence of a look-back."""
