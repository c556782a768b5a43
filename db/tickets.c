#include "db/tickets.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "db/columns.h"

#define DAY_MS 86400000

static const char *const state_names[TICKET_STATES] = {
	[TICKET_WON] = "won",
	[TICKET_SUBMITTED] = "submitted",
	[TICKET_REDEEMED] = "redeemed",
	[TICKET_FAILED] = "failed",
	[TICKET_LAPSED] = "lapsed",
};

const char *ticket_state_name(enum ticket_state s)
{
	return state_names[s];
}

bool ticket_state_parse(enum ticket_state *out, const char *name)
{
	for (enum ticket_state s = 0; s < TICKET_STATES; s++) {
		if (strcmp(state_names[s], name) == 0) {
			*out = s;
			return true;
		}
	}
	return false;
}

/* --- a winner comes in --- */

static struct err *find_id(struct db *db, const struct ticket_record *r, int64_t *id)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(db, "SELECT id FROM tickets WHERE hash = ?1 OR sig = ?2",
		&st);

	*id = 0;
	if (e)
		return e;
	stmt_bind_hash(st, 1, r->hash);
	stmt_bind_blob(st, 2, r->won.sig.b, sizeof(r->won.sig.b));
	e = stmt_step(st, &row);
	if (!e && row)
		*id = stmt_int(st, 0);
	stmt_free(st);
	return e;
}

struct err *tickets_put_won(struct db *db, struct ticket_record *r, bool *fresh)
{
	const struct ticket *t = &r->won.ticket;
	struct stmt *st;
	struct err *e = stmt_new(db, "INSERT INTO tickets (hash, sig, recipient, sender,"
		" face_value, win_prob, nonce, rand, rand_hash, round, round_hash,"
		" params_expiration, session, manifest, won_ms) VALUES (?1, ?2, ?3, ?4, ?5,"
		" ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT DO NOTHING", &st);

	*fresh = false;
	if (e)
		return e;
	stmt_bind_hash(st, 1, r->hash);
	stmt_bind_blob(st, 2, r->won.sig.b, sizeof(r->won.sig.b));
	stmt_bind_addr(st, 3, t->recipient);
	stmt_bind_addr(st, 4, t->sender);
	stmt_bind_wei(st, 5, t->face_value);
	stmt_bind_uint(st, 6, t->win_prob.v); /* raw: a column has no unit */
	stmt_bind_int(st, 7, t->nonce);
	stmt_bind_uint(st, 8, r->won.rand);
	stmt_bind_hash(st, 9, t->rand_hash);
	stmt_bind_int(st, 10, t->created.round.v);
	stmt_bind_hash(st, 11, t->created.block_hash);
	stmt_bind_int(st, 12, t->params_expiration.v);
	stmt_bind_text(st, 13, r->session);
	stmt_bind_text(st, 14, r->manifest);
	stmt_bind_int(st, 15, r->won_ms);
	e = stmt_run(st);
	stmt_free(st);
	if (e)
		return e;
	*fresh = db_changes(db) == 1;
	return find_id(db, r, &r->id);
}

/* --- reading --- */

#define COLUMNS "id, hash, sig, recipient, sender, face_value, win_prob, nonce, rand," \
	" rand_hash, round, round_hash, params_expiration, session, manifest, won_ms," \
	" state, reason, tx, tx_hash, attempts, redeemed_ms, paid, gas_cost, block," \
	" from_reserve"

static struct err *read_record(const struct stmt *st, struct ticket_record *r)
{
	struct ticket *t = &r->won.ticket;

	*r = (struct ticket_record){ .id = stmt_int(st, 0) };
	if (!stmt_blob(st, 1, r->hash.b, sizeof(r->hash.b)) ||
		!stmt_blob(st, 2, r->won.sig.b, sizeof(r->won.sig.b)) ||
		!stmt_blob(st, 3, t->recipient.b, sizeof(t->recipient.b)) ||
		!stmt_blob(st, 4, t->sender.b, sizeof(t->sender.b)) ||
		!stmt_read_wei(st, 5, &t->face_value) ||
		!stmt_read_uint(st, 6, &t->win_prob.v) || /* raw: a column has no unit */
		!stmt_read_uint(st, 8, &r->won.rand) ||
		!stmt_blob(st, 9, t->rand_hash.b, sizeof(t->rand_hash.b)) ||
		!stmt_blob(st, 11, t->created.block_hash.b, U256_SIZE) ||
		!ticket_state_parse(&r->state, stmt_text(st, 16)) ||
		!stmt_read_wei(st, 22, &r->paid) ||
		!stmt_read_wei(st, 23, &r->gas_cost) ||
		!stmt_read_wei(st, 25, &r->from_reserve))
		return err_new(ERR_IO, "ticket %lld in the database cannot be read",
			(long long)r->id);
	t->nonce = (uint32_t)stmt_int(st, 7);
	t->created.round.v = stmt_int(st, 10);
	t->params_expiration.v = stmt_int(st, 12);
	snprintf(r->session, sizeof(r->session), "%s", stmt_text(st, 13));
	snprintf(r->manifest, sizeof(r->manifest), "%s", stmt_text(st, 14));
	r->won_ms = stmt_int(st, 15);
	snprintf(r->reason, sizeof(r->reason), "%s", stmt_text(st, 17));
	r->tx = stmt_int(st, 18);
	if (!stmt_is_null(st, 19) && !stmt_blob(st, 19, r->tx_hash.b, sizeof(r->tx_hash.b)))
		return err_new(ERR_IO, "ticket %lld: its transaction's hash cannot be read",
			(long long)r->id);
	r->attempts = (unsigned)stmt_int(st, 20);
	r->redeemed_ms = stmt_int(st, 21);
	r->block = stmt_int(st, 24);
	return NULL;
}

