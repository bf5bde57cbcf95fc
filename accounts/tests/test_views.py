"""The door and one's own settings."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.forms import REMEMBERED
from accounts.models import AuditEntry, User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough word"


@pytest.fixture
def user() -> User:
    made: User = UserFactory(username="wang", phone="19900004321", password=PASSWORD)
    return made


@pytest.mark.parametrize(
    "name", ["wang", " wang ", "19900004321", "199 0000 4321", "+86 199-0000-4321", "１９９００００４３２１"]
)
def test_username_or_phone_number_opens_the_door_however_it_was_pasted(client: Client, user: User, name: str) -> None:
    response = client.post(reverse("accounts:login"), {"username": name, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_says_so_plainly_and_keeps_the_name(client: Client, user: User) -> None:
    response = client.post(reverse("accounts:login"), {"username": "199 0000 4321", "password": "wrong"})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="199 0000 4321"' in page
    assert "wrong" not in page
    assert 'role="alert"' in page


def test_the_door_says_the_same_of_an_unknown_name_and_a_wrong_password(client: Client, user: User) -> None:
    def answer(name: str) -> str:
        page = client.post(reverse("accounts:login"), {"username": name, "password": "wrong"}).content.decode()
        return page.split('class="errors')[1].split("</div>")[0]

    assert answer("wang") == answer("nobody")


def test_the_name_is_remembered_on_the_device_and_the_password_is_not(client: Client, user: User) -> None:
    client.post(reverse("accounts:login"), {"username": "19900004321", "password": PASSWORD})
    assert client.cookies[REMEMBERED]["httponly"]
    client.post(reverse("accounts:logout"))
    page = client.get(reverse("accounts:login")).content.decode()
    assert 'value="19900004321"' in page
    assert PASSWORD not in page


def test_after_the_door_one_stands_where_one_wanted_to_go(client: Client, user: User) -> None:
    response = client.post(
        reverse("accounts:login"), {"username": "wang", "password": PASSWORD, "next": reverse("accounts:profile")}
    )
    assert response["Location"] == reverse("accounts:profile")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_door_leads_to_no_other_host(client: Client, user: User, elsewhere: str) -> None:
    response = client.post(reverse("accounts:login"), {"username": "wang", "password": PASSWORD, "next": elsewhere})
    assert response["Location"] == "/"


def test_who_is_in_already_is_not_asked_again(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get(reverse("accounts:login"))["Location"] == "/"


def test_the_language_is_kept_with_the_person_and_on_the_device(client: Client, user: User) -> None:
    client.force_login(user)
    client.post(reverse("accounts:language"), {"language": "zh-hans", "next": reverse("accounts:profile")})
    assert "个人设置" in client.get(reverse("accounts:profile")).content.decode()
    user.refresh_from_db()
    assert user.language == "zh-hans"
    client.post(reverse("accounts:logout"))
    assert "登录" in client.get(reverse("accounts:login")).content.decode()


def test_the_language_can_be_switched_before_logging_in(client: Client) -> None:
    client.post(reverse("accounts:language"), {"language": "en", "next": reverse("accounts:login")})
    assert "Log in" in client.get(reverse("accounts:login")).content.decode()


def test_a_language_that_is_none_of_ours_changes_nothing(client: Client, user: User) -> None:
    client.force_login(user)
    client.post(reverse("accounts:language"), {"language": "tlh"})
    user.refresh_from_db()
    assert user.language == "en"


def test_preferences_are_saved_and_said_in_the_new_language(client: Client, user: User) -> None:
    client.force_login(user)
    wanted = {"language": "zh-hans", "theme": "dark", "text_size": "large"}
    page = client.post(reverse("accounts:profile"), wanted, follow=True).content.decode()
    assert "已保存" in page
    assert 'data-bs-theme="dark"' in page
    assert 'data-text="large"' in page


def test_one_press_draws_everything_larger_and_leads_back(client: Client, user: User) -> None:
    client.force_login(user)
    response = client.post(reverse("accounts:text_size"), {"text_size": "large", "next": "/accounts/profile/"})
    user.refresh_from_db()
    assert (user.text_size, response["Location"]) == ("large", "/accounts/profile/")


def test_a_size_that_is_none_of_ours_changes_nothing(client: Client, user: User) -> None:
    client.force_login(user)
    client.post(reverse("accounts:text_size"), {"text_size": "gigantic"})
    user.refresh_from_db()
    assert user.text_size == "normal"


def test_ones_own_phone_number_is_shown_masked(client: Client, user: User) -> None:
    client.force_login(user)
    page = client.get(reverse("accounts:profile")).content.decode()
    assert "199****4321" in page
    assert "19900004321" not in page


def test_a_changed_password_is_recorded_and_the_session_stays(client: Client, user: User) -> None:
    client.force_login(user)
    new = "another long word"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("accounts:password"), typed)["Location"] == reverse("accounts:profile")
    user.refresh_from_db()
    assert user.check_password(new)
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert AuditEntry.objects.filter(verb="accounts.password_changed", actor=user).count() == 1


def test_a_password_that_is_too_easy_is_refused_in_words(client: Client, user: User) -> None:
    client.force_login(user)
    typed = {"old_password": PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    response = client.post(reverse("accounts:password"), typed)
    assert response.status_code == 200
    assert "too short" in response.content.decode()


@pytest.mark.parametrize("name", ["logout", "language"])
def test_what_changes_something_is_never_done_by_a_link(client: Client, user: User, name: str) -> None:
    client.force_login(user)
    assert client.get(reverse(f"accounts:{name}")).status_code == 405
