"""The sheet of ``reports.policy.scores`` as the first published version."""

from django.db import migrations
from django.db.models.functions import Now

from reports.policy import scores

FIRST_YEAR = 2000  # whatever year is looked at, it has a sheet


def load(apps, schema_editor):
    ScorePolicy = apps.get_model("reports", "ScorePolicy")
    policy = ScorePolicy.objects.create(
        name="默认评分表 / Default sheet", from_year=FIRST_YEAR, created_at=Now(), published_at=Now()
    )
    apps.get_model("reports", "ScoreLine").objects.bulk_create(
        apps.get_model("reports", "ScoreLine")(
            policy=policy,
            order=order,
            key=one.line.key,
            name=one.name,
            name_en=one.name_en,
            most=one.line.most,
            measure=one.line.measure,
            full_at=one.line.full_at,
            none_at=one.line.none_at,
            is_full_of_nothing=one.line.is_full_of_nothing,
            reason=one.reason,
        )
        for order, one in enumerate(scores.SHEET, start=1)
    )
    apps.get_model("reports", "ScoreVeto").objects.bulk_create(
        apps.get_model("reports", "ScoreVeto")(policy=policy, kind=one.kind, limit=one.limit, reason=one.reason)
        for one in scores.VETOES
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_scores")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
