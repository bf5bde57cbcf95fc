"""What carers and others see at a door is a source of its own: the desk knows who telephoned and who was there."""

from django.db import migrations


def load(apps, schema_editor):
    apps.get_model("alerts", "Source").objects.get_or_create(code="visitor", defaults={"name": "走访发现"})


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_fewer_indexes_on_alerts")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
