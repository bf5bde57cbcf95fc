"""People for tests. Invented all: phones of the range 199 0000 only."""

from typing import Any

import factory

from accounts.models import Language, User


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who can log in, in English unless told: tests read what pages say.

    ``UserFactory(password="…")`` sets a password; without one nobody logs in (``force_login`` does).
    """

    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"person{number}")
    name = factory.Sequence(lambda number: f"员工{number}")
    # Tests that give somebody a number of their own take lower ones; no two people log in by one number.
    phone = factory.Sequence(lambda number: f"1990000{8000 + number % 2000:04d}")
    language = Language.ENGLISH

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, password: str | None = None, **fields: Any) -> User:
        return model_class.objects.create_user(*args, password=password, **fields)


class AdministratorFactory(UserFactory):
    """Somebody who may do everything everywhere."""

    is_staff = True
    is_superuser = True
