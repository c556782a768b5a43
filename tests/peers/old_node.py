"""A data directory as a node of the alpha left it, v0.3.3, with an account of
the development chain: what `weir migrate` takes over."""
import os
import sqlite3

from devnet import ETHER, PASSWORD

SCHEMA = """
CREATE TABLE kv (key STRING PRIMARY KEY, value STRING, updatedAt STRING
    DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE jobs (id INTEGER PRIMARY KEY, recordedAt STRING DEFAULT
    CURRENT_TIMESTAMP, streamID STRING, segmentPrice INTEGER,
    transcodeOptions STRING, broadcaster STRING, transcoder STRING,
    startBlock INTEGER, endBlock INTEGER, stopReason STRING DEFAULT NULL,
    stoppedAt STRING DEFAULT NULL);
CREATE TABLE claims (id INTEGER, jobID INTEGER, claimRoot STRING, claimBlock
    INTEGER, claimedAt STRING DEFAULT CURRENT_TIMESTAMP, updatedAt STRING
    DEFAULT CURRENT_TIMESTAMP, status STRING DEFAULT 'Created',
    PRIMARY KEY(id, jobID));
CREATE TABLE receipts (jobID INTEGER NOT NULL, claimID INTEGER, seqNo INTEGER
    NOT NULL, bcastFile STRING, bcastHash STRING, bcastSig STRING,
    transcodedHash STRING, transcodeStartedAt STRING, transcodeEndedAt STRING,
    errorMsg STRING DEFAULT NULL, PRIMARY KEY(jobID, seqNo));
CREATE TABLE broadcasts (id INTEGER PRIMARY KEY, recordedAt STRING DEFAULT
    CURRENT_TIMESTAMP, streamID STRING, segmentPrice INTEGER, segmentCount
    INTEGER DEFAULT 0, transcodeOptions STRING, broadcaster STRING, transcoder
    STRING, startBlock INTEGER, endBlock INTEGER, stopReason STRING DEFAULT
    NULL, stoppedAt STRING DEFAULT NULL);
CREATE TABLE unbondingLocks (id INTEGER NOT NULL, delegator STRING, amount TEXT,
    withdrawRound INTEGER, usedBlock INTEGER, PRIMARY KEY(id, delegator));
"""


def make(chain, directory, *accounts, locks=1):
    """The directory; its first account is the node's."""
    os.makedirs(directory)
    for account in accounts:
        chain.keystore(os.path.join(directory, "keystore"), account)
    db = sqlite3.connect(os.path.join(directory, "lp.sqlite3"))
    db.executescript(SCHEMA)
    db.execute("INSERT INTO kv VALUES ('dbVersion', 1, '2019-04-01 00:00:00')")
    db.execute("INSERT INTO kv VALUES ('lastBlock', 9274599, "
               "'2020-01-13 00:00:00')")
    me = accounts[0].address
    for job in range(1, 4):
        db.execute("INSERT INTO jobs VALUES (?, '2019-05-01 10:00:00', ?, "
                   "150000000000, 'c0a6517a93c717e7', ?, ?, 7000000, 7005760, "
                   "NULL, NULL)", (job, f"stream{job}", chain.stranger.address,
                                   me))
        for seq in range(3):
            db.execute("INSERT INTO receipts VALUES (?, ?, ?, 'f', 'h', 's', "
                       "'t', '2019-05-01 10:00:00', '2019-05-01 10:00:04', "
                       "NULL)", (job, 0 if job < 3 else None, seq))
    db.execute("INSERT INTO claims VALUES (0, 1, '0xab', 7000010, "
               "'2019-05-01 11:00:00', '2019-05-01 11:00:00', 'Complete')")
    db.execute("INSERT INTO broadcasts VALUES (1, '2019-05-02 10:00:00', 'b1', "
               "150000000000, 7, 'c0a6517a', ?, '', 7000000, 7005760, NULL, "
               "NULL)", (me,))
    for lock in range(locks):
        db.execute("INSERT INTO unbondingLocks VALUES (?, ?, ?, 1612, NULL)",
                   (lock, me, str((lock + 1) * ETHER)))
    db.commit()
    db.close()
    return directory


def password(directory, text=PASSWORD):
    """A file with it, beside what is to stay as it is."""
    path = os.path.join(directory, "password")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "w") as f:
        f.write(text + "\n")
    return path
