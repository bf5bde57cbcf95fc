"""Presses are remembered by accounts, for every app: what the phones sent this week goes along."""

from django.db import migrations


def hand_over(apps, schema_editor):
    """Copy the keys, so that no press in flight is carried out twice."""
    kept = apps.get_model("accounts", "Press")
    kept.objects.bulk_create(
        [
            kept(
                user_id=press.user_id,
                key=press.key,
                address=press.what,
                at=press.at,
                recorded_at=press.recorded_at,
                is_refused=press.is_refused,
                said=press.said,
            )
            for press in apps.get_model("alerts", "Press").objects.iterator()
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0005_what_visitors_see"),
        ("accounts", "0005_a_press_is_carried_out_once"),
    ]

    operations = [
        migrations.RunPython(hand_over, migrations.RunPython.noop),
        migrations.DeleteModel(name="Press"),
    ]
