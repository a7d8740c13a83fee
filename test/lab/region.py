"""Stand-in for MAAS 1.9's region: /MAAS/rpc/ on port 80, AMP on 5250, rows in `eventloops`.

Every answer of /MAAS/rpc/ comes from the database through the virtual address, so a region without a
database (the passive one: pgpool's fence refuses it) answers 500.
"""

import argparse
import hashlib
import hmac
import json
import os
import select
import socket
import sys
import time

import psycopg2
import psycopg2.extensions
from twisted.internet import defer, reactor, task, threads
from twisted.internet.protocol import Factory
from twisted.protocols import amp
from twisted.python import log
from twisted.web import resource, server

DATABASE_PATIENCE = 4  # seconds for one whole visit to the database
REFRESH = 3  # seconds; MAAS: 60
STALE = "30 seconds"  # after which another loop's rows are dropped; MAAS: 5 minutes


class Identify(amp.Command):
    arguments = []
    response = [(b"ident", amp.Unicode())]


class Authenticate(amp.Command):
    arguments = [(b"message", amp.String())]
    response = [(b"digest", amp.String()), (b"salt", amp.String())]


def digest(secret, message, salt):
    return hmac.new(secret, message + salt, hashlib.sha256).digest()


class Region(amp.AMP):
    """One connection of a cluster (or of a monitor, which never answers our questions)."""

    @defer.inlineCallbacks
    def greet(self):
        ident = (yield self.callRemote(Identify))["ident"]
        message = os.urandom(16)
        answer = yield self.callRemote(Authenticate, message=message)
        if hmac.compare_digest(answer["digest"], digest(self.factory.secret, message, answer["salt"])):
            log.msg(f"Cluster '{ident}' authenticated.")
        else:
            log.msg(f"Cluster '{ident}' FAILED authentication; dropping connection.")
            self.transport.loseConnection()

    def connectionMade(self):
        super().connectionMade()
        # Whoever hangs up without an answer is no error.
        self.greet().addErrback(lambda failure: log.msg(f"not greeted: {failure.value!r}"))

    @Identify.responder
    def identify(self):
        return {"ident": self.factory.name}

    @Authenticate.responder
    def authenticate(self, message):
        salt = os.urandom(16)
        return {"digest": digest(self.factory.secret, message, salt), "salt": salt}


def has_address(address):
    """Whether this host holds an address: only its own can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def visit(dsn, statements):
    """Runs statements in one transaction, within a deadline that also ends a visit to a frozen server.

    @return the rows of the last statement
    """
    end = time.monotonic() + DATABASE_PATIENCE
    connection = psycopg2.connect(dsn, async_=True)
    try:
        wait(connection, end)
        cursor = connection.cursor()
        rows = []
        for text, values in [("BEGIN", ()), *statements, ("COMMIT", ())]:
            cursor.execute(text, values)
            wait(connection, end)
            if cursor.description is not None:
                rows = cursor.fetchall()
        return rows
    finally:
        connection.close()


def wait(connection, end):
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        reading = [connection] if state == psycopg2.extensions.POLL_READ else []
        writing = [connection] if state == psycopg2.extensions.POLL_WRITE else []
        if not any(select.select(reading, writing, [], max(0, end - time.monotonic()))):
            raise TimeoutError(f"no answer from the database within {DATABASE_PATIENCE} s")


class Eventloops:
    """The rows that say which loops listen where."""

    def __init__(self, options):
        self.name = f"{options.name}:pid={os.getpid()}"
        self.options = options
        self.dsn = (
            f"host={options.vip} port=9999 dbname=maasdb user=maas "
            f"password={options.password} connect_timeout=3"
        )

    def refresh(self):
        addresses = [self.options.address]
        if has_address(self.options.vip):
            addresses.append(self.options.vip)
        statements = [
            (
                "DELETE FROM eventloops WHERE name = %s OR host(address) = ANY(%s)"
                f" OR updated < now() - interval '{STALE}'",
                (self.name, addresses),
            )
        ]
        for address in addresses:
            statements.append(
                (
                    "INSERT INTO eventloops (name, address, port) VALUES (%s, %s, 5250)",
                    (self.name, address),
                )
            )
        visit(self.dsn, statements)

    def listed(self):
        query = "SELECT name, host(address), port FROM eventloops ORDER BY 1, 2, 3"
        loops = {}
        for name, address, port in visit(self.dsn, [(query, ())]):
            loops.setdefault(name, []).append([address, port])
        return loops


class RpcInfo(resource.Resource):
    isLeaf = True

    def __init__(self, loops):
        super().__init__()
        self.loops = loops

    def render_GET(self, request):
        gone = []
        request.notifyFinish().addErrback(gone.append)

        def send(code, body, kind):
            if gone:
                return
            request.setResponseCode(code)
            request.setHeader(b"content-type", kind)
            request.write(body.encode())
            request.finish()

        def listed(loops):
            send(200, json.dumps({"eventloops": loops}), b"application/json")

        def failed(failure):
            send(500, f"{failure.type.__name__}: {failure.value}\n", b"text/plain")

        threads.deferToThread(self.loops.listed).addCallbacks(listed, failed)
        return server.NOT_DONE_YET


class Text(resource.Resource):
    isLeaf = True

    def __init__(self, body):
        super().__init__()
        self.body = body

    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return self.body


def site(loops):
    maas, accounts, root = resource.Resource(), resource.Resource(), resource.Resource()
    root.putChild(b"MAAS", maas)
    maas.putChild(b"rpc", RpcInfo(loops))
    maas.putChild(b"accounts", accounts)
    accounts.putChild(b"login", Text(b"<!DOCTYPE html><title>Login | MAAS</title>\n"))
    return server.Site(root)


def main():
    parser = argparse.ArgumentParser()
    for name in ("name", "address", "vip", "password", "secret-file"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    log.startLogging(sys.stdout)
    loops = Eventloops(options)
    with open(options.secret_file) as file:
        secret = bytes.fromhex(file.read().strip())
    rpc = Factory.forProtocol(Region)
    rpc.noisy = False
    rpc.secret, rpc.name = secret, loops.name
    reactor.listenTCP(5250, rpc)
    reactor.listenTCP(80, site(loops))

    def refresh():
        visiting = threads.deferToThread(loops.refresh)
        return visiting.addErrback(lambda failure: log.msg(f"not advertised: {failure.value}"))

    task.LoopingCall(refresh).start(REFRESH)
    reactor.run()


if __name__ == "__main__":
    main()
