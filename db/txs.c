#include "db/txs.h"

#include <stdio.h>
#include <stdlib.h>

#include "db/columns.h"

void tx_record_clear(struct tx_record *r)
{
	blob_put(r->data);
	*r = (struct tx_record){ 0 };
}

void tx_attempt_clear(struct tx_attempt *a)
{
	blob_put(a->raw);
	*a = (struct tx_attempt){ 0 };
}

struct tx_job tx_record_job(const struct tx_record *r)
{
	struct tx_job j = {
		.id = r->id,
		.state = r->state,
		.ticket = r->ticket,
		.has_nonce = r->has_nonce,
		.nonce = r->nonce,
		.hash = r->hash,
		.undo = r->undo,
		.gas_price = r->gas_price,
		.gas_limit = r->gas,
		.gas_used = r->gas_used,
		.value = r->value,
		.block = r->block,
		.created_ms = r->created_ms,
		.final_ms = r->final_ms,
	};

	snprintf(j.kind, sizeof(j.kind), "%s", r->kind);
	snprintf(j.note, sizeof(j.note), "%s", r->note);
	snprintf(j.job, sizeof(j.job), "%s", r->job);
	snprintf(j.error, sizeof(j.error), "%s", r->error);
	return j;
}

/* --- writing --- */

/* What moves: parameters 1 to 11. */
static void bind_moving(struct stmt *st, const struct tx_record *r)
{
	stmt_bind_text(st, 1, tx_state_name(r->state));
	stmt_bind_int(st, 2, r->undo);
	stmt_bind_int(st, 3, (int64_t)r->gas.v); /* raw: a column has no unit */
	if (r->has_nonce)
		stmt_bind_int(st, 4, (int64_t)r->nonce);
	else
		stmt_bind_null(st, 4);
	stmt_bind_hash_or_null(st, 5, r->hash);
	stmt_bind_wei(st, 6, r->gas_price);
	stmt_bind_int(st, 7, (int64_t)r->gas_used.v); /* raw: likewise */
	stmt_bind_int(st, 8, r->block.v);
	stmt_bind_hash_or_null(st, 9, r->block_hash);
	stmt_bind_int_or_null(st, 10, r->final_ms);
	stmt_bind_text(st, 11, r->error);
}

static struct err *insert_row(struct db *db, struct tx_record *r)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT INTO txs (state, undo, gas, nonce, hash,"
		" gas_price, gas_used, block, block_hash, final_ms, error, account, kind,"
		" note, job, target, value, data, max_cost, ticket, created_ms)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
		" ?15, ?16, ?17, ?18, ?19, ?20, ?21)", &st);

	if (e)
		return e;
	bind_moving(st, r);
	stmt_bind_addr(st, 12, r->account);
	stmt_bind_text(st, 13, r->kind);
	stmt_bind_text(st, 14, r->note);
	stmt_bind_text(st, 15, r->job);
	stmt_bind_addr(st, 16, r->to);
	stmt_bind_wei(st, 17, r->value);
	stmt_bind_blob(st, 18, blob_data(r->data), blob_size(r->data));
	stmt_bind_wei(st, 19, r->max_cost);
	stmt_bind_int_or_null(st, 20, r->ticket);
	stmt_bind_int(st, 21, r->created_ms);
	e = stmt_run(st);
	stmt_free(st);
	if (!e)
		r->id = db_last_id(db);
	return e;
}

static struct err *insert_attempt(struct db *db, struct tx_attempt *a)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT INTO attempts (tx, nonce, hash, raw, is_1559,"
		" gas_price, tip, undo, made_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" ?9)", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, a->tx);
	stmt_bind_int(st, 2, (int64_t)a->nonce);
	stmt_bind_hash(st, 3, a->hash);
	stmt_bind_blob(st, 4, blob_data(a->raw), blob_size(a->raw));
	stmt_bind_int(st, 5, a->is_1559);
	stmt_bind_wei(st, 6, a->gas_price);
	stmt_bind_wei(st, 7, a->tip);
	stmt_bind_int(st, 8, a->undo);
	stmt_bind_int(st, 9, a->made_ms);
	e = stmt_run(st);
	stmt_free(st);
	if (!e)
		a->id = db_last_id(db);
	return e;
}

