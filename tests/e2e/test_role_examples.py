"""Examples as people copy them, against a role of a running service: Python, and Node.js.

They are run as they stand but for what their text leaves open: the placeholders, and the "further
AMB API calls", which come after their last line. The Node.js example says of itself that it has to
be changed for the temporary credentials of a role: so it is given the session token. It names no
endpoint, and that version of the SDK reads none from the environment.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import installation_in, stop
from tests.e2e.doctor import READ_ONLY, Environment, Key, World, bad
from tests.e2e.installation import told

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

EXAMPLES = Path(__file__).parent / "role"
SDK = Path(__file__).parents[1] / "clients" / "js"
PYTHON_CALLS = "print(client.list_networks()['Networks'])\n"
NODE_CALLS = """managedblockchain.listNetworks({}, (fault, answer) => {
    if (fault) { console.error(`${fault.code}: ${fault.message}`); process.exit(1); }
    console.log(JSON.stringify(answer.Networks));
});
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    installation = installation_in(tmp_path_factory.mktemp("roles"), names="localhost")
    try:
        installation.up()
        yield World(installation, installation.home)
    finally:
        stop(installation)


@pytest.fixture(scope="module")
def sdk(world: World, npm_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the AWS SDK for JavaScript, as the lock file says."""
    directory = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SDK / name, directory)
    install = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    done = world.installation.run(install, {"npm_config_cache": str(npm_cache)}, cwd=directory)
    assert done.returncode == 0, told(done)
    return directory


def python(environment: Environment, role_arn: str) -> subprocess.CompletedProcess[str]:
    account, _, role = role_arn.removeprefix("arn:aws:iam::").partition(":role/")
    text = (EXAMPLES / "example1.py").read_text() + PYTHON_CALLS
    text = text.replace("<account_id>", account).replace("<role_name>", role)
    return subprocess.run(
        [sys.executable, "-c", text],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def node(environment: Environment, sdk: Path) -> subprocess.CompletedProcess[str]:
    text = (EXAMPLES / "example3.js").read_text() + NODE_CALLS
    text = text.replace("'YOUR_AWS_REGION'", "process.env.AWS_REGION")
    given = (
        "    sessionToken: process.env.AWS_SESSION_TOKEN,\n"
        "    endpoint: process.env.AWS_ENDPOINT_URL,\n"
    )
    (sdk / "example3.js").write_text(text.replace("    region:", f"{given}    region:"))
    quiet = {"AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1"}
    return subprocess.run(
        ["node", "example3.js"],
        env={**environment, **quiet},
        cwd=sdk, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_python_example_with_a_role(world: World) -> None:
    user = world.user()
    role = world.role(user.arn)
    done = python(world.shell(user), world.role_arn(role))
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), told(done)


def test_the_python_example_with_the_wrong_role_is_explained(world: World) -> None:
    """An incorrect RoleArn, then a role without permissions: what the example warns of."""
    user = world.user()
    role = world.role_arn(world.role(user.arn))
    wrong = role[:-2] + ("zz" if not role.endswith("zz") else "yy")
    environment = world.shell(user)
    done = python(environment, wrong)
    assert "(AccessDenied) when calling the AssumeRole operation" in done.stderr

    _, why = world.doctor(environment, "--explain", "last")
    assert (why["cause"], role in why["evidence"]) == ("role-unknown", True)


def test_the_python_example_with_a_role_that_may_nothing(world: World) -> None:
    user = world.user()
    role = world.role(user.arn)
    world.iam.detach_role_policy(RoleName=role, PolicyArn=READ_ONLY)
    environment = world.shell(user)
    done = python(environment, world.role_arn(role))
    assert "(AccessDeniedException) when calling the ListNetworks operation" in done.stderr

    _, why = world.doctor(environment, "--explain", "last")

    assert why["cause"] == "not-allowed"
    assert role in why["what"]
    world.mend(environment, why["command"])
    done = python(environment, world.role_arn(role))
    assert done.returncode == 0, told(done)


def test_the_node_example_with_a_user_and_with_a_role(world: World, sdk: Path) -> None:
    user = world.user(READ_ONLY)
    session = world.session(world.role())
    for key in (user, session):
        done = node(world.shell(key), sdk)
        assert (done.returncode, json.loads(done.stdout or "null")) == (0, []), told(done)


def test_the_node_example_without_the_token_is_explained(world: World, sdk: Path) -> None:
    """As the example stands: it takes the id and the secret of a session, and no token."""
    session = world.session(world.role())
    environment = world.shell(session, AWS_SESSION_TOKEN=None)
    done = node(environment, sdk)
    assert "UnrecognizedClientException" in done.stderr
    (found,) = bad(world.doctor(environment))
    assert found["cause"] == "token-missing"
    mended = world.mend(environment, found["command"])
    done = node(mended, sdk)
    assert done.returncode == 0, told(done)


def test_the_node_example_with_a_typo_in_a_variable_is_explained(world: World, sdk: Path) -> None:
    user: Key = world.user(READ_ONLY)
    environment = world.shell(user, AWS_ACCESS_KEY_ID=None, AWS_ACESS_KEY_ID=user.access_key_id)
    assert node(environment, sdk).returncode != 0
    (found,) = bad(world.doctor(environment))
    assert found["cause"] == "variable-misspelt"
    done = node(world.mend(environment, found["command"]), sdk)
    assert done.returncode == 0, told(done)