/* The filter's own parameters are ?1 to ?4; limit and offset ?5 and ?6. Open
 * tickets are few among many, and have an index of their own; "+" tells SQLite
 * not to prefer the sender's. */
static void add_filter(struct str *sql, const struct ticket_filter *f)
{
	bool open = f->open || (f->by_state &&
		(f->state == TICKET_WON || f->state == TICKET_SUBMITTED));

	str_add(sql, " WHERE 1");
	if (f->by_state)
		str_printf(sql, " AND state = '%s'", ticket_state_name(f->state));
	if (open)
		str_add(sql, " AND state IN ('won', 'submitted')");
	if (f->by_sender)
		str_printf(sql, " AND %ssender = ?1", open ? "+" : "");
	if (f->session)
		str_add(sql, " AND session = ?2");
	if (f->since_ms)
		str_add(sql, " AND won_ms >= ?3");
	if (f->until_ms)
		str_add(sql, " AND won_ms < ?4");
}

static void bind_filter(struct stmt *st, const struct ticket_filter *f)
{
	if (f->by_sender)
		stmt_bind_addr(st, 1, f->sender);
	if (f->session)
		stmt_bind_text(st, 2, f->session);
	if (f->since_ms)
		stmt_bind_int(st, 3, f->since_ms);
	if (f->until_ms)
		stmt_bind_int(st, 4, f->until_ms);
}

struct err *tickets_each(struct db *db, const struct ticket_filter *f,
	struct err *(*fn)(void *ctx, const struct ticket_record *r), void *ctx)
{
	struct str sql = STR_INIT;
	struct ticket_record r;
	struct stmt *st;
	struct err *e;
	bool row;

	str_add(&sql, "SELECT " COLUMNS " FROM tickets");
	add_filter(&sql, f);
	str_printf(&sql, " ORDER BY id%s LIMIT ?5 OFFSET ?6", f->oldest_first ? "" : " DESC");
	e = stmt_new(db, sql.s, &st);
	str_clear(&sql);
	if (e)
		return e;
	bind_filter(st, f);
	stmt_bind_int(st, 5, f->limit ? f->limit : -1);
	stmt_bind_int(st, 6, f->offset);
	while (!(e = stmt_step(st, &row)) && row) {
		e = read_record(st, &r);
		if (!e)
			e = fn(ctx, &r);
		if (e)
			break;
	}
	stmt_free(st);
	return e;
}

struct err *tickets_get(struct db *db, int64_t id, struct ticket_record *out, bool *found)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "SELECT " COLUMNS " FROM tickets WHERE id = ?1", &st);

	*found = false;
	if (e)
		return e;
	stmt_bind_int(st, 1, id);
	e = stmt_step(st, found);
	if (!e && *found)
		e = read_record(st, out);
	stmt_free(st);
	return e;
}

/* --- moving on --- */

struct err *tickets_move(struct db *db, enum ticket_state from,
	const struct ticket_record *r)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "UPDATE tickets SET state = ?3, reason = ?4, tx = ?5,"
		" tx_hash = ?6, attempts = ?7, redeemed_ms = ?8, paid = ?9, gas_cost = ?10,"
		" block = ?11, from_reserve = ?12 WHERE id = ?1 AND state = ?2", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, r->id);
	stmt_bind_text(st, 2, ticket_state_name(from));
	stmt_bind_text(st, 3, ticket_state_name(r->state));
	stmt_bind_text(st, 4, r->reason);
	stmt_bind_int(st, 5, r->tx);
	if (!hash_is_zero(r->tx_hash))
		stmt_bind_hash(st, 6, r->tx_hash);
	stmt_bind_int(st, 7, r->attempts);
	stmt_bind_int(st, 8, r->redeemed_ms);
	stmt_bind_wei(st, 9, r->paid);
	stmt_bind_wei(st, 10, r->gas_cost);
	stmt_bind_int(st, 11, r->block);
	stmt_bind_wei(st, 12, r->from_reserve);
	e = stmt_run(st);
	stmt_free(st);
	if (!e && db_changes(db) != 1)
		e = err_new(ERR_BUSY, "ticket %lld is not %s any more", (long long)r->id,
			ticket_state_name(from));
	return e;
}

