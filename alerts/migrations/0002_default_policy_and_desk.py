"""The escalation table of escalation.md as the first published version, and the desk as a source of its own."""

from django.db import migrations
from django.db.models.functions import Now

from alerts import policy


def load(apps, schema_editor):
    PolicyVersion = apps.get_model("alerts", "PolicyVersion")
    PolicyStep = apps.get_model("alerts", "PolicyStep")
    version = PolicyVersion.objects.create(name="默认处置时限 / Default policy", created_at=Now(), published_at=Now())
    PolicyStep.objects.bulk_create(
        PolicyStep(
            version=version,
            objective=step.objective,
            level=step.level or "",
            at_seconds=int(step.at.total_seconds()),
            when=step.when,
            do=step.do,
            tell=[str(audience) for audience in step.tell],
            breach=step.breach,
        )
        for step in policy.STEPS
    )
    apps.get_model("alerts", "Source").objects.create(code="desk", name="值班台录入")


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_alerts_and_their_clocks")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
