import accounts.personal_data
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(max_length=64, verbose_name='username')),
                ('name', models.CharField(blank=True, max_length=64, verbose_name='name')),
                ('phone', accounts.personal_data.EncryptedTextField(blank=True, default='', verbose_name='phone')),
                ('phone_hash', accounts.personal_data.BlindIndexField(blank=True, editable=False, index=accounts.personal_data.phone_index, max_length=64, null=True, of='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('language', models.CharField(choices=[('zh-hans', '简体中文'), ('en', 'English')], default='zh-hans', max_length=10, verbose_name='language')),
                ('theme', models.CharField(choices=[('auto', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='auto', max_length=5, verbose_name='theme')),
                ('channel_order', models.JSONField(blank=True, default=list, help_text='Kinds of channels, the preferred one first; empty leaves it to the program.', verbose_name='order of channels')),
                ('is_active', models.BooleanField(default=True, help_text='Clear this instead of deleting the user: the audit trail keeps the name.', verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may open the administration')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ('username',),
                'constraints': [
                    models.UniqueConstraint(fields=('username',), name='one_user_per_username', violation_error_message='This username is taken.'),
                    models.UniqueConstraint(fields=('phone_hash',), name='one_user_per_phone', violation_error_message='Somebody else logs in with this phone number.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('verb', models.CharField(max_length=64, verbose_name='what')),
                ('object_type', models.CharField(blank=True, max_length=64, verbose_name='kind of object')),
                ('object_id', models.CharField(blank=True, max_length=64, verbose_name='object')),
                ('area_code', models.CharField(blank=True, max_length=32, verbose_name='area code')),
                ('detail', models.JSONField(blank=True, default=dict, verbose_name='detail')),
                ('from_where', models.CharField(blank=True, max_length=64, verbose_name='from where')),
                ('actor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_entries', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit trail',
                'ordering': ('-at', '-pk'),
                'indexes': [
                    models.Index(fields=['at'], name='audit_by_time'),
                    models.Index(fields=['actor', 'at'], name='audit_by_actor'),
                    models.Index(fields=['object_type', 'object_id', 'at'], name='audit_by_object'),
                ],
            },
        ),
    ]
