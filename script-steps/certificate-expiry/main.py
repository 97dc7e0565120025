"""Reads the certificates that servers present and says how long they stay valid."""

import json
import os
import socket
import ssl
import sys
import time


def days_left(address):
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context()
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=host) as secured:
            ends = ssl.cert_time_to_seconds(secured.getpeercert()["notAfter"])
    return int((ends - time.time()) // 86400)


def main():
    with open(os.environ["PARAMETERS_FILE"], encoding="utf-8") as file:
        parameters = json.load(file)
    minimum = parameters.get("minimum_days", 21)
    found, failed = [], 0
    for address in parameters["addresses"]:
        try:
            days = days_left(address)
            good = days >= minimum
            print(f"{address}: {days} days left{'' if good else f', fewer than {minimum}'}")
            found.append({"address": address, "daysLeft": days})
        except (OSError, ValueError) as error:
            good = False
            print(f"{address}: {error}")
            found.append({"address": address, "error": str(error)[:200]})
        failed += not good
    with open(os.environ["RESULT_FILE"], "w", encoding="utf-8") as file:
        json.dump({"certificates": found}, file)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
