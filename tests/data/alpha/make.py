#!/usr/bin/python3 -B
"""Makes the directories beside this file: what nodes of each generation of the
Livepeer alpha left on disks, from the schemas that they made their databases
with (go-livepeer common/db.go at 0.2.4, v0.3.3, 0.4.0, v0.5.0, v0.5.2, v0.5.3,
v0.5.9). All keys are of tests only; the password of each is "alpha".

    tests/data/alpha/make.py

SQLite's own writers make them: -journal and -wal are those of processes that
were killed in the middle of a change."""
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))
from tests.peers import keystore  # noqa: E402

PASSWORD = "alpha"
TRANSCODER = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"  # of key 1
SECOND = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"      # of key 2
ADDRESSES = {1: TRANSCODER, 2: SECOND}
BROADCASTER = "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69"

KV = """CREATE TABLE IF NOT EXISTS kv (
  key STRING PRIMARY KEY, value STRING, updatedAt STRING DEFAULT CURRENT_TIMESTAMP);
INSERT OR IGNORE INTO kv VALUES ('dbVersion', '1', '2019-03-28 10:00:00');"""
LAST_BLOCK = "INSERT OR IGNORE INTO kv VALUES ('lastBlock', '0', '2019-03-28 10:00:00');"
JOBS = """CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY, recordedAt STRING DEFAULT CURRENT_TIMESTAMP, streamID STRING,
  segmentPrice INTEGER, transcodeOptions STRING, broadcaster STRING, transcoder STRING,
  startBlock INTEGER, endBlock INTEGER, stopReason STRING DEFAULT NULL,
  stoppedAt STRING DEFAULT NULL);
CREATE INDEX IF NOT EXISTS idx_jobs_endblock_stopreason ON jobs(endBlock, stopReason);
CREATE TABLE IF NOT EXISTS claims (
  id INTEGER, jobID INTEGER, claimRoot STRING, claimBlock INTEGER,
  claimedAt STRING DEFAULT CURRENT_TIMESTAMP, updatedAt STRING DEFAULT CURRENT_TIMESTAMP,
  status STRING DEFAULT 'Created', PRIMARY KEY(id, jobID),
  FOREIGN KEY(jobID) REFERENCES jobs(id));
CREATE TABLE IF NOT EXISTS receipts (
  jobID INTEGER NOT NULL, claimID INTEGER, seqNo INTEGER NOT NULL, bcastFile STRING,
  bcastHash STRING, bcastSig STRING, transcodedHash STRING, transcodeStartedAt STRING,
  transcodeEndedAt STRING, errorMsg STRING DEFAULT NULL, PRIMARY KEY(jobID, seqNo),
  FOREIGN KEY(jobID) REFERENCES jobs(id),
  FOREIGN KEY(claimID, jobID) REFERENCES claims(id, jobID));
CREATE INDEX IF NOT EXISTS idx_receipts_claimid_errormsg ON receipts(claimID, errorMsg);"""
BROADCASTS = """CREATE TABLE IF NOT EXISTS broadcasts (
  id INTEGER PRIMARY KEY, recordedAt STRING DEFAULT CURRENT_TIMESTAMP, streamID STRING,
  segmentPrice INTEGER, segmentCount INTEGER DEFAULT 0, transcodeOptions STRING,
  broadcaster STRING, transcoder STRING, startBlock INTEGER, endBlock INTEGER,
  stopReason STRING DEFAULT NULL, stoppedAt STRING DEFAULT NULL);
CREATE INDEX IF NOT EXISTS idx_broadcasts_endblock_stopreason
  ON broadcasts(endBlock, stopReason);"""
LOCKS = """CREATE TABLE IF NOT EXISTS unbondingLocks ({}
  id INTEGER NOT NULL, delegator STRING, amount TEXT, withdrawRound int64,
  usedBlock int64, PRIMARY KEY(id, delegator));
CREATE INDEX IF NOT EXISTS idx_unbondinglocks_usedblock ON unbondingLocks(usedBlock);"""
CREATED = "createdAt STRING DEFAULT CURRENT_TIMESTAMP,"
ORCHESTRATORS = """CREATE TABLE IF NOT EXISTS orchestrators (
  ethereumAddr STRING PRIMARY KEY, createdAt STRING DEFAULT CURRENT_TIMESTAMP NOT NULL,
  updatedAt STRING DEFAULT CURRENT_TIMESTAMP NOT NULL, serviceURI STRING{});"""
