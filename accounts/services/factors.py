"""The second factor: set up, asked for, recovered, taken away."""

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import KnownDevice, RecoveryCode, SecondFactor, User
from accounts.services.devices import hash_of
from accounts.services.trail import RefusedError, record

STEP, DIGITS, SECRET_BYTES = 30, 6, 20  # RFC 6238 as every authenticator program takes it
RECOVERY_CODES, RECOVERY_BYTES = 10, 10
ISSUER = "Shouwang"


@transaction.atomic
def begin_factor(user: User, *, now: datetime) -> SecondFactor:
    """Make a secret that counts once a code of it has been typed; one that was begun and not confirmed is replaced.

    Raises ``RefusedError`` where a second factor is in use: it is taken away first.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is not None and factor.confirmed_at is not None:
        raise RefusedError(_("A second factor is in use already."))
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    made, _is_new = SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": secret, "made_at": now, "last_step": 0}
    )
    return made


def address_of(factor: SecondFactor) -> str:
    """Return what the code on the screen says to an authenticator program."""
    return _totp(factor.secret).get_provisioning_uri(factor.user.username, ISSUER)


@transaction.atomic
def confirm_factor(user: User, *, code: str, now: datetime, from_where: str = "") -> list[str]:
    """Put the second factor into use; return the recovery codes, which nobody can read again.

    Raises ``RefusedError`` for a code that is not the one the telephone shows now.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if factor is None:
        raise RefusedError(_("Begin again: there is nothing to confirm."))
    if not _takes_step(factor, code, now=now):
        raise RefusedError(
            _("This is not the code that the telephone shows now. Check its clock, and type the next code.")
        )
    factor.confirmed_at = now
    factor.save(update_fields=["confirmed_at"])
    record("accounts.second_factor_set_up", by=user, at=now, about=user, from_where=from_where)
    return _make_codes(user)


@transaction.atomic
def passes_factor(user: User, *, code: str, now: datetime, from_where: str = "") -> bool:
    """Say whether a code is of this half minute (or its neighbours) or an unused recovery code, and use it up."""
    factor = SecondFactor.objects.select_for_update().filter(user=user).exclude(confirmed_at=None).first()
    if factor is None:
        return False
    bare = "".join(code.split()).replace("-", "")
    if bare.isdecimal() and len(bare) == DIGITS:
        how = "code" if _takes_step(factor, bare, now=now) else ""
    else:
        unused = RecoveryCode.objects.filter(user=user, code_hash=hash_of(bare.upper()), used_at=None)
        how = "recovery code" if unused.update(used_at=now) else ""
    if how:
        record("accounts.second_factor_passed", by=user, at=now, about=user, from_where=from_where, detail={"by": how})
    else:
        # With the failed passwords: who reads the log of access looks for both at once.
        detail = {"at": "second factor"}
        record("accounts.log_in_failed", by=None, at=now, about=user, detail=detail, from_where=from_where)
    return bool(how)


@transaction.atomic
def renew_codes(user: User, *, now: datetime, from_where: str = "") -> list[str]:
    """Return new recovery codes; earlier ones are useless. Raises ``RefusedError`` where no second factor is in use."""
    if not has_factor(user):
        raise RefusedError(_("There is no second factor to recover."))
    record("accounts.recovery_codes_renewed", by=user, at=now, about=user, from_where=from_where)
    return _make_codes(user)


@transaction.atomic
def remove_factor(user: User, *, by: User, now: datetime, from_where: str = "") -> bool:
    """Take somebody's second factor away, with its codes and every device's promise; say whether there was one."""
    count, _of_each = SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    KnownDevice.objects.filter(user=user).update(trusted_until=None)
    if count:
        verb = "accounts.second_factor_removed" if by == user else "accounts.second_factor_reset"
        record(verb, by=by, at=now, about=user, from_where=from_where)
    return bool(count)


def has_factor(user: User) -> bool:
    """Say whether somebody is asked for a code."""
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def codes_left(user: User) -> int:
    """Return how many recovery codes are still good."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _make_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_hash=hash_of(code)) for code in codes])
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def _takes_step(factor: SecondFactor, code: str, *, now: datetime) -> bool:
    """Use a code up where it is of this half minute or its neighbours, and later than any used before."""
    totp, here = _totp(factor.secret), int(now.timestamp()) // STEP
    typed = "".join(code.split())
    right = (step for step in (here - 1, here, here + 1) if secrets.compare_digest(_code(totp, step), typed.encode()))
    step = next(right, None)
    if step is None or step <= factor.last_step:
        return False
    factor.last_step = step
    factor.save(update_fields=["last_step"])
    return True


def _code(totp: TOTP, step: int) -> bytes:
    return totp.generate(step * STEP)


def _totp(secret: str) -> TOTP:
    # RFC 4226 and every authenticator program: SHA-1, which is no weakness inside HMAC.
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP)  # noqa: S303
