"""People and posts of one's areas: who is what, from when to when, and who stands in."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.formats import day
from accounts.roles import Duty
from residents.access import StaffRequest, on_duty
from residents.forms.places import AppointForm, EndForm, NewPersonForm, PostsFilterForm, SubstituteForm
from residents.models import Post
from residents.screens.areas import areas_of, choices_of
from residents.screens.posts import holes_in, people_for, posts_page, suggested
from residents.services import ResidentsError, appoint_new_person, end_post, substitute, withdraw_post
from residents.services import appoint as appoint_person


@require_safe
@on_duty(Duty.APPOINT)
def posts(request: StaffRequest) -> HttpResponse:
    """Show who holds which post on a day, and which holes there are or will be."""
    on = today()
    form = PostsFilterForm(request.GET, areas=_areas(request, on))
    chosen = form.cleaned_data if form.is_valid() else {}
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(value for name, value in chosen.items() if name != "q"),
        "page": posts_page(request.user, chosen, on=on, number=request.GET.get("page", "")),
        "holes": holes_in(request.user, on=on),
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "residents/posts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.APPOINT)
def appoint(request: StaffRequest) -> HttpResponse:
    """Give somebody who is known here a post."""
    on = today()
    people = people_for(request.user, on=on)
    form = AppointForm(request.POST or None, initial=_proposed(request, on), people=people, areas=_areas(request, on))
    if form.is_valid():
        try:
            post = appoint_person(form.cleaned_data["person"], **form.of_the_post, by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            return _appointed(request, post)
    return render(request, "residents/appoint.html", {"form": form, "people": suggested(people)})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.APPOINT)
def appoint_new(request: StaffRequest) -> HttpResponse:
    """Enter somebody new, with a first post."""
    on = today()
    form = NewPersonForm(request.POST or None, initial=_proposed(request, on), areas=_areas(request, on))
    if form.is_valid():
        try:
            post = appoint_new_person(**form.of_the_person, **form.of_the_post, by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            return _appointed(request, post)
    return render(request, "residents/appoint_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.APPOINT)
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End a post on a day."""
    post = _find(request, pk)
    form = EndForm(request.POST or None, initial={"last_on": max(today(), post.starts_on)})
    if form.is_valid():
        try:
            ended = end_post(post, last_on=form.cleaned_data["last_on"], by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            last_on = form.cleaned_data["last_on"]
            messages.success(request, _("{post}: the last day is {day}.").format(post=ended, day=day(last_on)))
            return redirect("residents:posts")
    context = {"form": form, "post": post, "has_not_begun": post.starts_on > today()}
    return render(request, "residents/end_post.html", context)


@require_POST
@on_duty(Duty.APPOINT)
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a post back that has not begun."""
    post = _find(request, pk)
    try:
        withdraw_post(post, by=request.user, now=database_now(), on=today())
    except ResidentsError as error:
        messages.error(request, str(error))
        return redirect("residents:end_post", pk)
    messages.success(request, _("Withdrawn: {post}.").format(post=post))
    return redirect("residents:posts")


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.APPOINT)
def stand_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Have somebody stand in for a post from a day to a day."""
    on = today()
    post, people = _find(request, pk), people_for(request.user, on=on)
    form = SubstituteForm(request.POST or None, initial={"starts_on": max(on, post.starts_on)}, people=people)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            held = substitute(
                post,
                stand_in=chosen["person"],
                starts_on=chosen["starts_on"],
                ends_on=chosen["ends_on"],
                by=request.user,
                now=database_now(),
            )
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            return _appointed(request, held)
    return render(request, "residents/stand_in.html", {"form": form, "post": post, "people": suggested(people)})


def _find(request: StaffRequest, pk: int) -> Post:
    """Return a post one keeps; a foreign one is a 404."""
    return get_object_or_404(Post.objects.visible_to(request.user, on=today()).select_related("user", "area"), pk=pk)


def _areas(request: StaffRequest, on: date) -> Any:
    return choices_of(areas_of(request.user, on=on))


def _proposed(request: StaffRequest, on: date) -> dict[str, Any]:
    """Return what the form begins with: today, and what a link proposes."""
    return {"starts_on": on, "area": request.GET.get("area", ""), "role": request.GET.get("role", "")}


def _appointed(request: StaffRequest, post: Post) -> HttpResponse:
    until = _("to {day}").format(day=day(post.ends_on)) if post.ends_on else _("without end")
    words = _("{post}, from {start} {until}.").format(post=post, start=day(post.starts_on), until=until)
    messages.success(request, words)
    return redirect("residents:posts")
