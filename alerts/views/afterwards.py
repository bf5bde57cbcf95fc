"""What is still to be done about closed alerts, and the story one teaches with."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.formats import milliseconds
from accounts.roles import Duty
from accounts.views.presses import answer, carry_out, may_be_kept
from alerts import services
from alerts.forms import CallBackForm, FeedbackForm, StoryForm
from alerts.models import Rule
from alerts.policy import Found, RuleName
from alerts.screens.afterwards import afterwards, first_draft, names_in
from alerts.services import AlertError
from alerts.views.common import find, seen, time_of_press
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.HANDLE_ALERTS, Duty.WATCH_DESK)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the second feedbacks that are due and, to the desk, whom to call back."""
    now = database_now()
    page = afterwards(request.user, now=now)
    context = {
        "page": page,
        "founds": Found.choices,
        "percent": Rule.objects.number(RuleName.CALL_BACK_PERCENT),
    }
    is_refresh = bool(getattr(request, "htmx", False))
    answered = render(request, "alerts/_afterwards.html" if is_refresh else "alerts/afterwards.html", context)
    # By this the phone knows that what it shows is new, and lets go of the marks of what was sent.
    answered["X-Server-Now"] = str(milliseconds(now))
    # A phone keeps what is its reader's own; a desk's list is of everybody's.
    return answered if page.is_desk else may_be_kept(answered)


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def feedback(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down a second feedback."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)
    form = FeedbackForm(request.POST)

    def verb() -> str:
        if not form.is_valid():
            raise AlertError(_("Choose what was found; the note has at most 500 characters."))
        found, now = Found(form.cleaned_data["found"]), database_now()
        services.record_feedback(
            alert,
            found=found,
            note=form.cleaned_data["note"],
            by=request.user,
            now=now,
            pressed_at=time_of_press(request, alert, now=now),
        )
        if found == Found.LOST:
            return _("Recorded. Have it reported to 110 now, and entered as a case.")
        return _("Recorded: {found}").format(found=found.label)

    return answer(request, carry_out(request, verb), url=reverse("alerts:afterwards"))


@require_POST
@on_duty(Duty.WATCH_DESK)
def call_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down whether what was recorded at the closing is true."""
    alert = find(request, pk, Duty.WATCH_DESK)
    form = CallBackForm(request.POST)

    def verb() -> str:
        if not form.is_valid():
            raise AlertError(_("Choose whether it was true; the note has at most 500 characters."))
        now = database_now()
        services.record_call_back(
            alert,
            is_true=form.cleaned_data["verdict"] == "true",
            note=form.cleaned_data["note"],
            by=request.user,
            now=now,
            pressed_at=time_of_press(request, alert, now=now),
        )
        return _("Recorded.")

    return answer(request, carry_out(request, verb), url=reverse("alerts:afterwards"))


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.WATCH_DESK)
def story(request: StaffRequest, pk: int) -> HttpResponse:
    """Turn a closed alert into a draft of a teaching story."""
    read_along = seen(request, Duty.WATCH_DESK).select_related(
        "fraud_type", "actual_fraud_type", "holder", "resident__household"
    )
    alert = get_object_or_404(read_along.prefetch_related("resident__family_contacts"), pk=pk)
    form = StoryForm(request.POST or None, initial=first_draft(alert, on=today()))
    if form.is_valid():
        try:
            words = form.cleaned_data
            services.tell_story(alert, words=words, names=names_in(alert), by=request.user, now=database_now())
        except AlertError as error:
            form.add_error(None, str(error))
        else:
            return redirect("alerts:detail", pk)
    return render(request, "alerts/story.html", {"form": form, "alert": alert})
