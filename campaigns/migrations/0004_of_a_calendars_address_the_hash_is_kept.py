from hashlib import sha256

from django.db import migrations, models


def keep_hashes(apps, schema_editor):
    """Keep every address that phones subscribed to working: only what the database says of it changes."""
    CalendarFeed = apps.get_model('campaigns', 'CalendarFeed')
    for feed in CalendarFeed.objects.all().iterator():
        feed.token_hash = sha256(feed.token_hash.encode()).hexdigest()
        feed.save(update_fields=['token_hash'])


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0003_outreach_has_rules_of_retention'),
    ]

    operations = [
        migrations.RenameField(model_name='calendarfeed', old_name='token', new_name='token_hash'),
        migrations.AlterField(
            model_name='calendarfeed',
            name='token_hash',
            field=models.CharField(editable=False, max_length=64, unique=True),
        ),
        migrations.RunPython(keep_hashes, migrations.RunPython.noop),
    ]
