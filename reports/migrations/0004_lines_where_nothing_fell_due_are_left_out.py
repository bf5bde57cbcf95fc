"""A sheet may leave lines out where nothing fell due; the shipped one does, where it has scored nobody yet."""

from django.db import migrations, models


def keep_what_was_scored(apps, schema_editor):
    """Let published sheets score on as they did: an edition never changes, once something was kept under it."""
    if apps.get_model("reports", "ScoreSnapshot").objects.exists():
        apps.get_model("reports", "ScorePolicy").objects.filter(published_at__isnull=False).update(leaves_out=False)


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_default_sheet")]

    operations = [
        migrations.AddField(
            model_name="scorepolicy",
            name="leaves_out",
            field=models.BooleanField(
                default=True,
                help_text="The points of the other lines are scaled up to 100. Otherwise such a line has all its points.",
                verbose_name="leave lines out where nothing fell due",
            ),
        ),
        migrations.AlterField(
            model_name="scoreline",
            name="is_full_of_nothing",
            field=models.BooleanField(default=False, verbose_name="nothing having fallen due is no fault"),
        ),
        migrations.RunPython(keep_what_was_scored, migrations.RunPython.noop),
    ]
