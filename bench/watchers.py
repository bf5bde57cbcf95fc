"""A thousand screens in one process of their own: each keeps its connection and asks every three seconds."""

import asyncio
import json
import random
import sys
import time

EVERY = 3.0


class Screens:
    """What all of them have found."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port = port
        self.until = time.perf_counter() + seconds
        self.times: list[float] = []
        self.failed = 0

    async def live(self, screen: dict) -> str:
        """Ask until the time is over; return the last mark."""
        mark = screen.get("mark", "")
        reader = writer = None
        await asyncio.sleep(random.random() * EVERY)
        while (started := time.perf_counter()) < self.until:
            try:
                if writer is None or reader.at_eof():
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                status, mark = await self.ask(screen, mark, reader, writer)
                self.times.append(1000 * (time.perf_counter() - started))
                self.failed += status not in {200, 304}
            except (OSError, asyncio.IncompleteReadError):
                writer = None
                self.failed += 1
            await asyncio.sleep(max(0.0, EVERY - (time.perf_counter() - started)))
        if writer is not None:
            writer.close()
        return mark

    async def ask(self, screen: dict, mark: str, reader, writer) -> tuple[int, str]:
        lines = [f"GET {screen['path']} HTTP/1.1", "Host: localhost", f"Cookie: {screen['cookie']}", "HX-Request: true"]
        lines += ["Accept-Encoding: gzip", *([f"If-None-Match: {mark}"] if mark else []), "", ""]
        writer.write("\r\n".join(lines).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in head[1:])}
        status = int(head[0].split()[1])
        if status != 304 and (length := int(headers.get("content-length", 0))):
            await reader.readexactly(length)
        return status, headers.get("etag", mark)


async def main(job: dict) -> None:
    """Let them live, and print what they found."""
    screens = Screens(job["port"], job["seconds"])
    begun = time.perf_counter()
    marks = await asyncio.gather(*(screens.live(screen) for screen in job["screens"]))
    spent = time.perf_counter() - begun
    print(json.dumps({"times": screens.times, "failed": screens.failed, "spent": spent, "marks": marks}))


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
