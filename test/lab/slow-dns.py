"""A slow line: slow-dns.py ADDRESS PORT UPSTREAM-PORT SECONDS passes DNS questions on, and the answers late."""

import socket
import sys
import threading
import time

address, port, upstream, delay = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((address, port))


def relay(question, client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
        onward.settimeout(5)
        onward.sendto(question, (address, upstream))
        try:
            answer = onward.recv(4096)
        except OSError:
            return
    time.sleep(delay)
    server.sendto(answer, client)


while True:
    threading.Thread(target=relay, args=server.recvfrom(4096), daemon=True).start()
