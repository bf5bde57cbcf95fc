"""Handing a kept picture to who may see it."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def show_picture(file: FieldFile, *, name: str) -> FileResponse:
    """Hand a kept photo out as the picture it is and as nothing else. A lost one is a 404, as is none."""
    if not file:
        raise Http404
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(opened, content_type="image/jpeg", filename=f"{name}.jpg")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
