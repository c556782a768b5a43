"""R7: sessions opened and closed without end: memory stands, no file leaks."""
import house
import rpc
from broadcaster import Broadcaster


def churn(node, row, calls, sessions, body):
    with Broadcaster(node) as peer:
        for _ in range(calls):
            row.fault(peer.info().auth_token.token, "no token")
        for n in range(sessions):
            token = peer.info().auth_token
            result = peer.transcode(body, rpc.seg_data(
                body, n, token=token, profiles=rpc.LADDER[:1]))
            peer.end(token)
            row.fault(result.WhichOneof("result") == "data", result.error)


def run(row):
    body = house.clip()[0]
    with house.house("orchestrator", "transcoder") as node:
        churn(node, row, 500, 10, body)  # warm up
        cost = house.Cost(node)
        churn(node, row, house.many(3000, 500000), house.many(25, 500000),
              body)
        row.figures["rss_mib"] = f"+{cost.mib()}"
        row.promise(cost.mib() <= max(4, cost.rss / 1024 / 100),
                    f"memory grew by {cost.mib()} MiB from "
                    f"{cost.rss // 1024} MiB")
        # A worker that is started now has sockets of its own.
        row.promise(cost.files_return(10, slack=8), f"{node.open_files()} open files, "
                    f"{cost.files} before")
