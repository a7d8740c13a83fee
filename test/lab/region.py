"""Stand-in for MAAS 1.9's region: /MAAS/ on 127.0.0.1:5240 for the web server before it, AMP on 5250, rows
in `eventloops`.

Every answer but the version needs the database through the virtual address, so a region without one (the
passive one: pgpool's fence refuses it) answers 500.

`pxeconfig` asks the cluster for its boot images, over the connection that the cluster keeps, as 1.9 does.
While the file --stuck exists, a region that met a database that refused it never asks again; while --deaf
does, nobody listens on 5240; while --slow does, every answer below /MAAS/ comes late.
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
LATE = 2.5  # seconds
WEB = 5240


class Identify(amp.Command):
    arguments = []
    response = [(b"ident", amp.Unicode())]


class Authenticate(amp.Command):
    arguments = [(b"message", amp.String())]
    response = [(b"digest", amp.String()), (b"salt", amp.String())]


class ListBootImages(amp.Command):
    arguments = []
    response = [
        (b"images", amp.AmpList([(b"architecture", amp.Unicode()), (b"label", amp.Unicode())])),
    ]


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
            if self.transport.connected:
                self.factory.clusters.setdefault(ident, []).append(self)
        else:
            log.msg(f"Cluster '{ident}' FAILED authentication; dropping connection.")
            self.transport.loseConnection()

    def connectionMade(self):
        super().connectionMade()
        # Whoever hangs up without an answer is no error.
        self.greet().addErrback(lambda failure: log.msg(f"not greeted: {failure.value!r}"))

    def connectionLost(self, reason):
        super().connectionLost(reason)
        for connections in self.factory.clusters.values():
            if self in connections:
                connections.remove(self)

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


class Database:
    """The way to the database, and the rows that say which loops listen where."""

    def __init__(self, options):
        self.name = f"{options.name}:pid={os.getpid()}"
        self.options = options
        self.lost = None
        self.dsn = (
            f"host={options.vip} port=9999 dbname=maasdb user=maas "
            f"password={options.password} connect_timeout=3"
        )

    def visit(self, statements):
        if self.lost is not None:
            raise self.lost
        try:
            return visit(self.dsn, statements)
        except psycopg2.OperationalError as error:
            if os.path.exists(self.options.stuck):
                self.lost = error
            raise

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
        self.visit(statements)

    def listed(self):
        query = "SELECT name, host(address), port FROM eventloops ORDER BY 1, 2, 3"
        loops = {}
        for name, address, port in self.visit([(query, ())]):
            loops.setdefault(name, []).append([address, port])
        return {"eventloops": loops}

    def answers(self):
        self.visit([("SELECT 1", ())])


class Answer(resource.Resource):
    """A page that is worked out while the asker waits: `work(request)` gives JSON, maybe later."""

    isLeaf = True

    def __init__(self, work, slow):
        super().__init__()
        self.work, self.slow = work, slow

    def render_GET(self, request):
        gone = []
        request.notifyFinish().addErrback(gone.append)
        late = LATE if os.path.exists(self.slow) else 0

        def send(code, body, kind):
            if gone:
                return
            request.setResponseCode(code)
            request.setHeader(b"content-type", kind)
            request.write(body.encode())
            request.finish()

        def good(answer):
            if isinstance(answer, str):
                send(200, answer, b"text/html; charset=utf-8")
            else:
                send(200, json.dumps(answer), b"application/json")

        def failed(failure):
            if failure.check(LookupError):
                send(404, "Not Found", b"text/plain")
            else:
                send(500, f"{failure.type.__name__}: {failure.value}\n", b"text/plain")

        task.deferLater(reactor, late, self.work, request).addCallbacks(good, failed)
        return server.NOT_DONE_YET


NO_CONNECTION = 1  # seconds to wait for a cluster that is not connected, as MAAS does
NO_ANSWER = 30  # seconds to wait for one that is


class Api:
    """The two pages of api/1.0 that are open to everybody."""

    def __init__(self, database, rpc, clusters):
        self.database, self.rpc = database, rpc
        self.clusters = dict(pair.split("=") for pair in clusters.split(","))

    @defer.inlineCallbacks
    def nodegroups(self, request):
        yield threads.deferToThread(self.database.answers)
        return [
            {"uuid": uuid, "status": 1, "name": "maas3", "cluster_name": name}
            for name, uuid in self.clusters.items()
        ]

    @defer.inlineCallbacks
    def pxeconfig(self, request):
        yield threads.deferToThread(self.database.answers)
        value = {key.decode(): values[0].decode() for key, values in request.args.items()}
        if value["cluster_uuid"] not in self.clusters.values():
            raise LookupError("no such cluster")
        images = yield self.images(value["cluster_uuid"])
        labels = [one["label"] for one in images if one["architecture"] == value["arch"]]
        return {"arch": value["arch"], "label": labels[0] if labels else "no-such-image"}

    @defer.inlineCallbacks
    def images(self, uuid):
        if not self.rpc.clusters.get(uuid):
            yield task.deferLater(reactor, NO_CONNECTION, lambda: None)
        connections = self.rpc.clusters.get(uuid)
        if not connections:
            log.msg(f"Unable to get boot images: no connection to cluster '{uuid}'")
            return []
        try:
            answer = connections[-1].callRemote(ListBootImages).addTimeout(NO_ANSWER, reactor)
            return (yield answer)["images"]
        except Exception as error:
            log.msg(f"Unable to get boot images of cluster '{uuid}': {error!r}")
            return []


LOGIN = "<!DOCTYPE html><title>Login | MAAS</title>\n"


def site(options, database, api):
    root = resource.Resource()

    def put(path, work):
        *folders, name = path.split("/")
        at = root
        for folder in folders:
            if folder.encode() not in at.children:
                at.putChild(folder.encode(), resource.Resource())
            at = at.children[folder.encode()]
        at.putChild(name.encode(), Answer(work, options.slow))

    def login(_):
        return threads.deferToThread(database.answers).addCallback(lambda _: LOGIN)

    put("MAAS/rpc", lambda _: threads.deferToThread(database.listed))
    put("MAAS/api/1.0/version", lambda _: {"version": "1.9.5", "subversion": ""})
    put("MAAS/api/1.0/nodegroups", api.nodegroups)
    put("MAAS/api/1.0/pxeconfig", api.pxeconfig)
    put("MAAS/accounts/login", login)
    return server.Site(root)


class Web:
    """The pages, as long as nobody wants them to be deaf."""

    def __init__(self, pages, deaf):
        self.pages, self.deaf, self.port = pages, deaf, None

    def listen(self):
        if os.path.exists(self.deaf):
            if self.port is not None:
                self.port.stopListening()
                self.port = None
        elif self.port is None:
            self.port = reactor.listenTCP(WEB, self.pages, interface="127.0.0.1")


def main():
    parser = argparse.ArgumentParser()
    for name in ("name", "address", "vip", "password", "secret-file", "clusters", "stuck", "deaf", "slow"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    log.startLogging(sys.stdout)
    database = Database(options)
    with open(options.secret_file) as file:
        secret = bytes.fromhex(file.read().strip())
    rpc = Factory.forProtocol(Region)
    rpc.noisy = False
    rpc.secret, rpc.name, rpc.clusters = secret, database.name, {}
    reactor.listenTCP(5250, rpc)
    pages = site(options, database, Api(database, rpc, options.clusters))
    task.LoopingCall(Web(pages, options.deaf).listen).start(0.5)

    def refresh():
        visiting = threads.deferToThread(database.refresh)
        return visiting.addErrback(lambda failure: log.msg(f"not advertised: {failure.value}"))

    task.LoopingCall(refresh).start(REFRESH)
    reactor.run()


if __name__ == "__main__":
    main()
