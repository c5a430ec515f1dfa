"""Writes a named profile of this installation into the user's AWS configuration.

botocore's rules: ``config`` names a section ``profile NAME`` and ``credentials`` names it ``NAME``;
``default`` is ``default`` in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hansa.awsmodels.files import write_file
from hansa.awsmodels.ini import IniText

BACKUP_SUFFIX = ".before-hansa"
DEFAULT_PROFILE = "hansa"

# Each would make the AWS tools take credentials from elsewhere than the keys written here.
_OTHER_CREDENTIALS = (
    "aws_session_token",
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
)


@dataclass(frozen=True)
class Access:
    """How a client reaches this installation: its URL, its region, and one access key."""

    url: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


class ProfileExistsError(Exception):
    """The profile holds something else; the text says what and how to go on."""


@dataclass(frozen=True)
class ProfileFiles:
    """The two files a profile was written to, and copies of what they were (on replacement)."""

    config: Path
    credentials: Path
    backups: tuple[Path, ...] = ()


def user_files(environment: Mapping[str, str], home: Path, data_dir: Path) -> tuple[Path, Path]:
    """The user's ``config`` and ``credentials``, where botocore looks for them.

    A place below ``data_dir`` is that of a shell set up with ``hansa env``, not the user's.
    """

    def place(variable: str, default: Path) -> Path:
        given = environment.get(variable, "")
        path = Path(given).expanduser() if given else default
        return default if path.is_relative_to(data_dir) else path

    aws = home / ".aws"
    return (
        place("AWS_CONFIG_FILE", aws / "config"),
        place("AWS_SHARED_CREDENTIALS_FILE", aws / "credentials"),
    )


def _read(path: Path) -> IniText:
    return IniText(path.read_bytes().decode(errors="surrogateescape") if path.exists() else "")


def _write(path: Path, text: IniText) -> None:
    content = text.text().encode(errors="surrogateescape")
    if not path.exists() or path.read_bytes() != content:
        write_file(path, content)
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)


def set_access(config: IniText, section: str, access: Access) -> None:
    """Region, endpoint and S3's addressing: what belongs into ``config``.

    Path style, because ``bucket.HOST`` resolves for few names of HOST.
    """
    config.set(section, "region", access.region)
    config.set(section, "endpoint_url", access.url)
    if config.get(section, "s3") is None:
        config.set(section, "s3", "", "addressing_style = path")


def write_profile(
    files: tuple[Path, Path], access: Access, profile: str = DEFAULT_PROFILE, *, force: bool = False
) -> ProfileFiles:
    """Write ``profile`` into ``files`` (:func:`user_files`) and keep all else byte for byte.

    Both files get mode 0600. A profile that has other credentials or another endpoint is refused
    with :class:`ProfileExistsError`; with ``force`` it is replaced, and copies of the two files
    are kept under the suffix ``.before-hansa``. Raises ``ValueError`` for an impossible name.
    """
    if not profile or any(character in profile for character in "[]\"'\r\n"):
        raise ValueError(f"{profile!r} cannot be the name of an AWS profile")
    config_file, credentials_file = files
    config, credentials = _read(config_file), _read(credentials_file)
    section = profile if profile == "default" else f"profile {profile}"
    foreign = _foreign(config, section, credentials, profile, access)
    backups: list[Path] = []
    if foreign and not force:
        raise ProfileExistsError(
            f"the AWS profile {profile!r} exists and has {foreign}; choose another name with "
            f"--profile, or replace it with --force (copies are kept as *{BACKUP_SUFFIX})"
        )
    if foreign:
        backups = [copy for file in files if (copy := _back_up(file)) is not None]
    for key in _OTHER_CREDENTIALS:
        config.delete(section, key)
        credentials.delete(profile, key)
    for key in ("aws_access_key_id", "aws_secret_access_key"):
        config.delete(section, key)
    set_access(config, section, access)
    credentials.set(profile, "aws_access_key_id", access.access_key_id)
    credentials.set(profile, "aws_secret_access_key", access.secret_access_key)
    _write(credentials_file, credentials)
    _write(config_file, config)
    return ProfileFiles(config_file, credentials_file, tuple(backups))


def _foreign(
    config: IniText, section: str, credentials: IniText, profile: str, access: Access
) -> str:
    """What the profile has that is not this installation's, in words; empty if nothing."""
    known_url = config.get(section, "endpoint_url") == access.url
    if known_url:
        return ""
    present = {*config.keys(section), *credentials.keys(profile)}
    if endpoint := config.get(section, "endpoint_url"):
        return f"another endpoint, {endpoint}"
    if present & {*_OTHER_CREDENTIALS, "aws_access_key_id"}:
        return "other credentials"
    region = config.get(section, "region")
    return f"another region, {region}" if region not in (None, access.region) else ""


def _back_up(file: Path) -> Path | None:
    """A copy of ``file`` beside it, or ``None`` if it does not exist; never over an older copy."""
    if not file.exists():
        return None
    number = 0
    while True:
        copy = file.with_name(f"{file.name}{BACKUP_SUFFIX}{f'-{number}' if number else ''}")
        if not copy.exists():
            write_file(copy, file.read_bytes())
            return copy
        number += 1