PRICE = ", pricePerPixel int64"
ACTIVATION = PRICE + ", activationRound int64, deactivationRound int64, stake int64"
WINNING = """CREATE TABLE IF NOT EXISTS winningTickets (
  createdAt STRING DEFAULT CURRENT_TIMESTAMP, sender STRING, recipient STRING,
  faceValue BLOB, winProb BLOB, senderNonce INTEGER, recipientRand BLOB,
  recipientRandHash STRING, sig BLOB, sessionID STRING);
CREATE INDEX IF NOT EXISTS idx_winningtickets_sessionid ON winningTickets(sessionID);"""
HEADERS = """CREATE TABLE IF NOT EXISTS blockheaders (
  number int64, parent STRING, hash STRING PRIMARY KEY, logs BLOB);"""
QUEUE = """CREATE TABLE IF NOT EXISTS ticketQueue (
  createdAt DATETIME DEFAULT CURRENT_TIMESTAMP, sender STRING, recipient STRING,
  faceValue BLOB, winProb BLOB, senderNonce INTEGER, recipientRand BLOB,
  recipientRandHash STRING, sig BLOB PRIMARY KEY, creationRound int64,
  creationRoundBlockHash STRING, paramsExpirationBlock int64, redeemedAt DATETIME,
  txHash STRING);"""

V0_2 = KV + LAST_BLOCK + JOBS
V0_3 = V0_2 + BROADCASTS + LOCKS.format("")
V0_4 = KV + LAST_BLOCK + ORCHESTRATORS.format("") + LOCKS.format(CREATED) + WINNING
V0_5_0 = KV + ORCHESTRATORS.format(PRICE) + LOCKS.format(CREATED) + WINNING + HEADERS
V0_5_2 = KV + ORCHESTRATORS.format(ACTIVATION) + LOCKS.format(CREATED) + WINNING + HEADERS
V0_5_9 = V0_5_2 + QUEUE

# P240p30fps16x9 and P360p30fps16x9, the default, as lpms names them.
OPTIONS = "c0a6517a93c717e7"


def stream(n, quality="P240p30fps16x9"):
    return f"{n:064x}{quality}"


def put_jobs(db, first, n, block, day, transcoder=TRANSCODER):
    """Jobs of three segments each. Every third is claimed and paid, the next one
    claimed and not, the third never claimed: its last segment failed."""
    for i in range(first, first + n):
        at = f"2019-{day} 0{i % 10}:15:00"
        start = block + 300 * (i - first)
        db.execute("INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                   (i, at, stream(i), 150000000000, OPTIONS, BROADCASTER, transcoder,
                    start, start + 5760, None, None))
        claim = 0 if i % 3 != 2 else None
        if claim is not None:
            db.execute("INSERT INTO claims VALUES (0,?,?,?,?,?,?)",
                       (i, "0x" + "%064x" % (i * 7), start + 40, at, at,
                        "Complete" if i % 3 == 0 else "Created"))
        for seq in range(3):
            failed = claim is None and seq == 2
            db.execute("INSERT INTO receipts VALUES (?,?,?,?,?,?,?,?,?,?)",
                       (i, claim, seq, f"/tmp/{i}_{seq}.ts", "0x%064x" % (i * 100 + seq),
                        "0x%0130x" % (i * 1000 + seq), "0x%064x" % (i * 10000 + seq),
                        1553700000000000000 + seq, 1553700000000000000 + seq + 900,
                        "ffmpeg: exit status 1" if failed else None))


def put_broadcasts(db):
    for i in range(900, 904):
        db.execute("INSERT INTO broadcasts VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                   (i, f"2019-03-2{i % 10} 11:00:00", stream(i), 1, 40 + i % 10, OPTIONS,
                    TRANSCODER, BROADCASTER, 7430000 + i, 7435760 + i,
                    None if i % 2 else "stream ended",
                    None if i % 2 else f"2019-03-2{i % 10} 12:00:00"))


