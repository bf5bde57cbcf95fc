import accounts.personal_data
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='The division code; it begins with the code of the area above.', max_length=32, validators=[django.core.validators.RegexValidator('^[0-9]+$', 'A code has digits only.')], verbose_name='code')),
                ('name', models.CharField(max_length=64, verbose_name='name')),
                ('level', models.CharField(choices=[('district', 'District'), ('street', 'Street'), ('community', 'Community'), ('grid', 'Grid'), ('building', 'Building')], max_length=10, verbose_name='level')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='residents.area', verbose_name='area above')),
            ],
            options={
                'verbose_name': 'area',
                'verbose_name_plural': 'areas',
                'ordering': ('code',),
                'constraints': [
                    models.UniqueConstraint(fields=('code',), name='one_area_per_code', violation_error_message='Another area has this code.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AreaAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, verbose_name='name')),
                ('area', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='residents.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'other name',
                'verbose_name_plural': 'other names',
                'ordering': ('name',),
                'indexes': [
                    models.Index(fields=['name'], name='area_alias_by_name'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('area', 'name'), name='one_alias_per_name_of_an_area'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('building', models.CharField(max_length=32, verbose_name='building')),
                ('unit', models.CharField(blank=True, max_length=16, verbose_name='unit')),
                ('room', models.CharField(blank=True, max_length=16, verbose_name='room')),
                ('grid', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='households', to='residents.area', verbose_name='grid')),
            ],
            options={
                'verbose_name': 'household',
                'verbose_name_plural': 'households',
                'ordering': ('grid__code', 'building', 'unit', 'room'),
                'constraints': [
                    models.UniqueConstraint(fields=('grid', 'building', 'unit', 'room'), name='one_household_per_door'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('duty_officer', 'Duty officer'), ('grid_leader', 'Grid leader'), ('warning_specialist', 'Warning specialist'), ('building_informant', 'Building informant'), ('carer', 'Carer'), ('outreach_worker', 'Outreach worker'), ('manager', 'Community manager'), ('police_liaison', 'Police liaison'), ('supervisor', 'Supervisor')], max_length=20, verbose_name='role')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, help_text='The last day; empty is without end.', null=True, verbose_name='to')),
                ('area', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='residents.area', verbose_name='area')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'post',
                'verbose_name_plural': 'posts',
                'ordering': ('area__code', 'role', 'user__username'),
                'indexes': [
                    models.Index(fields=['user', 'area'], name='post_by_person'),
                    models.Index(fields=['area', 'role'], name='post_by_area'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='a_post_ends_after_it_starts', violation_error_message='A post cannot end before it starts.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Resident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, verbose_name='name')),
                ('sex', models.CharField(blank=True, choices=[('female', 'Woman'), ('male', 'Man')], max_length=6, verbose_name='sex')),
                ('birth_on', models.DateField(blank=True, null=True, verbose_name='born on')),
                ('phone', accounts.personal_data.EncryptedTextField(blank=True, default='', verbose_name='phone')),
                ('phone_hash', accounts.personal_data.BlindIndexField(blank=True, editable=False, index=accounts.personal_data.phone_index, max_length=64, of='phone')),
                ('id_number', accounts.personal_data.EncryptedTextField(blank=True, default='', verbose_name='ID number')),
                ('id_hash', accounts.personal_data.BlindIndexField(blank=True, editable=False, index=accounts.personal_data.id_number_index, max_length=64, of='id_number')),
                ('lives_alone', models.BooleanField(default=False, verbose_name='lives alone')),
                ('occupation', models.CharField(blank=True, max_length=32, verbose_name='occupation')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='no longer here since')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created at')),
                ('grid', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='residents', to='residents.area', verbose_name='grid')),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='residents', to='residents.household', verbose_name='household')),
            ],
            options={
                'verbose_name': 'resident',
                'verbose_name_plural': 'residents',
                'ordering': ('grid__code', 'name', 'pk'),
                'indexes': [
                    models.Index(fields=['phone_hash'], name='resident_by_phone'),
                    models.Index(fields=['name', 'grid'], name='resident_by_name'),
                    models.Index(fields=['id_hash'], name='resident_by_id_number'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FamilyContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, verbose_name='name')),
                ('relation', models.CharField(blank=True, max_length=16, verbose_name='relation')),
                ('phone', accounts.personal_data.EncryptedTextField(verbose_name='phone')),
                ('phone_hash', accounts.personal_data.BlindIndexField(blank=True, editable=False, index=accounts.personal_data.phone_index, max_length=64, of='phone')),
                ('order', models.PositiveSmallIntegerField(default=1, help_text='Who is called first has the smallest.', verbose_name='order')),
                ('resident', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='family_contacts', to='residents.resident', verbose_name='resident')),
            ],
            options={
                'verbose_name': 'family contact',
                'verbose_name_plural': 'family contacts',
                'ordering': ('order', 'pk'),
                'indexes': [
                    models.Index(fields=['resident', 'order'], name='family_by_resident'),
                ],
            },
        ),
    ]