/* Is there a job that stands in the way of making r a live one? */
static struct err *find_rival(struct db *db, const struct tx_record *r, bool *taken)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "SELECT 1 FROM txs WHERE id <> ?1 AND"
		" (ticket = ?2 AND state IN ('prepared', 'sent', 'mined', 'confirmed')"
		" OR account = ?3 AND nonce = ?4 AND state IN ('prepared', 'sent',"
		"  'mined'))", &st);

	*taken = false;
	if (e)
		return e;
	stmt_bind_int(st, 1, r->id);
	if (r->ticket)
		stmt_bind_int(st, 2, r->ticket);
	stmt_bind_addr(st, 3, r->account);
	if (r->has_nonce)
		stmt_bind_int(st, 4, (int64_t)r->nonce);
	e = stmt_step(st, taken);
	stmt_free(st);
	return e;
}

static struct err *update_row(struct db *db, enum tx_state from, const struct tx_record *r)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "UPDATE txs SET state = ?1, undo = ?2, gas = ?3,"
		" nonce = ?4, hash = ?5, gas_price = ?6, gas_used = ?7, block = ?8,"
		" block_hash = ?9, final_ms = ?10, error = ?11"
		" WHERE id = ?12 AND state = ?13", &st);

	if (e)
		return e;
	bind_moving(st, r);
	stmt_bind_int(st, 12, r->id);
	stmt_bind_text(st, 13, tx_state_name(from));
	e = stmt_run(st);
	stmt_free(st);
	if (!e && db_changes(db) != 1)
		e = err_new(ERR_BUSY, "transaction %lld is not %s any more",
			(long long)r->id, tx_state_name(from));
	return e;
}

struct err *txs_put(struct db *db, struct tx_record *r, struct tx_attempt *a, bool *taken)
{
	struct err *e = db_begin(db);

	*taken = false;
	r->id = 0;
	if (!e)
		e = find_rival(db, r, taken);
	if (!e && *taken) {
		db_rollback(db);
		return NULL;
	}
	if (!e)
		e = insert_row(db, r);
	if (!e && a) {
		a->tx = r->id;
		e = insert_attempt(db, a);
	}
	return db_end(db, e);
}

struct err *txs_put_attempt(struct db *db, const struct tx_record *r, struct tx_attempt *a)
{
	struct err *e = db_begin(db);

	a->tx = r->id;
	if (!e)
		e = insert_attempt(db, a);
	if (!e)
		e = update_row(db, r->state, r);
	return db_end(db, e);
}

struct err *txs_move(struct db *db, enum tx_state from, const struct tx_record *r,
	bool *taken)
{
	bool rival = false;
	struct err *e = db_begin(db);

	if (!e && !tx_state_is_final(r->state))
		e = find_rival(db, r, &rival);
	if (taken)
		*taken = rival;
	if (!e && rival && taken) {
		db_rollback(db);
		return NULL;
	}
	if (!e)
		e = update_row(db, from, r);
	return db_end(db, e);
}

/* --- reading --- */

#define ROW_COLUMNS \
	"id, state, undo, gas, nonce, hash, gas_price, gas_used, block, block_hash," \
	" final_ms, error, account, kind, note, job, target, value, max_cost, ticket," \
	" created_ms"

static struct err *read_row(const struct stmt *st, struct tx_record *r)
{
	*r = (struct tx_record){
		.id = stmt_int(st, 0),
		.undo = (enum tx_undo)stmt_int(st, 2),
		.gas = { (uint64_t)stmt_int(st, 3) },
		.has_nonce = !stmt_is_null(st, 4),
		.nonce = (uint64_t)stmt_int(st, 4),
		.hash = stmt_hash(st, 5),
		.gas_price = stmt_wei(st, 6),
		.gas_used = { (uint64_t)stmt_int(st, 7) },
		.block = { stmt_int(st, 8) },
		.block_hash = stmt_hash(st, 9),
		.final_ms = stmt_int(st, 10),
		.account = stmt_addr(st, 12),
		.to = stmt_addr(st, 16),
		.value = stmt_wei(st, 17),
		.max_cost = stmt_wei(st, 18),
		.ticket = stmt_int(st, 19),
		.created_ms = stmt_int(st, 20),
	};
	stmt_text_into(st, 11, r->error, sizeof(r->error));
	stmt_text_into(st, 13, r->kind, sizeof(r->kind));
	stmt_text_into(st, 14, r->note, sizeof(r->note));
	stmt_text_into(st, 15, r->job, sizeof(r->job));
	if (tx_state_parse(&r->state, stmt_text(st, 1)))
		return NULL;
	return err_new(ERR_IO, "transaction %lld has the unknown state \"%s\"",
		(long long)r->id, stmt_text(st, 1));
}

