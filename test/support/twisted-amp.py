"""An AMP peer on real Twisted that greets like MAAS 1.9.5 (`1`) or like MAAS 3.5 (`2`).

Usage: twisted-amp.py GENERATION SECRET-HEX. Prints its port, then one line for all that it is asked or
answered; ends when its standard input is closed.
"""
import hashlib
import hmac
import os
import sys

from twisted.internet import protocol, reactor, stdio
from twisted.protocols import amp

GENERATION, SECRET = sys.argv[1], bytes.fromhex(sys.argv[2])


def tell(line):
    print(line, flush=True)


class Identify(amp.Command):
    response = [(b"ident", amp.Unicode())]


class Authenticate(amp.Command):
    arguments = [(b"message", amp.String())]
    response = [(b"digest", amp.String()), (b"salt", amp.String())]


class Region(amp.AMP):
    def connectionMade(self):
        super().connectionMade()
        if GENERATION == "1":
            asked = self.callRemote(Identify)
        else:
            asked = self.callRemote(Authenticate, message=os.urandom(16))
        asked.addCallbacks(lambda _: tell("answered"), lambda _: None)

    def connectionLost(self, reason):
        super().connectionLost(reason)
        tell("closed")

    @Identify.responder
    def identify(self):
        tell("asked Identify")
        return {"ident": "region-a:pid=4242"}

    @Authenticate.responder
    def authenticate(self, message):
        tell("asked Authenticate")
        salt = os.urandom(16)
        digest = hmac.new(SECRET, message + salt, hashlib.sha256).digest()
        return {"digest": digest, "salt": salt}


class Parent(protocol.Protocol):
    def connectionLost(self, reason=None):
        if reactor.running:
            reactor.stop()


listener = reactor.listenTCP(0, protocol.Factory.forProtocol(Region), interface="127.0.0.1")
stdio.StandardIO(Parent())
tell(str(listener.getHost().port))
reactor.run()
