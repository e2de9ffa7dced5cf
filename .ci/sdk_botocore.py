"""Lets botocore read scripted answers over loopback, and holds what it makes of them against the predictions."""

import json
import socket
import sys
import threading

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

CALLS = {
    "CreateMembers": ("create_members", {"AccountDetails": [{"AccountId": "111111111111"}]}),
    "GetInvitationsCount": ("get_invitations_count", {}),
    "EnableSecurityHub": ("enable_security_hub", {}),
}


class Server(threading.Thread):
    """Gives the answer in `answer` to every request, each on a connection of its own."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.answer = b""

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.settimeout(300)
                read = b""
                while b"\r\n\r\n" not in read:
                    read += connection.recv(65536)
                head, _, body = read.partition(b"\r\n\r\n")
                lines = [line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:]]
                length = next((int(value) for name, value in lines if name == b"content-length"), 0)
                while len(body) < length:
                    body += connection.recv(65536)
                connection.sendall(self.answer)


def raw(answer):
    body = bytes.fromhex(answer["body"])
    lines = [f"HTTP/1.1 {answer['status']} X", *(f"{name}: {value}" for name, value in answer["headers"])]
    lines += [f"content-length: {len(body)}", "connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


def verdict(client, operation):
    method, parameters = CALLS[operation]
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        kind = "generic" if type(error) is ClientError else "typed"
        return f"{kind} {error.response.get('Error', {}).get('Code', 'Unknown')}"
    except Exception as error:
        return f"crash {type(error).__name__}"
    return "success"


def main(path):
    server = Server()
    server.start()
    client = botocore.session.Session().create_client(
        "securityhub",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.listener.getsockname()[1]}",
        aws_access_key_id="111122223333",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    compared, wrong = 0, []
    for number, line in enumerate(open(path, encoding="utf-8")):
        answer = json.loads(line)
        if answer["botocore"] == "not-predicted":
            continue
        compared += 1
        server.answer = raw(answer)
        seen = verdict(client, answer["operation"])
        if seen != answer["botocore"]:
            wrong.append(f"answer {number}: {seen!r}, predicted {answer['botocore']!r}: {server.answer!r}")
    print("\n".join(wrong[:20]), end="\n" if wrong else "")
    print(f"botocore: {compared} answers compared, {len(wrong)} read otherwise than predicted")
    return 1 if wrong or not compared else 0


sys.exit(main(sys.argv[1]))