def put_locks(db, created=False):
    rows = [(0, TRANSCODER, "1000000000000000000000", 1580, 7400000),
            (1, TRANSCODER, "250000000000000000000", 1617, None),
            (2, TRANSCODER, "333333333333333333333333", 1615, None),
            (0, SECOND, "1", 1616, None)]
    for r in rows:
        if created:
            r = ("2019-02-20 08:00:00", *r)
        db.execute(f"INSERT INTO unbondingLocks VALUES ({','.join('?' * len(r))})", r)


def put_lossy(db):
    """Texts that a STRING column makes numbers of."""
    db.execute("UPDATE jobs SET streamID = '00123' WHERE id = (SELECT min(id) FROM jobs)")
    db.execute("UPDATE jobs SET streamID = '123e4' WHERE id = (SELECT max(id) FROM jobs)")
    db.execute("INSERT INTO jobs (id, streamID, segmentPrice, transcodeOptions, startBlock)"
               " VALUES (800, '1e400', 'a lot', '00123456', 'soon')")


def put_orchestrators(db, extra=()):
    for i, a in enumerate((TRANSCODER, SECOND)):
        db.execute(f"INSERT INTO orchestrators VALUES (?,?,?,?{',?' * len(extra)})",
                   (a, "2019-02-20 08:00:00", "2019-02-21 09:00:00",
                    f"https://127.0.0.{i + 1}:8935", *extra))


def put_winning(db):
    for i, session in enumerate(("00123", "123e4", "f00dcafe", "a session")):
        db.execute("INSERT INTO winningTickets VALUES (?,?,?,?,?,?,?,?,?,?)",
                   (f"2019-02-20 08:0{i}:00", BROADCASTER, TRANSCODER,
                    bytes.fromhex("0de0b6b3a7640000"), b"\x0f" * 32, i, bytes([i + 1]) * 32,
                    "0x" + "ab" * 32, bytes([i]) * 65, session))


def database(path, schema, fill=lambda db: None, **kv):
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path)
    db.execute("PRAGMA page_size = 512")
    db.executescript(schema)
    for key, value in kv.items():
        db.execute("INSERT OR REPLACE INTO kv VALUES (?,?,'2019-03-28 10:00:00')",
                   (key, value))
    fill(db)
    db.commit()
    db.close()
    return path


def killed(path, statements):
    """A process does these to the database, and is killed before it commits or
    tidies up."""
    script = textwrap.dedent(f"""
        import os, signal, sqlite3
        db = sqlite3.connect({str(path)!r}, isolation_level=None)
        for s in {statements!r}:
            db.execute(s).fetchall()
        os.kill(os.getpid(), signal.SIGKILL)
        """)
    done = subprocess.run([sys.executable, "-c", script])
    assert done.returncode == -signal.SIGKILL, done.returncode


def key(directory, number, time="2018-05-03T12-00-00.000000000Z"):
    """Scrypt's parameters are far too cheap for any other use."""
    directory.mkdir(parents=True, exist_ok=True)
    address = ADDRESSES[number].removeprefix("0x").lower()
    text = {"address": address, **keystore.seal(f"{number:064x}", PASSWORD, n=4, r=8, p=1)}
    (directory / f"UTC--{time}--{address}").write_text(json.dumps(text))


def alpha(name, fill=None, n=4):
    def rows(db):
        put_jobs(db, 100, n, 7430000, "03-27")
        put_broadcasts(db)
        put_locks(db)
        if fill:
            fill(db)
    key(HERE / name / "keystore", 1)
    return database(HERE / name / "lp.sqlite3", V0_3, rows, lastBlock="7436000")


def make_0_1():
    key(HERE / "0.1" / "keystore", 1)


def make_0_2():
    key(HERE / "0.2" / "keystore", 1)
    database(HERE / "0.2" / "lp.sqlite3", V0_2,
             lambda db: put_jobs(db, 1, 3, 5700000, "01-05"), lastBlock="5701000")


