#include "db/lpdb.h"

#include <stdlib.h>
#include <string.h>

#include "db/db_private.h"
#include "db/stmt.h"

struct lpdb {
	struct db db;
	bool has_tickets, has_locks;
};

struct err *lpdb_has_column(struct db *db, const char *table, const char *column, bool *out)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "SELECT count(*) FROM pragma_table_info(?1)"
		" WHERE name = ?2", &st);
	bool row;

	*out = false;
	if (e)
		return e;
	stmt_bind_text(st, 1, table);
	stmt_bind_text(st, 2, column);
	e = stmt_step(st, &row);
	*out = !e && row && stmt_int(st, 0) > 0;
	stmt_free(st);
	return e;
}

/* Every generation calls itself version 1: the tables tell them apart. */
static struct err *look(struct lpdb *l, const char *path)
{
	bool kv, jobs, orchestrators;
	struct err *e = lpdb_has_column(&l->db, "kv", "value", &kv);

	if (!e)
		e = lpdb_has_column(&l->db, "jobs", "streamID", &jobs);
	if (!e)
		e = lpdb_has_column(&l->db, "orchestrators", "ethereumAddr", &orchestrators);
	if (!e)
		e = lpdb_has_column(&l->db, "ticketQueue", "paramsExpirationBlock",
			&l->has_tickets);
	if (!e)
		e = lpdb_has_column(&l->db, "unbondingLocks", "withdrawRound", &l->has_locks);
	if (e)
		return err_wrap(e, "%s cannot be read as a database", path);
	if (kv && orchestrators)
		return NULL;
	return err_new(ERR_INVALID, "%s is %s", path, kv && jobs
		? "the database of a node of the Livepeer alpha, which has no tickets"
		: "no database of go-livepeer");
}

struct err *lpdb_open(const char *copy, struct lpdb **out)
{
	struct lpdb *l = XNEW(struct lpdb);
	struct err *e = NULL;

	*out = l;
	l->db.path = xstrdup(copy);
	if (sqlite3_open_v2(copy, &l->db.sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK)
		e = db_error(&l->db, "open");
	if (!e)
		e = db_exec(&l->db, "PRAGMA trusted_schema = OFF");
	if (!e)
		e = look(l, copy);
	if (e)
		lpdb_close(TAKE(*out));
	return e;
}

void lpdb_close(struct lpdb *l)
{
	if (!l)
		return;
	sqlite3_close(l->db.sql);
	free(l->db.path);
	free(l);
}

bool lpdb_chain_id(struct lpdb *l, uint64_t *out)
{
	struct stmt *st;
	bool row = false, known = false;
	struct err *e = stmt_new(&l->db, "SELECT value FROM kv WHERE key = 'chainID'", &st);

	if (!e) {
		e = stmt_step(st, &row);
		known = !e && row && parse_u64(stmt_text(st, 0), out);
		stmt_free(st);
	}
	err_free(e);
	return known;
}

static bool take_number(const struct stmt *st, int column, struct u256 *out)
{
	size_t n;
	const void *bytes = stmt_bytes(st, column, &n);

	return u256_from_be(out, bytes, n);
}

static bool take_word(const struct stmt *st, int column, uint8_t *out, size_t size)
{
	size_t n;
	const void *bytes = stmt_bytes(st, column, &n);

	if (n != size)
		return false;
	memcpy(out, bytes, n);
	return true;
}

static bool take_unsigned(const struct stmt *st, int column, int64_t max, int64_t *out)
{
	*out = stmt_int(st, column);
	return !stmt_is_null(st, column) && *out >= 0 && *out <= max;
}

static const char *read_ticket(const struct stmt *st, struct lpdb_ticket *t)
{
	struct ticket *k = &t->won.ticket;
	int64_t nonce;

	if (!addr_parse(&k->sender, stmt_text(st, 0)))
		return "sender";
	if (!addr_parse(&k->recipient, stmt_text(st, 1)))
		return "recipient";
	if (!take_number(st, 2, &k->face_value.v)) /* raw: a column */
		return "faceValue";
	if (!take_number(st, 3, &k->win_prob.v)) /* raw: a column */
		return "winProb";
	if (!take_unsigned(st, 4, UINT32_MAX, &nonce))
		return "senderNonce";
	k->nonce = (uint32_t)nonce;
	if (!take_number(st, 5, &t->won.rand))
		return "recipientRand";
	if (!hash_parse(&k->rand_hash, stmt_text(st, 6)))
		return "recipientRandHash";
	if (!take_word(st, 7, t->won.sig.b, sizeof(t->won.sig.b)))
		return "sig";
	if (!take_unsigned(st, 8, INT64_MAX, &k->created.round.v))
		return "creationRound";
	if (!hash_parse(&k->created.block_hash, stmt_text(st, 9)))
		return "creationRoundBlockHash";
	if (!take_unsigned(st, 10, INT64_MAX, &k->params_expiration.v))
		return "paramsExpirationBlock";
	t->has_tx = !stmt_is_null(st, 13) && *stmt_text(st, 13);
	if (t->has_tx && !hash_parse(&t->tx, stmt_text(st, 13)))
		return "txHash";
	return NULL;
}

struct err *lpdb_each_ticket(struct lpdb *l,
	struct err *(*fn)(void *ctx, const struct lpdb_ticket *t), void *ctx)
{
	struct stmt *st;
	struct err *e;
	bool row;

