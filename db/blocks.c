#include "db/blocks.h"

#include "db/columns.h"

static struct err *cut(struct db *db, struct l2_block from)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "DELETE FROM blocks WHERE number >= ?1", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, from.v);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

static struct err *add(struct db *db, const struct block_row *rows, size_t n)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT INTO blocks (number, hash, parent, l1,"
		" time_ms) VALUES (?1, ?2, ?3, ?4, ?5)", &st);

	if (e)
		return e;
	for (size_t i = 0; i < n && !e; i++) {
		stmt_bind_int(st, 1, rows[i].number.v);
		stmt_bind_hash(st, 2, rows[i].hash);
		stmt_bind_hash(st, 3, rows[i].parent);
		stmt_bind_int(st, 4, rows[i].l1.v);
		stmt_bind_int(st, 5, rows[i].time_ms);
		e = stmt_run(st);
	}
	stmt_free(st);
	return e;
}

static struct err *prune(struct db *db, size_t keep)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "DELETE FROM blocks WHERE number <="
		" (SELECT max(number) FROM blocks) - ?1", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, (int64_t)keep);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *blocks_put(struct db *db, struct l2_block from,
	const struct block_row *rows, size_t n, size_t keep)
{
	struct err *e = db_begin(db);

	if (!e)
		e = cut(db, from);
	if (!e)
		e = add(db, rows, n);
	if (!e)
		e = prune(db, keep);
	return db_end(db, e);
}

struct err *blocks_get(struct db *db, struct block_row *out, size_t max, size_t *n)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT * FROM (SELECT number, hash, parent, l1,"
		" time_ms FROM blocks ORDER BY number DESC LIMIT ?1) ORDER BY number",
		&st);

	*n = 0;
	if (e)
		return e;
	stmt_bind_int(st, 1, (int64_t)max);
	while (!(e = stmt_step(st, &row)) && row)
		out[(*n)++] = (struct block_row){
			.number = { stmt_int(st, 0) },
			.hash = stmt_hash(st, 1),
			.parent = stmt_hash(st, 2),
			.l1 = { stmt_int(st, 3) },
			.time_ms = stmt_int(st, 4),
		};
	stmt_free(st);
	return e;
}
