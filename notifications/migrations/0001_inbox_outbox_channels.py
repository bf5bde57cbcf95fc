import accounts.personal_data
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sms', 'Text message'), ('wecom', 'WeCom group robot'), ('dingtalk', 'DingTalk group robot'), ('feishu', 'Feishu group robot'), ('email', 'E-mail')], max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=64, verbose_name='name')),
                ('area_code', models.CharField(blank=True, help_text='Empty: everywhere. Of several the one for the smallest area is used.', max_length=32, verbose_name='area code')),
                ('address', accounts.personal_data.EncryptedTextField(blank=True, default='', help_text='A robot: its web address or the key in it. A text message gateway: its address. E-mail: the sender, empty for the usual one.', verbose_name='address')),
                ('secret', accounts.personal_data.EncryptedTextField(blank=True, default='', help_text='A robot: the secret it signs with, if any. A gateway: what {secret} stands for.', verbose_name='secret')),
                ('options', models.JSONField(blank=True, default=dict, help_text='A gateway: method, headers, format (json or form), body with {phone} and {text}, ok_field and ok_value. A robot: keyword.', verbose_name='options')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('quiet_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='quiet until')),
                ('failing_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='failing since')),
                ('last_sent_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last sent at')),
                ('last_error', models.CharField(blank=True, editable=False, max_length=300, verbose_name='last error')),
            ],
            options={
                'verbose_name': 'channel',
                'verbose_name_plural': 'channels',
                'ordering': ('kind', 'area_code', 'name'),
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, verbose_name='key')),
                ('kind', models.CharField(max_length=32, verbose_name='kind')),
                ('urgency', models.CharField(choices=[('high', 'High'), ('medium', 'Medium'), ('low', 'Low')], max_length=6, verbose_name='urgency')),
                ('subject', models.CharField(max_length=64, verbose_name='subject')),
                ('purpose', models.CharField(blank=True, max_length=32, verbose_name='purpose')),
                ('area_code', models.CharField(blank=True, max_length=32, verbose_name='area code')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('body', models.TextField(blank=True, verbose_name='body')),
                ('public_text', models.TextField(blank=True, verbose_name='text for groups')),
                ('url', models.CharField(blank=True, max_length=200, verbose_name='link')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read at')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn at')),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'indexes': [
                    models.Index(fields=['recipient', '-created_at'], name='inbox_newest_first'),
                    models.Index(condition=models.Q(('read_at__isnull', True), ('withdrawn_at__isnull', True)), fields=['recipient'], name='inbox_unread'),
                    models.Index(fields=['subject'], name='notices_by_subject'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('key',), name='one_notice_per_key'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=220, verbose_name='key')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('leased', 'Being sent'), ('sent', 'Handed over'), ('passed_on', 'Failed, another channel took over'), ('failed', 'Failed for good'), ('cancelled', 'Cancelled'), ('unknown', 'Unknown: the sender died in mid-sending')], default='waiting', max_length=10, verbose_name='state')),
                ('priority', models.PositiveSmallIntegerField(default=2, verbose_name='priority')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('next_at', models.DateTimeField(verbose_name='next try at')),
                ('leased_until', models.DateTimeField(blank=True, null=True, verbose_name='leased until')),
                ('leased_by', models.CharField(blank=True, max_length=120, verbose_name='leased by')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='error')),
                ('is_resent', models.BooleanField(default=False, verbose_name='sent again after its sender died')),
                ('reported_at', models.DateTimeField(blank=True, null=True, verbose_name='reported at')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notifications.channel', verbose_name='channel')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.notice', verbose_name='notice')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'indexes': [
                    models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at'], name='outbox_waiting'),
                    models.Index(condition=models.Q(('state', 'leased')), fields=['leased_until'], name='outbox_leased'),
                    models.Index(condition=models.Q(('reported_at__isnull', True), models.Q(('state__in', ['failed', 'unknown']), ('is_resent', True), _connector='OR')), fields=['id'], name='outbox_to_report'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('key',), name='one_delivery_per_notice_and_channel'),
                ],
            },
        ),
    ]