	if (!l->has_tickets)
		return NULL;
	e = stmt_new(&l->db, "SELECT sender, recipient, faceValue, winProb, senderNonce,"
		" recipientRand, recipientRandHash, sig, creationRound,"
		" creationRoundBlockHash, paramsExpirationBlock,"
		" CAST(strftime('%s', createdAt) AS INTEGER),"
		" CAST(strftime('%s', redeemedAt) AS INTEGER), txHash"
		" FROM ticketQueue ORDER BY createdAt, rowid", &st);
	if (e)
		return e;
	while (!(e = stmt_step(st, &row)) && row) {
		struct lpdb_ticket t = { .created_ms = stmt_int(st, 11) * 1000,
			.redeemed_ms = stmt_int(st, 12) * 1000 };

		t.problem = read_ticket(st, &t);
		e = fn(ctx, &t);
		if (e)
			break;
	}
	stmt_free(st);
	return e;
}

static const char *read_lock(const struct stmt *st, struct lpdb_lock *k)
{
	int64_t id;

	if (!take_unsigned(st, 0, INT64_MAX, &id))
		return "id";
	k->id = (uint64_t)id;
	if (!addr_parse(&k->delegator, stmt_text(st, 1)))
		return "delegator";
	if (!u256_parse(&k->amount.v, stmt_text(st, 2))) /* raw: a column */
		return "amount";
	if (!take_unsigned(st, 3, INT64_MAX, &k->withdraw_round.v))
		return "withdrawRound";
	k->used_block = stmt_is_null(st, 4) ? 0 : stmt_int(st, 4);
	return NULL;
}

struct err *lpdb_locks_of(struct db *db,
	struct err *(*fn)(void *ctx, const struct lpdb_lock *k), void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT id, delegator, amount, withdrawRound, usedBlock"
		" FROM unbondingLocks ORDER BY delegator, id", &st);
	if (e)
		return e;
	while (!(e = stmt_step(st, &row)) && row) {
		struct lpdb_lock k = { .id = 0 };

		k.problem = read_lock(st, &k);
		e = fn(ctx, &k);
		if (e)
			break;
	}
	stmt_free(st);
	return e;
}

struct err *lpdb_each_lock(struct lpdb *l,
	struct err *(*fn)(void *ctx, const struct lpdb_lock *k), void *ctx)
{
	return l->has_locks ? lpdb_locks_of(&l->db, fn, ctx) : NULL;
}
