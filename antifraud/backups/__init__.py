"""Copies of everything that is kept, and their way back: the database and the private files, sealed, and proven.

``database`` takes the database as it was at one moment and can say what was in it; ``archive`` packs that and the files
into one sealed file and unpacks it; ``keeping`` says which copies stay; ``verbs`` has what people and the night do.
"""
