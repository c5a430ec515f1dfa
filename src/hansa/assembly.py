"""One installation put together: every part made once and handed to those who need it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from hansa.awsapi.hansafabric import HansaFabricOperations
from hansa.awsapi.managedblockchain import ManagedBlockchainOperations
from hansa.delivery.commands import Commands
from hansa.delivery.courier import Courier
from hansa.delivery.retention import Retention
from hansa.delivery.webhooks import Webhooks
from hansa.domain.chaincode import PROPAGATED_ENVIRONMENT
from hansa.domain.endpoints import Endpoints
from hansa.domain.events import RetryLimits, TargetKind
from hansa.domain.workload import Program
from hansa.drivers.local import LocalDriver
from hansa.drivers.local.hosts import choose_names
from hansa.engine import Engine, locate_engine
from hansa.fabric.local import LocalFabric
from hansa.fabric.local_chaincodes import LocalChaincodes
from hansa.fabric.local_identities import LocalIdentities
from hansa.fabric.local_ledgers import LocalLedgers
from hansa.fabric.local_revocations import LocalRevocations
from hansa.fabric.local_transactions import LocalTransactions
from hansa.fabric.materials import Materials
from hansa.fabric.reach import Reach
from hansa.fabric.tools import FabricTools
from hansa.iam.first import ensure_administrator, installation_id, restore_administrator_file
from hansa.operations.context import OperationContext
from hansa.operations.fabric_service import hansa_fabric
from hansa.operations.identity import Identity, open_identity
from hansa.operations.packages import package_file
from hansa.operations.reservations import reserve_again
from hansa.operations.service import managed_blockchain
from hansa.reconcile.bell import Bell
from hansa.reconcile.chaincode_plans import ChaincodePlans
from hansa.reconcile.channel_plans import ChannelPlans
from hansa.reconcile.identity_plans import IdentityPlans
from hansa.reconcile.performer import Performer, Planner
from hansa.reconcile.plan import Patience
from hansa.reconcile.reconciler import Reconciler, Rounds
from hansa.reconcile.sweep import Sweep
from hansa.reconcile.worker import Worker
from hansa.settings import Settings
from hansa.store.audit import AuditRecord, open_audit
from hansa.store.database import Store, open_store

WORKERS = 4
PERFORMERS = 3
COURIERS = 4
_DAYS_MAX = 100 * 365


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What the service runs."""

    settings: Settings
    store: Store
    driver: LocalDriver
    fabric: LocalFabric
    reach: Reach
    operations: ManagedBlockchainOperations
    fabric_operations: HansaFabricOperations
    reconciler: Reconciler
    identity: Identity
    audit: AuditRecord
    webhooks: Webhooks
    commands: Commands


def assemble(settings: Settings, environment: Mapping[str, str]) -> Parts:
    """All parts of the installation in ``settings.data_dir``; nothing is started yet.

    Makes the store, the account and the administrator's key at the first start. Raises
    ``hansa.engine.EngineMissingError``, ``hansa.store.database.SchemaError`` and the like, each
    with a text for a person.
    """
    data_dir = settings.data_dir
    engine = locate_engine(environment)
    store = open_store(data_dir / "hansa.db", data_dir / "secrets" / "store.key")
    own_id = installation_id(store, now(), secrets.choice)
    administrator = data_dir / "administrator.json"
    if not ensure_administrator(store, administrator, now(), secrets.choice):
        restore_administrator_file(store, administrator)
    driver, endpoints = _driver(settings, own_id, engine, environment)
    fabric = LocalFabric(
        settings, endpoints, engine, driver.place, now, _chaincode_environment(environment)
    )
    materials, tls_chain = Materials(data_dir), fabric.tls_chain()
    reach = Reach(materials, driver.place, tls_chain, secrets.token_bytes, now)
    identities = LocalIdentities(materials, driver.place, tls_chain, now, LocalRevocations(reach))
    ledgers, chaincodes = LocalLedgers(reach, FabricTools(engine)), LocalChaincodes(reach)
    bell = Bell()
    context = OperationContext(
        store=store,
        settings=settings,
        endpoints=endpoints,
        now=now,
        choice=secrets.choice,
        port_is_free=driver.port_is_free,
        wake=bell.ring,
    )
    webhooks, commands = Webhooks(now), Commands(environment.get("HOME", str(Path.home())))
    delivery = _delivery(settings, store, webhooks, commands)
    planners = {
        **ChannelPlans(ledgers, fabric, driver, endpoints).planners(),
        **ChaincodePlans(ledgers, chaincodes, partial(package_file, context)).planners(),
        **IdentityPlans(ledgers, identities, store.cipher).planners(),
    }
    return Parts(
        settings=settings,
        store=store,
        driver=driver,
        fabric=fabric,
        reach=reach,
        operations=managed_blockchain(context),
        fabric_operations=hansa_fabric(
            context, ledgers, chaincodes, LocalTransactions(reach), identities
        ),
        reconciler=_reconciler(context, driver, fabric, planners, bell, delivery),
        identity=open_identity(store, now, secrets.choice),
        audit=_open_audit(settings),
        webhooks=webhooks,
        commands=commands,
    )