struct err *tickets_note(struct db *db, int64_t id, const char *reason)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "UPDATE tickets SET reason = ?2 WHERE id = ?1", &st);

	if (e)
		return e;
	stmt_bind_int(st, 1, id);
	stmt_bind_text(st, 2, reason);
	e = stmt_run(st);
	stmt_free(st);
	return e;
}

struct err *tickets_reopen(struct db *db, struct round_no over, int64_t *n)
{
	struct stmt *st;
	struct err *e = stmt_new(db, "UPDATE tickets SET state = 'won', reason = ''"
		" WHERE state = 'lapsed' AND round > ?1", &st);

	*n = 0;
	if (e)
		return e;
	stmt_bind_int(st, 1, over.v);
	e = stmt_run(st);
	stmt_free(st);
	if (!e)
		*n = db_changes(db);
	return e;
}

/* --- sums: SQLite cannot add 256 bits --- */

struct sum_row {
	struct eth_addr sender;
	int64_t day;
	enum ticket_state state;
	struct wei face, paid, gas_cost;
};

static struct err *read_sum(const struct stmt *st, struct sum_row *r)
{
	r->day = stmt_int(st, 1) / DAY_MS;
	if (stmt_blob(st, 0, r->sender.b, sizeof(r->sender.b)) &&
		ticket_state_parse(&r->state, stmt_text(st, 2)) &&
		stmt_read_wei(st, 3, &r->face) &&
		stmt_read_wei(st, 4, &r->paid) &&
		stmt_read_wei(st, 5, &r->gas_cost))
		return NULL;
	return err_new(ERR_IO, "a ticket in the database cannot be read");
}

static void add_to(struct ticket_totals *t, const struct sum_row *r)
{
	t->n[r->state]++;
	t->face[r->state] = wei_add_or_max(t->face[r->state], r->face);
	t->paid = wei_add_or_max(t->paid, r->paid);
	t->gas_cost = wei_add_or_max(t->gas_cost, r->gas_cost);
}

static struct err *each_sum(struct db *db, const struct ticket_filter *f,
	const char *order, void (*fn)(void *ctx, const struct sum_row *r), void *ctx)
{
	struct str sql = STR_INIT;
	struct sum_row r;
	struct stmt *st;
	struct err *e;
	bool row;

	str_add(&sql, "SELECT sender, won_ms, state, face_value, paid, gas_cost FROM tickets");
	add_filter(&sql, f);
	str_add(&sql, order);
	e = stmt_new(db, sql.s, &st);
	str_clear(&sql);
	if (e)
		return e;
	bind_filter(st, f);
	while (!(e = stmt_step(st, &row)) && row) {
		e = read_sum(st, &r);
		if (e)
			break;
		fn(ctx, &r);
	}
	stmt_free(st);
	return e;
}

static void on_total(void *ctx, const struct sum_row *r)
{
	add_to(ctx, r);
}

struct err *tickets_totals(struct db *db, const struct ticket_filter *f,
	struct ticket_totals *out)
{
	*out = (struct ticket_totals){ 0 };
	return each_sum(db, f, "", on_total, out);
}

struct grouping {
	bool by_day;
	bool open;
	struct ticket_group group;
	void (*fn)(void *ctx, const struct ticket_group *g);
	void *ctx;
};

static void on_group_row(void *ctx, const struct sum_row *r)
{
	struct grouping *g = ctx;
	bool same = g->open && (g->by_day ? g->group.day == r->day
					  : addr_eq(g->group.sender, r->sender));

	if (!same) {
		if (g->open)
			g->fn(g->ctx, &g->group);
		g->group = (struct ticket_group){ .sender = r->sender, .day = r->day };
		g->open = true;
	}
	add_to(&g->group.totals, r);
}

static struct err *each_group(struct db *db, struct grouping *g,
	const struct ticket_filter *f, const char *order)
{
	struct err *e = each_sum(db, f, order, on_group_row, g);

	if (!e && g->open)
		g->fn(g->ctx, &g->group);
	return e;
}

struct err *tickets_by_sender(struct db *db,
	void (*fn)(void *ctx, const struct ticket_group *g), void *ctx)
{
	struct grouping g = { .fn = fn, .ctx = ctx };

	return each_group(db, &g, &(struct ticket_filter){ 0 }, " ORDER BY sender, id");
}

struct err *tickets_by_day(struct db *db, int64_t days,
	void (*fn)(void *ctx, const struct ticket_group *g), void *ctx)
{
	struct grouping g = { .by_day = true, .fn = fn, .ctx = ctx };
	struct ticket_filter f = { 0 };
	struct err *e = stmt_number(db, "SELECT max(won_ms) FROM tickets", &f.since_ms);

	if (e)
		return e;
	f.since_ms = (f.since_ms / DAY_MS - days + 1) * DAY_MS;
	if (f.since_ms < 0)
		f.since_ms = 0;
	return each_group(db, &g, &f, " ORDER BY won_ms, id");
}
