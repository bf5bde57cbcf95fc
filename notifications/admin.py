"""The administration of the ways out: set them up, try them, see what did not arrive."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.validators import URLValidator
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import AuditedAdmin
from accounts.clock import database_now
from accounts.models import User
from accounts.services import RefusedError
from notifications.channels import complaint_about, robot_key, robot_of
from notifications.models import Channel, ChannelQuerySet, Delivery, DeliveryQuerySet, Kind, Preference
from notifications.policy import ROBOTS
from notifications.services import said_of_test, try_channel

UNCHANGED = gettext_lazy("Never shown. Leave it empty to keep what is stored.")


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes no brackets at run time
    """A channel, whose address and secret go in and never come out."""

    class Meta:
        model = Channel
        fields = ("kind", "name", "area_code", "address", "secret", "options", "is_active")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 80})
            for name in ("address", "secret")
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            for name in ("address", "secret"):
                field = self.fields[name]
                field.help_text = f"{field.help_text} {UNCHANGED}"

    def clean_address(self) -> str:
        """Keep the stored address where none was typed."""
        return str(self.cleaned_data["address"]).strip() or self.instance.address

    def clean_secret(self) -> str:
        """Keep the stored secret where none was typed."""
        return str(self.cleaned_data["secret"]).strip() or self.instance.secret

    def clean_options(self) -> dict[str, Any]:
        """Refuse what are no named options."""
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict):
            raise forms.ValidationError(_('Options are written as {"name": "value"}.'))
        return options

    def clean(self) -> dict[str, Any]:
        """Refuse an address that cannot be one of its kind."""
        cleaned = super().clean() or {}
        kind, address = cleaned.get("kind"), cleaned.get("address", "")
        if kind in ROBOTS and not (robot_key(address) and robot_of(address) in (None, kind)):
            self.add_error("address", _("Paste the web address that the group shows for its robot."))
        if complaint := complaint_about(str(kind), cleaned.get("options", {})):
            self.add_error("options", complaint)
        if kind == Kind.SMS:
            self._check(
                URLValidator(schemes=["http", "https"]), address, _("Give the gateway's web address, with https://.")
            )
        if kind == Kind.EMAIL and address:
            self._check(forms.EmailField().clean, address, _("Give an e-mail address, or nothing."))
        return cleaned

    def _check(self, check: Any, address: str, words: str) -> None:
        try:
            check(address)
        except forms.ValidationError:
            self.add_error("address", words)


@admin.register(Channel)
class ChannelAdmin(AuditedAdmin):
    """The ways out of the program, and whether they work."""

    form = ChannelForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {}
    list_display = ("name", "kind", "area_code", "is_active", "last_sent_at", "failing_since", "last_error")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "area_code")
    actions = ("send_test_message",)

    @admin.action(description=gettext_lazy("Send a test message"))
    def send_test_message(self, request: HttpRequest, channels: ChannelQuerySet) -> None:
        """Send one over each channel chosen: to the group, or to whoever asks."""
        assert isinstance(request.user, User)
        for channel in channels:
            try:
                answer = try_channel(channel, by=request.user, now=database_now())
            except RefusedError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                self.message_user(
                    request, said_of_test(channel, answer), messages.ERROR if answer else messages.SUCCESS
                )


@admin.register(Preference)
class PreferenceAdmin(AuditedAdmin):
    """How people want to be told, by topic: each sets it for themselves; the administration may put it right."""

    list_display = ("user", "topic", "kinds", "is_inbox_alone", "begins_at", "ends_at")
    list_filter = ("topic",)
    list_select_related = ("user",)
    autocomplete_fields = ("user",)


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    """What went out, and what did not. To look at; the outbox alone writes it."""

    list_display = ("key", "channel", "state", "attempts", "created_at", "next_at", "sent_at", "error")
    list_filter = ("state", "channel")
    search_fields = ("key",)
    show_full_result_count = False
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> DeliveryQuerySet:
        """Fetch each delivery's channel with it."""
        return Delivery.objects.select_related("channel").defer("channel__address", "channel__secret")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """Nobody."""
        return False
