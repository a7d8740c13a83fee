"""Stand-in for a MAAS 1.9 cluster controller: keeps one AMP connection to every advertised event loop.

Writes what it is connected to into a file, since nothing else in MAAS 1.x tells.
"""

import argparse
import hashlib
import hmac
import json
import os
import socket
import sys
import time

from twisted.internet import endpoints, reactor, task
from twisted.internet.protocol import Factory
from twisted.protocols import amp
from twisted.python import log
from twisted.web import client

client._HTTP11ClientFactory.noisy = False  # two lines a poll

POLL = 2  # seconds; MAAS: 2 when alone, 30 when fully connected
PATIENCE = 5


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


class Cluster(amp.AMP):
    def connectionMade(self):
        super().connectionMade()
        # A host that lost its link says nothing: let the kernel find out, within 11 s.
        self.transport.setTcpKeepAlive(1)
        handle = self.transport.getHandle()
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)

    @Identify.responder
    def identify(self):
        return {"ident": self.factory.uuid}

    @Authenticate.responder
    def authenticate(self, message):
        salt = os.urandom(16)
        digest = hmac.new(self.factory.secret, message + salt, hashlib.sha256).digest()
        return {"digest": digest, "salt": salt}

    @ListBootImages.responder
    def list_boot_images(self):
        return {"images": [{"architecture": "amd64", "label": "release"}]}

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.factory.lost(self)


class Connections(Factory):
    """The connections, one a loop, and the file that lists them."""

    protocol = Cluster
    noisy = False

    def __init__(self, uuid, secret, vip, state):
        self.uuid, self.secret, self.state = uuid, secret, state
        self.url = f"http://{vip}/MAAS/rpc/".encode()
        self.agent = client.Agent(reactor, connectTimeout=PATIENCE)
        self.connected, self.trying = {}, set()

    def poll(self):
        self.write()
        asking = self.agent.request(b"GET", self.url).addCallback(self.read)
        asking.addTimeout(PATIENCE, reactor)
        return asking.addErrback(lambda failure: log.msg(f"no list: {failure.value}"))

    def read(self, response):
        if response.code != 200:
            raise ValueError(f"HTTP {response.code}")
        return client.readBody(response).addCallback(lambda body: self.follow(json.loads(body)))

    def follow(self, answer):
        loops = answer["eventloops"]
        if loops is None:  # the region does not know yet
            return
        for name in [name for name in self.connected if name not in loops]:
            log.msg(f"{name} is no longer advertised")
            self.connected.pop(name).transport.loseConnection()
        for name, addresses in loops.items():
            if name not in self.connected and name not in self.trying:
                self.connect(name, addresses)

    def connect(self, name, addresses):
        self.trying.add(name)
        (address, port), *others = addresses

        def made(protocol):
            log.msg(f"connected to {name} at {address}")
            self.trying.discard(name)
            self.connected[name] = protocol
            self.write()

        def failed(failure):
            log.msg(f"{name} at {address}: {failure.value}")
            self.trying.discard(name)
            if others:
                self.connect(name, others)

        endpoint = endpoints.TCP4ClientEndpoint(reactor, address, port, timeout=PATIENCE)
        endpoint.connect(self).addCallbacks(made, failed)

    def lost(self, protocol):
        for name in [name for name, other in self.connected.items() if other is protocol]:
            log.msg(f"lost {name}")
            del self.connected[name]
        self.write()

    def write(self):
        content = {"uuid": self.uuid, "at": time.time(), "connected": sorted(self.connected)}
        with open(f"{self.state}.new", "w") as file:
            json.dump(content, file)
        os.replace(f"{self.state}.new", self.state)


def main():
    parser = argparse.ArgumentParser()
    for name in ("uuid", "vip", "secret-file", "state"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    log.startLogging(sys.stdout)
    with open(options.secret_file) as file:
        secret = bytes.fromhex(file.read().strip())
    connections = Connections(options.uuid, secret, options.vip, options.state)
    task.LoopingCall(connections.poll).start(POLL)
    reactor.run()


if __name__ == "__main__":
    main()
