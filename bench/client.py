"""Eight senders in one process of their own, so that they take no time from the server they measure."""

import http.client
import json
import sys
import threading
import time

from bench.figures import percentile

CLIENTS = 8


def main(job: dict) -> None:
    headers = {"Authorization": f"Bearer {job['token']}", "Content-Type": "application/json"}
    # Made before the clock runs: the client shares the machine with the server.
    most = int(1500 * job["seconds"] / CLIENTS)
    shape = job.get("communities", 5), job.get("grids", 20)
    bodies = [[_body(job["first"] + CLIENTS * n + c, *shape) for n in range(most)] for c in range(CLIENTS)]
    times: list[float] = []
    failed: list[str] = []
    begin = threading.Barrier(CLIENTS + 1)

    def send(mine: list[bytes]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", job["port"], timeout=30)
        link.connect()
        begin.wait()
        until = time.perf_counter() + job["seconds"]
        for body in mine:
            started = time.perf_counter()
            if started > until:
                return
            try:
                link.request("POST", job["path"], body, headers)
                response = link.getresponse()
                said = response.read()
            except (OSError, http.client.HTTPException) as error:
                failed.append(repr(error))
                link.close()
                continue
            times.append(1000 * (time.perf_counter() - started))
            if response.status not in (200, 201) and "nothing" not in job["path"]:
                failed.append(f"{response.status} {said[:200]!r}")

    threads = [threading.Thread(target=send, args=(mine,)) for mine in bodies]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - started
    print(
        json.dumps(
            {
                "times": times,
                "spent": spent,
                "failed": len(failed),
                "first_failure": failed[:1],
                "p99": percentile(times, 99) if times else None,
            }
        )
    )


def _body(n: int, communities: int = 5, grids: int = 20) -> bytes:
    # Two of three are about somebody on the roster; the rest are strangers.
    phone = f"1991{n % 20_000:07d}" if n % 3 else f"1993{n:07d}"
    return json.dumps(
        {
            "external_id": f"S{n}",
            "level": ("high", "medium", "low")[n % 3],
            "fraud_type": "fake_investment",
            "subject": {"name": f"人{n}", "phone": phone, "address": "3号楼2单元401"},
            "area_code": f"990101001{n % communities:03d}{n // communities % grids:03d}",
            "description": "正在向陌生账户转账，劝阻中",
            "amount_at_risk": 50000,
            "warned_at": "2026-04-02T12:00:00+08:00",
        },
        ensure_ascii=False,
    ).encode()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
