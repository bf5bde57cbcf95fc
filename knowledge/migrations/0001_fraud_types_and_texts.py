import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Text',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='For example dissuasion_card or script.fake_loan.', max_length=64, verbose_name='key')),
                ('community_code', models.CharField(blank=True, help_text='Empty: for every community without a text of its own.', max_length=32, verbose_name='community code')),
                ('title_zh', models.CharField(max_length=128, verbose_name='Chinese title')),
                ('title_en', models.CharField(blank=True, max_length=128, verbose_name='English title')),
                ('body_zh', models.TextField(help_text='One step or sentence a line.', verbose_name='Chinese text')),
                ('body_en', models.TextField(blank=True, verbose_name='English text')),
                ('origin', models.CharField(blank=True, max_length=255, verbose_name='where it comes from')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'text',
                'verbose_name_plural': 'texts',
                'ordering': ('key', 'community_code'),
                'constraints': [models.UniqueConstraint(fields=('key', 'community_code'), name='one_text_per_key_and_community', violation_error_message='This community already has a text under this key.')],
            },
        ),
        migrations.CreateModel(
            name='FraudType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='What other programs send; it is never changed once alerts use it.', max_length=64, validators=[django.core.validators.RegexValidator('^[a-z0-9_]+$', 'Use small letters, digits and underscores.')], verbose_name='code')),
                ('name_zh', models.CharField(max_length=64, verbose_name='Chinese name')),
                ('name_en', models.CharField(blank=True, max_length=64, verbose_name='English name')),
                ('is_elder', models.BooleanField(default=False, verbose_name='aims at elders')),
                ('order', models.PositiveSmallIntegerField(default=100, verbose_name='order')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='knowledge.fraudtype', verbose_name='wider type')),
            ],
            options={
                'verbose_name': 'type of fraud',
                'verbose_name_plural': 'types of fraud',
                'ordering': ('order', 'code'),
                'constraints': [models.UniqueConstraint(fields=('code',), name='one_fraud_type_per_code', violation_error_message='Another type has this code.')],
            },
        ),
    ]
