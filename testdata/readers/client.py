"""Connects to a server of this machine for each line of its input, and says in a line what came of it. The
line has the port, the name that the server is to have, and the PEM file to trust, empty for what the system
trusts already."""

import socket
import ssl
import sys

for line in sys.stdin:
    port, host, ca = line.rstrip("\n").split("\t")
    context = ssl.create_default_context(cafile=ca or None)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default since Python 3.13
    try:
        with socket.create_connection(("127.0.0.1", int(port))) as plain:
            with context.wrap_socket(plain, server_hostname=host):
                print("ok")
    except ssl.SSLCertVerificationError as e:
        print(e.verify_message)
    except OSError as e:  # the server is not there, or does not shake hands
        print(e.strerror)
