#include "db/locks.h"

#include "db/columns.h"

struct err *locks_put(struct db *db, const struct lock_record *l)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT OR REPLACE INTO locks (delegator, id, amount,"
		" withdraw_round) VALUES (?1, ?2, ?3, ?4)", &st);

	if (e)
		return e;
	stmt_bind_addr(st, 1, l->delegator);
	stmt_bind_int(st, 2, (int64_t)l->id);
	stmt_bind_uint(st, 3, l->amount.v); /* raw: a column has no unit */
	stmt_bind_int(st, 4, l->withdraw_round.v);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *locks_each(struct db *db, struct eth_addr delegator,
	void (*fn)(void *ctx, const struct lock_record *l), void *ctx)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT id, amount, withdraw_round FROM locks"
		" WHERE delegator = ?1 ORDER BY id", &st);

	if (e)
		return e;
	stmt_bind_addr(st, 1, delegator);
	while (!(e = stmt_step(st, &row)) && row) {
		struct lock_record l = { .delegator = delegator,
			.id = (uint64_t)stmt_int(st, 0),
			.withdraw_round = { stmt_int(st, 2) } };

		if (!stmt_read_uint(st, 1, &l.amount.v)) { /* raw: a column has no unit */
			e = err_new(ERR_IO, "lock %llu in the database cannot be read",
				(unsigned long long)l.id);
			break;
		}
		fn(ctx, &l);
	}
	stmt_free(st);
	return e;
}
