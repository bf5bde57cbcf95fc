"""The administration of areas, posts and residents."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.admin import AuditedAdmin
from accounts.personal_data import id_number_index, phone_index
from residents.models import Area, AreaAlias, FamilyContact, Household, Post, Resident
from residents.services import wait_for_other_appointments


class AreaAliasInline(admin.TabularInline):  # type: ignore[type-arg]  # Django's class takes no brackets at run time
    """The other names of an area."""

    model = AreaAlias
    extra = 0


@admin.register(Area)
class AreaAdmin(AuditedAdmin):
    """The tree of areas."""

    list_display = ("code", "name", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name", "aliases__name")
    autocomplete_fields = ("parent",)
    inlines = (AreaAliasInline,)

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the code once it is given: alerts and the trail hold it as text."""
        return ("code",) if obj is not None else ()


class PostForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """A post; checked for overlaps while nobody else appoints the same person."""

    class Meta:
        model = Post
        fields = ("user", "area", "role", "starts_on", "ends_on")

    def clean(self) -> dict[str, Any] | None:
        """Hold the person's row; the model's own check follows. The administration's page is one transaction."""
        cleaned = super().clean()
        if "user" in self.cleaned_data:
            wait_for_other_appointments(self.cleaned_data["user"])
        return cleaned


@admin.register(Post)
class PostAdmin(AuditedAdmin):
    """Who is what, where, from a day to a day."""

    form = PostForm
    list_display = ("user", "role", "area", "area_code", "starts_on", "ends_on")
    list_filter = ("role",)
    list_select_related = ("user", "area")
    search_fields = ("user__username", "user__name", "area__code", "area__name")
    autocomplete_fields = ("user", "area")
    date_hierarchy = "starts_on"

    @admin.display(description=_("code"), ordering="area__code")
    def area_code(self, post: Post) -> str:
        """Show which of the many first grids it is."""
        return post.area.code


@admin.register(Household)
class HouseholdAdmin(AuditedAdmin):
    """Flats."""

    list_display = ("address", "grid")
    list_select_related = ("grid",)
    search_fields = ("building", "unit", "room", "grid__code")
    autocomplete_fields = ("grid",)


class FamilyContactInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """Whom to call of the family."""

    model = FamilyContact
    extra = 0
    formfield_overrides = AuditedAdmin.formfield_overrides


@admin.register(Resident)
class ResidentAdmin(AuditedAdmin):
    """Residents. Lists show numbers masked; opening one shows them whole, and is recorded."""

    list_display = (
        "name",
        "phone_masked",
        "id_number_masked",
        "grid",
        "address",
        "birth_on",
        "residence",
        "ended_on",
    )
    list_filter = ("residence", "sex")
    list_select_related = ("grid", "household")
    search_fields = ("name", "grid__code")
    search_help_text = _("Name, code of the grid, or a whole phone or ID number")
    autocomplete_fields = ("grid", "household")
    readonly_fields = ("created_at",)
    inlines = (FamilyContactInline,)
    show_full_result_count = False

    @admin.display(description=_("phone"))
    def phone_masked(self, resident: Resident) -> str:
        """Show the phone number without its middle."""
        return resident.masked_phone

    @admin.display(description=_("ID number"))
    def id_number_masked(self, resident: Resident) -> str:
        """Show the ID number without its middle."""
        return resident.masked_id_number

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Find by name and grid, or by the index of a whole phone or ID number."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if search_term:
            found |= queryset.filter(phone_hash=phone_index(search_term))
            found |= queryset.filter(id_hash=id_number_index(search_term))
        return found, has_duplicates

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one resident with the numbers whole, and record that they were looked at."""
        response = super().change_view(request, object_id, form_url, extra_context)
        resident = self.get_object(request, object_id) if request.method == "GET" else None
        if resident is not None:
            self._record(request, "revealed", resident, {}, area_code=resident.grid.code)
        return response