def _open_audit(settings: Settings) -> AuditRecord:
    data_dir, keep = settings.data_dir, _days(settings.audit_days)
    return open_audit(data_dir / "audit.db", data_dir / "secrets" / "store.key", keep)


def _days(days: int) -> timedelta | None:
    """How long to keep something; None is for ever."""
    return timedelta(days=min(days, _DAYS_MAX)) if days > 0 else None


def _driver(
    settings: Settings, own_id: str, engine: Engine, environment: Mapping[str, str]
) -> tuple[LocalDriver, Endpoints]:
    choice = choose_names(
        settings.names, settings.domain, settings.region, settings.hosts_file, own_id
    )
    driver = LocalDriver(
        directory=settings.data_dir / "workloads",
        installation_id=own_id,
        engine_directory=engine.root,
        find_program=lambda program: find_program(engine, program),
        hosts=choice.hosts,
        log_bytes_max=settings.log_bytes_max,
        log_files_max=settings.log_files_max,
        environment={
            "HOME": environment.get("HOME", str(Path.home())),
        },
        internal_host="127.0.0.1",
    )
    return driver, Endpoints(settings.region, settings.domain, choice.named)


def find_program(engine: Engine, program: Program) -> Path:
    return engine.binary(program.value)


def _chaincode_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the service's environment says about package registries, for chaincode builds."""
    own = {"HOME", "PATH", "TMPDIR"}
    return {
        name: environment[name]
        for name in PROPAGATED_ENVIRONMENT
        if name not in own and not name.startswith("HANSA_") and environment.get(name)
    }


def _reconciler(
    context: OperationContext,
    driver: LocalDriver,
    fabric: LocalFabric,
    planners: Mapping[str, Planner],
    bell: Bell,
    delivery: Sequence[Rounds],
) -> Reconciler:
    settings, store = context.settings, context.store
    patience = Patience(settings.create_seconds_max, settings.unhealthy_seconds)
    workers = [
        Worker(
            f"{os.getpid()}-{number}",
            store,
            driver,
            fabric,
            now,
            patience,
            lambda session, resource_id, port: reserve_again(context, session, resource_id, port),
        )
        for number in range(WORKERS)
    ]
    performers = [
        Performer(
            f"{os.getpid()}-performer-{number}",
            store,
            planners,
            now,
            settings.operation_seconds_max,
        )
        for number in range(PERFORMERS)
    ]
    sweep = Sweep(store, driver, fabric, now)
    return Reconciler([*workers, *performers, *delivery], sweep, bell, now)


def _delivery(
    settings: Settings, store: Store, webhooks: Webhooks, commands: Commands
) -> list[Rounds]:
    """What brings events to their targets."""
    limits = RetryLimits(settings.event_attempts_max, settings.event_retry_seconds_max)
    senders = {TargetKind.WEBHOOK: webhooks.send, TargetKind.COMMAND: commands.send}
    draw = secrets.SystemRandom().random
    couriers = [Courier(store, senders, limits, now, draw) for _ in range(COURIERS)]
    keep = _days(settings.event_days)
    return [*couriers, *([] if keep is None else [Retention(store, keep, now)])]
