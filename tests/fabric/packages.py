"""Chaincode packages as peers unpack them, small enough to read, and the builders' stubs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hansa.domain.chaincode import BUILD_LOGS, PROPAGATED_ENVIRONMENT

EXAMPLE_PATH = "github.com/chaincode_example02/go"

GOPATH_1X = """package main

import (
	"fmt"
	"strconv"

	"github.com/golang/protobuf/proto"
	"github.com/hyperledger/fabric/core/chaincode/lib/cid"
	"github.com/hyperledger/fabric/core/chaincode/shim"
	"github.com/hyperledger/fabric/core/chaincode/shim/ext/statebased"
	"github.com/hyperledger/fabric/protos/msp"
	pb "github.com/hyperledger/fabric/protos/peer"
)

var logger = shim.NewLogger("example")

type SimpleChaincode struct{}

func (t *SimpleChaincode) Init(stub shim.ChaincodeStubInterface) pb.Response {
	_, args := stub.GetFunctionAndParameters()
	value, err := strconv.Atoi(args[1])
	if err != nil {
		return shim.Error(err.Error())
	}
	if err := stub.PutState(args[0], []byte(strconv.Itoa(value))); err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(nil)
}

func (t *SimpleChaincode) Invoke(stub shim.ChaincodeStubInterface) pb.Response {
	logger.Infof("invoked %s", stub.GetTxID())
	creator, _ := stub.GetCreator()
	identity := &msp.SerializedIdentity{}
	if err := proto.Unmarshal(creator, identity); err != nil {
		return shim.Error(err.Error())
	}
	id, _ := cid.GetMSPID(stub)
	policy, _ := statebased.NewStateEP(nil)
	if policy == nil || id != identity.Mspid {
		return pb.Response{Status: shim.ERROR}
	}
	return shim.Success([]byte(id))
}

func main() {
	shim.SetLoggingLevel(shim.LogError)
	if err := shim.Start(new(SimpleChaincode)); err != nil {
		fmt.Printf("Error starting Simple chaincode: %s", err)
	}
}
"""

PLAIN_MODULE = "module example.com/plain\n\ngo 1.21\n"

PRY = """package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	if _, err := os.ReadFile("%s"); err != nil {
		fmt.Println("key hidden")
	} else {
		fmt.Println("key read")
	}
	if _, err := os.ReadFile(os.Getenv("CORE_PEER_TLS_ROOTCERT_FILE")); err != nil {
		fmt.Println("root certificate not readable:", err)
	}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	fmt.Println("processes", len(processes), os.Getenv("CORE_CHAINCODE_ID_NAME"), os.Args[1])
	fmt.Println("ready")
	<-ended
	fmt.Println("got SIGTERM")
	os.Exit(3)
}
"""

CONTRACT_JS = """'use strict';
const { Contract } = require('fabric-contract-api');
class AssetContract extends Contract {
    async read(ctx, id) { return (await ctx.stub.getState(id)).toString(); }
}
module.exports = AssetContract;
"""

SHIM_JS = """'use strict';
const shim = require('fabric-shim');
const fs = require('fs');
process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(3); });
console.log(typeof shim.start, process.argv.slice(2).join(' '));
const pem = Buffer.from(fs.readFileSync(process.env.CORE_TLS_CLIENT_CERT_PATH, 'utf8'), 'base64');
console.log(pem.toString().split('\\n')[0]);
console.log(fs.existsSync('%s') ? 'key read' : 'key hidden');
console.log('ready');
setInterval(() => {}, 1000);
"""


def self_signed() -> tuple[str, str]:
    """A certificate and its key, as PEM, that a TLS library takes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


@dataclass
class Peer:
    """What a peer does with a builder: a package in its temporary directory, and the phases."""

    builder: Path
    directory: Path
    sandbox: str = "auto"

    @property
    def source(self) -> Path:
        return self.directory / "source"

    @property
    def output(self) -> Path:
        return self.directory / "output"

    @property
    def log(self) -> Path:
        return self.directory / BUILD_LOGS / "mycc.log"

    def unpack(self, language: str, path: str, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.source / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        metadata = self.directory / "metadata"
        metadata.mkdir(exist_ok=True)
        (metadata / "metadata.json").write_text(
            json.dumps({"type": language, "path": path, "label": "mycc"})
        )
        self.output.mkdir(exist_ok=True)

    def environment(self, **changes: str) -> dict[str, str]:
        propagated = {
            name: os.environ[name] for name in PROPAGATED_ENVIRONMENT if name in os.environ
        }
        return {
            **propagated,
            "TMPDIR": str(self.directory),
            "HANSA_CHAINCODE_SANDBOX": self.sandbox,
            **changes,
        }

    def call(
        self, phase: str, *directories: Path, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.builder / "bin" / phase, *directories],
            env=self.environment(**changes),
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def detect(self) -> bool:
        return self.call("detect", self.source, self.directory / "metadata").returncode == 0

    def build(self, **changes: str) -> subprocess.CompletedProcess[str]:
        return self.call("build", self.source, self.directory / "metadata", self.output, **changes)

    def run(self, *, between: bool = False) -> subprocess.Popen[str]:
        """Start the chaincode; its output can be read from ``stderr``, as a peer does.

        ``between``: what is returned is not the builder, but a process that has started it.
        """
        shell = ["/bin/sh", "-c", '"$@"; exit', "sh"] if between else []
        launch = self.directory / "launch"
        launch.mkdir(exist_ok=True)
        certificate, key = self_signed()
        facts = {
            "chaincode_id": "mycc:v0",
            "peer_address": "127.0.0.1:1",
            "client_cert": certificate,
            "client_key": key,
            "root_cert": certificate,
            "mspid": "m-1",
        }
        (launch / "chaincode.json").write_text(json.dumps(facts))
        return subprocess.Popen(
            [*shell, self.builder / "bin" / "run", self.output, launch],
            env=self.environment(),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


def archive(entries: Mapping[str, bytes | tarfile.TarInfo]) -> bytes:
    """A tar with gzip; entries that are no content are headers."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, data in entries.items():
            if isinstance(data, tarfile.TarInfo):
                tar.addfile(data)
                continue
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def pack(target: Path, label: str, kind: str, files: Mapping[str, str]) -> str:
    """A package of the new lifecycle, as any developer can make one with tar."""
    code = archive({name: text.encode() for name, text in files.items()})
    return pack_code(target, label, kind, code)


def pack_code(target: Path, label: str, kind: str, code: bytes) -> str:
    metadata = json.dumps({"type": kind, "label": label, "path": ""}).encode()
    target.write_bytes(archive({"metadata.json": metadata, "code.tar.gz": code}))
    return str(target)


def read_until(process: subprocess.Popen[str], word: str) -> list[str]:
    """Lines of standard error up to the one with ``word``, or to the end."""
    lines: list[str] = []
    assert process.stderr
    for line in process.stderr:
        lines.append(line.rstrip("\n"))
        if word in line:
            break
    return lines


def running_below(directory: Path | str) -> list[str]:
    """Command lines of the processes that run something of ``directory``."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(directory) in line:
            found.append(line)
    return found


@contextmanager
def serving(directory: Path) -> Iterator[tuple[str, list[str]]]:
    """The URL of a registry with what is in ``directory``, and the paths that it is asked for."""
    asked: list[str] = []

    class Registry(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None: ...

    handler = partial(Registry, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()
