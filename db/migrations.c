#include "db/migrations.h"

#include "db/stmt.h"
#include "src/base/str.h"

/* Append only: a step that was released never changes. tests/data keeps a file
 * of each released version, and test_db upgrades them. */
static const char *const steps[] = {
	/* 1: settings, and the history of sessions */
	"CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE sessions ("
	"  id INTEGER PRIMARY KEY,"
	"  role TEXT NOT NULL,"		/* 'B', 'O', 'T' */
	"  session TEXT NOT NULL,"	/* manifest id or the token's session id */
	"  manifest TEXT NOT NULL,"
	"  started_ms INTEGER NOT NULL,"
	"  ended_ms INTEGER,"		/* NULL while it lives */
	"  segments_ok INTEGER NOT NULL DEFAULT 0,"
	"  segments_failed INTEGER NOT NULL DEFAULT 0,"
	"  last_error TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX sessions_open ON sessions (role, session) WHERE ended_ms IS NULL;",
	/* 2: the history of segments */
	"CREATE TABLE segments ("
	"  id INTEGER PRIMARY KEY,"
	"  role TEXT NOT NULL,"
	"  session TEXT NOT NULL,"
	"  seq INTEGER NOT NULL,"
	"  at_ms INTEGER NOT NULL,"
	"  duration_ms INTEGER NOT NULL,"
	"  latency_ms INTEGER NOT NULL,"
	"  bytes INTEGER NOT NULL,"
	"  error TEXT);"		/* NULL: it came out */
	"CREATE INDEX segments_session ON segments (role, session, seq);",
	/* 3: winning tickets. Numbers of 256 bits are 32 bytes, big-endian, and so
	 * sort; a row is the money: never deleted. */
	"CREATE TABLE tickets ("
	"  id INTEGER PRIMARY KEY,"
	"  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
	"  sig BLOB NOT NULL UNIQUE CHECK (length(sig) = 65),"
	"  recipient BLOB NOT NULL CHECK (length(recipient) = 20),"
	"  sender BLOB NOT NULL CHECK (length(sender) = 20),"
	"  face_value BLOB NOT NULL CHECK (length(face_value) = 32),"
	"  win_prob BLOB NOT NULL CHECK (length(win_prob) = 32),"
	"  nonce INTEGER NOT NULL,"
	"  rand BLOB NOT NULL CHECK (length(rand) = 32),"
	"  rand_hash BLOB NOT NULL CHECK (length(rand_hash) = 32),"
	"  round INTEGER NOT NULL,"
	"  round_hash BLOB NOT NULL CHECK (length(round_hash) = 32),"
	"  params_expiration INTEGER NOT NULL," /* L1 block */
	"  session TEXT NOT NULL,"
	"  manifest TEXT NOT NULL,"
	"  won_ms INTEGER NOT NULL,"
	"  state TEXT NOT NULL DEFAULT 'won' CHECK (state IN"
	"    ('won', 'submitted', 'redeemed', 'failed', 'lapsed')),"
	"  reason TEXT NOT NULL DEFAULT '',"
	"  tx INTEGER NOT NULL DEFAULT 0," /* the job in txs; 0 none */
	"  tx_hash BLOB,"
	"  attempts INTEGER NOT NULL DEFAULT 0,"
	"  redeemed_ms INTEGER NOT NULL DEFAULT 0,"
	"  paid BLOB NOT NULL DEFAULT (zeroblob(32)),"
	"  gas_cost BLOB NOT NULL DEFAULT (zeroblob(32)),"
	"  block INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE INDEX tickets_open ON tickets (id) WHERE state IN ('won', 'submitted');"
	"CREATE INDEX tickets_sender ON tickets (sender, won_ms);"
	"CREATE INDEX tickets_won ON tickets (won_ms);",
	/* 4: transactions as jobs, their signed attempts, the blocks seen */
	"CREATE TABLE txs ("
	"  id INTEGER PRIMARY KEY,"
	"  account BLOB NOT NULL CHECK (length(account) = 20),"
	"  kind TEXT NOT NULL,"		/* 'bond', 'redeem' */
	"  note TEXT NOT NULL,"
	"  job TEXT NOT NULL,"		/* that it is a step of, or '' */
	"  target BLOB NOT NULL CHECK (length(target) = 20),"
	"  value BLOB NOT NULL CHECK (length(value) = 32),"
	"  data BLOB NOT NULL,"
	"  max_cost BLOB NOT NULL CHECK (length(max_cost) = 32),"
	"  ticket INTEGER,"		/* row in tickets that it redeems */
	"  created_ms INTEGER NOT NULL,"
	"  state TEXT NOT NULL CHECK (state IN ('prepared', 'sent', 'mined',"
	"    'confirmed', 'failed', 'cancelled', 'replaced')),"
	"  undo INTEGER NOT NULL,"	/* 1: cancelled, 2: given up */
	"  gas INTEGER NOT NULL,"	/* limit */
	"  nonce INTEGER,"		/* NULL before it is signed */
	"  hash BLOB CHECK (length(hash) = 32),"
	"  gas_price BLOB NOT NULL CHECK (length(gas_price) = 32),"
	"  gas_used INTEGER NOT NULL,"
	"  block INTEGER NOT NULL,"	/* 0: not mined */
	"  block_hash BLOB CHECK (length(block_hash) = 32),"
	"  final_ms INTEGER,"		/* NULL while it lives */
	"  error TEXT NOT NULL);"
	/* No ticket is redeemed twice, no nonce is promised twice. */
	"CREATE UNIQUE INDEX txs_ticket ON txs (ticket) WHERE ticket IS NOT NULL"
	"  AND state IN ('prepared', 'sent', 'mined', 'confirmed');"
	"CREATE UNIQUE INDEX txs_nonce ON txs (account, nonce) WHERE nonce IS NOT NULL"
	"  AND state IN ('prepared', 'sent', 'mined');"
	"CREATE INDEX txs_live ON txs (account) WHERE state IN ('prepared', 'sent',"
	"  'mined');"
	"CREATE INDEX txs_block ON txs (block) WHERE block > 0;"
	"CREATE INDEX txs_tickets ON txs (ticket) WHERE ticket IS NOT NULL;"
	"CREATE TABLE attempts ("
	"  id INTEGER PRIMARY KEY,"
	"  tx INTEGER NOT NULL REFERENCES txs (id),"
	"  nonce INTEGER NOT NULL,"
	"  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
	"  raw BLOB NOT NULL,"		/* signed, as it is sent */
	"  is_1559 INTEGER NOT NULL,"
	"  gas_price BLOB NOT NULL CHECK (length(gas_price) = 32),"
	"  tip BLOB NOT NULL CHECK (length(tip) = 32),"
	"  undo INTEGER NOT NULL,"
	"  made_ms INTEGER NOT NULL);"
	"CREATE INDEX attempts_tx ON attempts (tx);"
	"CREATE TABLE blocks ("
	"  number INTEGER PRIMARY KEY,"
	"  hash BLOB NOT NULL CHECK (length(hash) = 32),"
	"  parent BLOB NOT NULL CHECK (length(parent) = 32),"
	"  l1 INTEGER NOT NULL,"
	"  time_ms INTEGER NOT NULL);",
	/* 5: unbonding locks as last seen */
	"CREATE TABLE locks ("
	"  delegator BLOB NOT NULL CHECK (length(delegator) = 20),"
	"  id INTEGER NOT NULL,"
	"  amount BLOB NOT NULL CHECK (length(amount) = 32),"
	"  withdraw_round INTEGER NOT NULL,"
	"  PRIMARY KEY (delegator, id)) STRICT;",
	/* 6: how much of a ticket's payment its sender's reserve had to give */
	"ALTER TABLE tickets ADD COLUMN from_reserve BLOB NOT NULL"
	"  CHECK (length(from_reserve) = 32)"
	"  DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';",
	/* 7: alarms, seen and unseen */
	"CREATE TABLE alarms ("
	"  key TEXT PRIMARY KEY,"	/* 'slow:gpu0' */
	"  text TEXT NOT NULL,"
	"  is_on INTEGER NOT NULL,"
	"  seen INTEGER NOT NULL,"
	"  count INTEGER NOT NULL,"
	"  first_ms INTEGER NOT NULL,"
	"  last_ms INTEGER NOT NULL,"
	"  raised_ms INTEGER NOT NULL,"
	"  over_ms INTEGER NOT NULL,"
	"  seen_ms INTEGER NOT NULL,"
	"  mark INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct db_schema *migrations_weir(void)
{
	static const struct db_schema schema = {
		.application_id = 0x77656972, /* "weir" */
		.whose = "weir's",
		.advice = "give weir a data directory of its own (-datadir)",
		.loss = "settings and history",
		.steps = steps,
		.n = ARRAY_SIZE(steps),
	};

	return &schema;
}

static struct err *read_int(struct db *db, const char *sql, int64_t *out)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, sql, &st);

	if (e)
		return e;
	e = stmt_step(st, &row);
	*out = !e && row ? stmt_int(st, 0) : 0;
	stmt_free(st);
	return e;
}

