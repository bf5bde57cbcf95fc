"""The screens: the desk, the pocket, the alert, the lists. One file each; ``common`` has what they share."""