def make_0_3():
    def fill(db):
        # Rinkeby's jobs have ids and blocks of their own.
        put_jobs(db, 20, 2, 4100000, "03-28", SECOND)
        put_lossy(db)
    alpha("0.3", fill)
    ks = HERE / "0.3" / "keystore"
    key(ks, 2, "2018-06-01T00-00-00.000000000Z")
    key(ks, 1, "2019-01-01T00-00-00.000000000Z")  # the first one's account again
    (ks / "UTC--2018-01-01T00-00-00.000000000Z--half").write_text('{"address": "7e5f45')
    (ks / "UTC--2018-05-03T12-00-00.000000000Z--old~").write_text("an editor's")
    (HERE / "0.3" / "notes.txt").write_text("port 8935 is forwarded\n")
    (HERE / "0.3" / "lp.sqlite3.old").write_bytes(b"a copy that somebody made\n")


def make_journal():
    path = alpha("0.3-journal", n=4)
    killed(path, ["PRAGMA cache_size = 1", "BEGIN",
                  "UPDATE receipts SET bcastSig = 'half of a change', errorMsg = 'lost'",
                  "UPDATE jobs SET segmentPrice = 1",
                  "DELETE FROM claims"])
    assert (path.parent / "lp.sqlite3-journal").stat().st_size > 512


def make_wal():
    path = alpha("0.3-wal", n=3)
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    killed(path, ["PRAGMA wal_autocheckpoint = 0",
                  "UPDATE claims SET status = 'Complete'",
                  "INSERT INTO jobs (id, streamID, startBlock) VALUES (777, 'in the log', 1)"])
    (path.parent / "lp.sqlite3-shm").unlink()
    assert (path.parent / "lp.sqlite3-wal").stat().st_size > 0


def make_0_4():
    def fill(db):
        put_orchestrators(db)
        put_locks(db, created=True)
        put_winning(db)
    key(HERE / "0.4" / "keystore", 1)
    database(HERE / "0.4" / "lp.sqlite3", V0_4, fill, lastBlock="7200000")


def make_0_5():
    for name, file, schema, extra in (
            ("0.5.0", "lp.sqlite3", V0_5_0, (1,)),
            ("0.5.2", "lp.sqlite3", V0_5_2, (1, 1611, 1 << 62, 500)),
            ("0.5.3", "lpdb.sqlite3", V0_5_2, (1, 1611, 1 << 62, 500)),
            ("0.5.9", "lpdb.sqlite3", V0_5_9, (1, 1611, 1 << 62, 500))):
        def fill(db, extra=extra):
            put_orchestrators(db, extra)
            put_locks(db, created=True)
        key(HERE / name / "keystore", 1)
        database(HERE / name / file, schema, fill, chainID="4" if file[2] == "." else "1")


def make_mixed():
    """0.5.2 was pointed at the alpha's file."""
    path = alpha("mixed", n=1)
    db = sqlite3.connect(path)
    db.executescript(V0_5_2)
    put_orchestrators(db, (1, 1611, 1 << 62, 500))
    db.commit()
    db.close()


def make_broken():
    """A database that has lost a page's worth of bytes, one that is text, and
    one that is a file of no bytes."""
    path = alpha("damaged", n=1)
    with path.open("r+b") as f:
        f.seek(3 * 512)
        f.write(b"\xff" * 1024)
    for name, content in ("text", b"this is not a database, but long enough\n" * 40), \
                         ("empty", b""):
        key(HERE / name / "keystore", 1)
        (HERE / name / "lp.sqlite3").write_bytes(content)


def make_no_keys():
    shutil.rmtree(alpha("no-keys", n=1).parent / "keystore")


def main():
    os.umask(0o077)
    for d in HERE.iterdir():
        if d.is_dir():
            shutil.rmtree(d)
    for make in (make_0_1, make_0_2, make_0_3, make_journal, make_wal, make_0_4, make_0_5,
                 make_mixed, make_broken, make_no_keys):
        make()
    print(sum(f.stat().st_size for f in HERE.rglob("*") if f.is_file()), "bytes")


if __name__ == "__main__":
    main()