static struct err *check_owner(struct db *db, const struct db_schema *schema,
	int64_t version)
{
	int64_t application, tables;
	struct err *e = read_int(db, "PRAGMA application_id", &application);

	if (!e)
		e = read_int(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (e)
		return e;
	if (application != schema->application_id && (application || version || tables))
		return err_new(ERR_INVALID, "database %s is not %s; %s", db_path(db),
			schema->whose, schema->advice);
	if (version > (int64_t)schema->n)
		return err_new(ERR_INVALID, "database %s is of a newer weir (schema %lld, "
			"this weir knows %zu); run that one, or move the file away",
			db_path(db), (long long)version, schema->n);
	return NULL;
}

static struct err *take_steps(struct db *db, const struct db_schema *schema, int64_t version)
{
	struct str pragma = STR_INIT;
	struct err *e = NULL;

	for (size_t i = (size_t)version; i < schema->n && !e; i++)
		e = db_exec(db, schema->steps[i]);
	str_printf(&pragma, "PRAGMA application_id = %lld; PRAGMA user_version = %zu",
		(long long)schema->application_id, schema->n);
	if (!e)
		e = db_exec(db, pragma.s);
	str_clear(&pragma);
	return e;
}

struct err *migrate(struct db *db, const struct db_schema *schema)
{
	int64_t version;
	struct err *e = read_int(db, "PRAGMA user_version", &version);

	if (!e)
		e = check_owner(db, schema, version);
	if (e || version == (int64_t)schema->n)
		return e;
	/* Two connections may both find an old file: look again inside. */
	e = db_begin(db);
	if (!e)
		e = read_int(db, "PRAGMA user_version", &version);
	if (!e)
		e = take_steps(db, schema, version);
	return db_end(db, e);
}
