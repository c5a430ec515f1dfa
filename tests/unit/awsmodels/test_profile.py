from __future__ import annotations

from pathlib import Path

import botocore.session
import pytest

from hansa.awsmodels.profile import Access, ProfileExistsError, user_files, write_profile

ACCESS = Access("http://127.0.0.1:8590", "us-east-1", "AKIAHANSA", "secret/with+signs=")

CONFIG = """# mine
[default]
region = eu-west-1
output = json
[profile role]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = default
"""
CREDENTIALS = "[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    aws = tmp_path / ".aws"
    aws.mkdir()
    config, credentials = aws / "config", aws / "credentials"
    config.write_text(CONFIG)
    credentials.write_text(CREDENTIALS)
    return config, credentials


def _session(
    files: tuple[Path, Path], profile: str, monkeypatch: pytest.MonkeyPatch
) -> botocore.session.Session:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(files[0]))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(files[1]))
    return botocore.session.Session(profile=profile)


def test_botocore_reads_the_profile(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profile(files, ACCESS)
    session = _session(files, "hansa", monkeypatch)
    client = session.create_client("managedblockchain")
    assert client.meta.endpoint_url == ACCESS.url
    assert client.meta.region_name == "us-east-1"
    credentials = session.get_credentials().get_frozen_credentials()
    assert (credentials.access_key, credentials.secret_key) == (
        "AKIAHANSA",
        ACCESS.secret_access_key,
    )
    assert session.get_scoped_config()["s3"] == {"addressing_style": "path"}


def test_keeps_all_else_and_closes_the_files(files: tuple[Path, Path]) -> None:
    write_profile(files, ACCESS)
    assert files[0].read_text().startswith(CONFIG)
    assert files[1].read_text().startswith(CREDENTIALS)
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
    once = [path.read_bytes() for path in files]
    write_profile(files, ACCESS)
    assert [path.read_bytes() for path in files] == once


def test_makes_the_files(tmp_path: Path) -> None:
    files = user_files({}, tmp_path, tmp_path / "data")
    written = write_profile(files, ACCESS)
    assert written.config == tmp_path / ".aws" / "config"
    assert written.credentials.read_text().startswith("[hansa]\n")
    assert (tmp_path / ".aws").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("profile", ["default", "role"])
def test_refuses_a_profile_of_something_else(files: tuple[Path, Path], profile: str) -> None:
    with pytest.raises(ProfileExistsError, match="other credentials"):
        write_profile(files, ACCESS, profile)
    assert files[0].read_text() == CONFIG
    assert files[1].read_text() == CREDENTIALS


@pytest.mark.parametrize("profile", ["default", "role"])
def test_replaces_it_when_asked_and_keeps_copies(
    files: tuple[Path, Path], profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_profile(files, ACCESS, profile, force=True)
    assert [path.read_text() for path in written.backups] == [CONFIG, CREDENTIALS]
    session = _session(files, profile, monkeypatch)
    assert session.get_credentials().access_key == "AKIAHANSA"
    assert session.get_config_variable("region") == "us-east-1"
    assert ("output" in session.get_scoped_config()) == (profile == "default")


def test_a_second_replacement_keeps_the_first_copies(files: tuple[Path, Path]) -> None:
    write_profile(files, ACCESS, "default", force=True)
    other = Access("http://127.0.0.1:9999", "us-east-1", "AKIAOTHER", "other")
    with pytest.raises(ProfileExistsError, match="another endpoint"):
        write_profile(files, other, "default")
    write_profile(files, other, "default", force=True)
    assert files[1].with_name("credentials.before-hansa").read_text() == CREDENTIALS
    assert files[1].with_name("credentials.before-hansa-1").exists()


def test_takes_a_new_key_of_the_same_installation(files: tuple[Path, Path]) -> None:
    write_profile(files, ACCESS)
    write_profile(files, Access(ACCESS.url, "us-east-1", "AKIANEW", "new"))
    assert "AKIANEW" in files[1].read_text()
    assert "AKIAHANSA" not in files[1].read_text()


def test_follows_a_symbolic_link(files: tuple[Path, Path], tmp_path: Path) -> None:
    real = tmp_path / "dotfiles"
    files[0].rename(real)
    files[0].symlink_to(real)
    write_profile(files, ACCESS)
    assert files[0].is_symlink()
    assert "endpoint_url" in real.read_text()


@pytest.mark.parametrize("name", ["", "a]b", "a\nb", 'a"b'])
def test_refuses_impossible_names(files: tuple[Path, Path], name: str) -> None:
    with pytest.raises(ValueError, match="profile"):
        write_profile(files, ACCESS, name)


def test_finds_the_users_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    own = {"AWS_CONFIG_FILE": "/elsewhere/config"}
    assert user_files(own, tmp_path, data)[0] == Path("/elsewhere/config")
    shell = {"AWS_CONFIG_FILE": str(data / "clients" / "config")}
    assert user_files(shell, tmp_path, data)[0] == tmp_path / ".aws" / "config"


def test_the_secret_is_not_shown() -> None:
    assert "secret" not in repr(ACCESS).replace("secret_access_key", "")