struct err *txs_each_live(struct db *db, struct eth_addr account,
	struct l2_block since, void (*fn)(void *ctx, struct tx_record *r), void *ctx)
{
	struct stmt *st;
	bool row = false;
	struct tx_record r;
	struct err *e = stmt_new(db, "SELECT " ROW_COLUMNS ", data FROM txs WHERE"
		" account = ?1 AND (state IN ('prepared', 'sent', 'mined')"
		"  OR block >= ?2 AND block > 0) ORDER BY id", &st);

	if (e)
		return e;
	stmt_bind_addr(st, 1, account);
	stmt_bind_int(st, 2, since.v);
	while (!(e = stmt_step(st, &row)) && row) {
		size_t n;
		const void *p;

		e = read_row(st, &r);
		if (e)
			break;
		p = stmt_bytes(st, 21, &n);
		r.data = blob_new(p, n);
		fn(ctx, &r);
	}
	stmt_free(st);
	return e;
}

struct err *txs_each_attempt(struct db *db, int64_t tx,
	void (*fn)(void *ctx, struct tx_attempt *a), void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT id, tx, nonce, hash, is_1559, gas_price, tip,"
		" undo, made_ms, raw FROM attempts WHERE tx = ?1 ORDER BY id", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, tx);
	while (!(e = stmt_step(st, &row)) && row) {
		size_t n;
		const void *p = stmt_bytes(st, 9, &n);
		struct tx_attempt a = {
			.id = stmt_int(st, 0),
			.tx = stmt_int(st, 1),
			.nonce = (uint64_t)stmt_int(st, 2),
			.hash = stmt_hash(st, 3),
			.is_1559 = stmt_int(st, 4) != 0,
			.gas_price = stmt_wei(st, 5),
			.tip = stmt_wei(st, 6),
			.undo = stmt_int(st, 7) != 0,
			.made_ms = stmt_int(st, 8),
			.raw = blob_new(p, n),
		};

		fn(ctx, &a);
	}
	stmt_free(st);
	return e;
}

#define JOB_COLUMNS \
	ROW_COLUMNS ", (SELECT count(*) FROM attempts WHERE tx = txs.id)"

static struct err *read_job(const struct stmt *st, struct tx_job *out)
{
	struct tx_record r;
	struct err *e = read_row(st, &r);

	*out = tx_record_job(&r);
	out->attempts = (unsigned)stmt_int(st, 21);
	return e;
}

/* Takes st. */
static struct err *each_job(struct stmt *st, void (*fn)(void *ctx, const struct tx_job *j),
	void *ctx)
{
	bool row = false;
	struct tx_job j;
	struct err *e;

	while (!(e = stmt_step(st, &row)) && row) {
		e = read_job(st, &j);
		if (e)
			break;
		fn(ctx, &j);
	}
	stmt_free(st);
	return e;
}

struct err *txs_of_ticket(struct db *db, int64_t ticket, struct tx_job *out, bool *found)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "SELECT " JOB_COLUMNS " FROM txs WHERE ticket = ?1"
		" ORDER BY id DESC LIMIT 1", &st);

	*found = false;
	if (e)
		return e;
	stmt_bind_int(st, 1, ticket);
	e = stmt_step(st, found);
	if (!e && *found)
		e = read_job(st, out);
	stmt_free(st);
	return e;
}

struct err *txs_each(struct db *db, struct eth_addr account, int64_t max,
	void (*fn)(void *ctx, const struct tx_job *j), void *ctx)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "SELECT " JOB_COLUMNS " FROM txs WHERE account = ?1"
		" ORDER BY id DESC LIMIT ?2", &st);

	if (e)
		return e;
	stmt_bind_addr(st, 1, account);
	stmt_bind_int(st, 2, max);
	return each_job(st, fn, ctx);
}

struct err *txs_of_job(struct db *db, struct eth_addr account, const char *job,
	void (*fn)(void *ctx, const struct tx_job *j), void *ctx)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "SELECT " JOB_COLUMNS " FROM txs WHERE account = ?1"
		" AND job = ?2 ORDER BY id", &st);

	if (e)
		return e;
	stmt_bind_addr(st, 1, account);
	stmt_bind_text(st, 2, job);
	return each_job(st, fn, ctx);
}
