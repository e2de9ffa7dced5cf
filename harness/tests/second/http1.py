"""A strict HTTP/1.1 connection on asyncio streams (protocol.md D01..D17)."""
import asyncio
import email.utils
import re

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
START = re.compile(rb"\r?[!#$%&'*+\-.^_`|~0-9A-Za-z]*( |\Z)")
TARGET = re.compile(rb"[\x21-\x7e]+\Z")
VALUE_BAD = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])\Z")
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict",
           411: "Length Required", 413: "Content Too Large", 414: "URI Too Long",
           415: "Unsupported Media Type", 417: "Expectation Failed", 429: "Too Many Requests",
           431: "Request Header Fields Too Large", 500: "Internal Server Error",
           501: "Not Implemented", 505: "HTTP Version Not Supported"}
MAX_LINE = 20000          # D12: at least 8000 octets must be accepted
MAX_HEADERS = 65536       # D11: at least 8 KiB
MAX_BODY = 10 * 1024 * 1024   # D13
STALL = 4.0               # D16: seconds without a byte inside a message
IDLE = 120.0              # between messages


class HttpError(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Request:
    def __init__(self, method, target, version, headers, body):
        self.method, self.target, self.version = method, target, version
        self.headers, self.body = headers, body
        self.path, _, self.query = target.partition("?")


class Connection:
    def __init__(self, reader, writer, handler):
        self.reader, self.writer, self.handler = reader, writer, handler
        self.buffer = bytearray()

    async def _more(self, timeout=STALL):
        try:
            data = await asyncio.wait_for(self.reader.read(65536), timeout)
        except asyncio.TimeoutError:
            raise HttpError(408) from None
        if not data:
            raise HttpError(400)                         # D08: incomplete message
        self.buffer += data

    async def _line(self, limit, too_long):
        start = 0
        while True:
            end = self.buffer.find(b"\n", start)
            cr = self.buffer.find(b"\r", start)
            if end < 0 and 0 <= cr < len(self.buffer) - 1:
                raise HttpError(400)                     # bare CR
            if end >= 0:
                line = bytes(self.buffer[:end + 1])
                if len(line) > limit:
                    raise HttpError(too_long)
                del self.buffer[:end + 1]
                if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
                    raise HttpError(400)                 # D17: bare LF refused
                return line[:-2]
            if len(self.buffer) > limit:
                raise HttpError(too_long)
            if too_long == 414 and not START.match(self.buffer):
                raise HttpError(400)                     # not the beginning of a request line
            start = max(0, len(self.buffer) - 1)
            await self._more()

    async def _exactly(self, count):
        while len(self.buffer) < count:
            await self._more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def _headers(self):
        headers, total = {}, 0
        while True:
            line = await self._line(MAX_HEADERS, 431)
            if line == b"":
                return headers
            total += len(line)
            if total > MAX_HEADERS:
                raise HttpError(431)
            name, colon, value = line.partition(b":")
            if not colon or not TOKEN.match(name):       # also obs-fold and blank before colon
                raise HttpError(400)
            value = value.strip(b" \t")
            if VALUE_BAD.search(value):
                raise HttpError(400)
            headers.setdefault(name.decode("ascii").lower(), []).append(value.decode("latin-1"))

    async def _chunked(self):
        body = bytearray()
        while True:
            line = await self._line(4096, 400)
            size = line.split(b";")[0].strip(b" \t")
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                raise HttpError(400)                     # D07
            count = int(size, 16)
            if len(body) + count > MAX_BODY:
                raise HttpError(413)
            if count == 0:
                await self._headers()                    # trailers are read and dropped
                return bytes(body)
            body += await self._exactly(count)
            if await self._exactly(2) != b"\r\n":
                raise HttpError(400)

    async def _body(self, headers, version):
        lengths = headers.get("content-length", [])
        codings = headers.get("transfer-encoding", [])
        if codings:
            if lengths or version == (1, 0):
                raise HttpError(400)                     # D05
            if [c.lower() for c in codings] != ["chunked"]:
                raise HttpError(501)                     # D06
        if lengths:
            if len(set(lengths)) != 1 or not re.fullmatch(r"[0-9]{1,18}", lengths[0], re.ASCII):
                raise HttpError(400)                     # D03; equal copies pass (D04)
            if int(lengths[0]) > MAX_BODY:
                raise HttpError(413)
        expect = [e.lower() for e in headers.get("expect", [])]
        if expect and expect != ["100-continue"]:
            raise HttpError(417)                         # D14
        if expect and not self.buffer and (codings or lengths):
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await self.writer.drain()
        if codings:
            return await self._chunked()
        return await self._exactly(int(lengths[0])) if lengths else b""

    async def _request(self):
        """The next request, or None when the peer is done."""
        if not self.buffer:
            try:
                data = await asyncio.wait_for(self.reader.read(65536), IDLE)
            except asyncio.TimeoutError:
                return None
            if not data:
                return None
            self.buffer += data
        line = await self._line(MAX_LINE, 414)
        if line == b"":
            line = await self._line(MAX_LINE, 414)       # one leading CRLF is skipped
        parts = line.split(b" ")
        if len(parts) != 3 or not TOKEN.match(parts[0]) or not TARGET.match(parts[1]):
            raise HttpError(400)
        version = VERSION.match(parts[2])
        if not version:
            raise HttpError(400)
        number = (int(version.group(1)), int(version.group(2)))
        if number not in ((1, 1), (1, 0)):
            raise HttpError(505)                         # D10
        headers = await self._headers()
        if number == (1, 1) and len(headers.get("host", [])) != 1 or len(headers.get("host", [])) > 1:
            raise HttpError(400)                         # D02
        target = parts[1].decode("ascii")
        absolute = re.match(r"https?://[^/?#]*", target, re.I)
        if absolute:
            target = target[absolute.end():] or "/"      # D17
        body = await self._body(headers, number)
        return Request(parts[0].decode("ascii"), target, number, headers, body)

    def _send(self, status, headers, body, close, head=False):
        lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Status"))]
        lines += ["Date: " + email.utils.formatdate(usegmt=True)]
        lines += ["%s: %s" % item for item in headers]
        lines += ["Content-Length: %d" % len(body), "Connection: " + ("close" if close else "keep-alive")]
        raw = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.writer.write(raw if head else raw + body)

    async def run(self):
        try:
            while True:
                try:
                    request = await self._request()
                except HttpError as error:
                    await self._refuse(error.status)
                    return
                if request is None:
                    return
                wants = ",".join(request.headers.get("connection", [])).lower()
                close = request.version == (1, 0) or "close" in wants
                status, headers, body = self.handler(request)
                self._send(status, headers, body, close, request.method == "HEAD")
                await self.writer.drain()
                if close:
                    return
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.writer.close()

    async def _refuse(self, status):
        body = b'{"message":"' + REASONS.get(status, "Bad Request").encode() + b'"}'
        self._send(status, [("Content-Type", "application/json")], body, True)
        await self.writer.drain()
        if self.writer.can_write_eof():                  # let the peer read before the close
            self.writer.write_eof()
        for _ in range(200):
            try:
                if not await asyncio.wait_for(self.reader.read(65536), 0.5):
                    return
            except asyncio.TimeoutError:
                return


async def serve(port, handler, ready):
    async def accept(reader, writer):
        await Connection(reader, writer, handler).run()
    server = await asyncio.start_server(accept, "127.0.0.1", port, backlog=512)
    ready(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()
