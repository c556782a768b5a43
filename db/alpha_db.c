#include "db/alpha_db.h"

#include <stdlib.h>
#include <string.h>

#include "db/db_private.h"
#include "db/stmt.h"

#define VALUE_MAX (1 << 20)   /* bytes of one value; SQLite refuses more */
#define BLOCKS_BACK 100000    /* no chain goes back as far: some two weeks */

struct alpha_db {
	struct db db;
	struct alpha_schema schema;
	bool has[ALPHA_TABLES][ALPHA_COLUMNS_MAX];
};

/* --- the tables --- */

static const struct {
	const char *name, *key;
} tables[] = {
#define TABLE(id, name, key) { name, key },
#include "db/alpha_tables.def"
};

static const struct {
	enum alpha_table table;
	struct alpha_column column;
} columns[] = {
#define COLUMN(table, name, type) { ALPHA_##table, { name, ALPHA_##type } },
#include "db/alpha_tables.def"
};

const char *alpha_table_name(enum alpha_table t)
{
	return tables[t].name;
}

const char *alpha_table_key(enum alpha_table t)
{
	return tables[t].key;
}

const struct alpha_column *alpha_column(enum alpha_table t, size_t i)
{
	size_t k = 0;

	while (columns[k].table != t)
		k++;
	k += i;
	return k < ARRAY_SIZE(columns) && columns[k].table == t ? &columns[k].column : NULL;
}

/* --- what there is --- */

/* A view that is called as the table would be anybody's program, not rows. */
static struct err *has_table(struct alpha_db *a, const char *name, bool *out)
{
	struct stmt *st;
	bool row = false;
	struct err *e = stmt_new(&a->db, "SELECT count(*) FROM sqlite_schema"
		" WHERE type = 'table' AND name = ?1 AND sql NOT LIKE 'CREATE VIRTUAL%'", &st);

	*out = false;
	if (e)
		return e;
	stmt_bind_text(st, 1, name);
	e = stmt_step(st, &row);
	*out = !e && row && stmt_int(st, 0) > 0;
	stmt_free(st);
	return e;
}

static struct err *look_at_table(struct alpha_db *a, enum alpha_table t)
{
	const struct alpha_column *c;
	struct err *e = has_table(a, alpha_table_name(t), &a->schema.table[t]);

	for (size_t i = 0; a->schema.table[t] && !e && (c = alpha_column(t, i)); i++)
		e = lpdb_has_column(&a->db, alpha_table_name(t), c->name, &a->has[t][i]);
	return e;
}

static struct err *look(struct alpha_db *a)
{
	struct alpha_schema *s = &a->schema;
	int64_t n = 0;
	struct err *e = stmt_number(&a->db, "SELECT count(*) FROM sqlite_schema", &n);

	s->any = n > 0;
	if (!e)
		e = has_table(a, "kv", &s->kv);
	for (size_t t = 0; t < ALPHA_TABLES && !e; t++)
		e = look_at_table(a, t);
	if (!e)
		e = lpdb_has_column(&a->db, "orchestrators", "pricePerPixel", &s->price);
	if (!e)
		e = lpdb_has_column(&a->db, "orchestrators", "activationRound", &s->activation);
	if (!e)
		e = has_table(a, "ticketQueue", &s->queue);
	return e;
}

/* SQLite's own look at its pages, before rows are believed. */
static struct err *check(struct alpha_db *a)
{
	struct stmt *st;
	bool row = false;
	struct err *e = stmt_new(&a->db, "PRAGMA quick_check(1)", &st);

	if (e)
		return e;
	e = stmt_step(st, &row);
	if (!e && row && strcmp(stmt_text(st, 0), "ok") != 0)
		e = err_new(ERR_IO, "%s", stmt_text(st, 0));
	stmt_free(st);
	return e;
}

/* SQLite's words, without the name of a copy that nobody has seen. */
static struct err *in_words(struct alpha_db *a, struct err *taken)
{
	struct str why = STR_INIT;
	int code = sqlite3_errcode(a->db.sql) & 0xff;
	bool own = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE;
	const char *text = own ? err_text(taken) : sqlite3_errmsg(a->db.sql);
	struct err *e;

	str_add_safe(&why, text, strlen(text), 300);
	e = code == SQLITE_NOTADB
		? err_new(ERR_INVALID, "it is no SQLite database")
		: err_new(ERR_INVALID, "the database is damaged: %s", str_cstr(&why));
	str_clear(&why);
	err_free(taken);
	return e;
}

static void restrain(sqlite3 *sql)
{
	sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_limit(sql, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

struct err *alpha_db_open(const char *copy, struct alpha_db **out)
{
	struct alpha_db *a = XNEW(struct alpha_db);
	struct err *e = NULL;

	*out = a;
	a->db.path = xstrdup(copy);
	if (sqlite3_open_v2(copy, &a->db.sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK)
		e = db_error(&a->db, "open");
	if (!e) {
		restrain(a->db.sql);
		e = db_exec(&a->db, "PRAGMA trusted_schema = OFF;"
			"PRAGMA cell_size_check = ON");
	}
	if (!e)
		e = check(a);
	if (!e)
		e = look(a);
	if (e) {
		e = in_words(a, e);
		alpha_db_close(TAKE(*out));
	}
	return e;
}

void alpha_db_close(struct alpha_db *a)
{
	if (!a)
		return;
	sqlite3_close(a->db.sql);
	free(a->db.path);
	free(a);
}

const struct alpha_schema *alpha_db_schema(const struct alpha_db *a)
{
	return &a->schema;
}

/* A number in kv.value is an INTEGER by its affinity, and may be any text. */
bool alpha_db_last_block(struct alpha_db *a, int64_t *out)
{
	struct stmt *st;
	bool row = false, known = false;
	struct err *e;

	if (!a->schema.kv)
		return false;
	e = stmt_new(&a->db, "SELECT value FROM kv WHERE key = 'lastBlock'", &st);
	if (!e) {
		e = stmt_step(st, &row);
		known = !e && row && parse_i64(stmt_text(st, 0), out) && *out > 0;
		stmt_free(st);
	}
	err_free(e);
	return known;
}

bool alpha_db_is_shared(struct alpha_db *a)
{
	struct str sql = STR_INIT;
	int64_t n = 0;
	struct err *e = NULL;

	for (enum alpha_table t = ALPHA_JOBS; t < ALPHA_TABLES && !n && !e; t++) {
		if ((t != ALPHA_JOBS && t != ALPHA_BROADCASTS) || !a->schema.table[t])
			continue;
		str_truncate(&sql, 0);
		str_printf(&sql, "SELECT count(*) FROM (SELECT startBlock AS now,"
			" max(startBlock) OVER (ORDER BY recordedAt ROWS UNBOUNDED PRECEDING)"
			" AS seen FROM %s WHERE typeof(startBlock) = 'integer')"
			" WHERE now < seen - %d", alpha_table_name(t), BLOCKS_BACK);
		e = stmt_number(&a->db, sql.s, &n);
	}
	str_clear(&sql);
	err_free(e);
	return n > 0;
}

struct err *alpha_db_count(struct alpha_db *a, enum alpha_table t, int64_t *out)
{
	struct str sql = STR_INIT;
	struct err *e;

	*out = 0;
	if (!a->schema.table[t])
		return NULL;
	str_printf(&sql, "SELECT count(*) FROM %s", alpha_table_name(t));
	e = stmt_number(&a->db, sql.s, out);
	str_clear(&sql);
	return e;
}

struct err *alpha_db_each_lock(struct alpha_db *a,
	struct err *(*fn)(void *ctx, const struct lpdb_lock *k), void *ctx)
{
	return a->schema.table[ALPHA_LOCKS] ? lpdb_locks_of(&a->db, fn, ctx) : NULL;
}

/* --- rows --- */

struct reader {
	struct str text[ALPHA_COLUMNS_MAX]; /* what SQLite does not keep for us */
	struct str key;
};

static void add_columns(struct str *sql, const struct alpha_db *a, enum alpha_table t)
{
	const struct alpha_column *c;

	for (size_t i = 0; (c = alpha_column(t, i)); i++)
		str_printf(sql, ", %s", a->has[t][i] ? c->name : "NULL");
}

static void take_text(const struct stmt *st, int column, struct str *kept,
	struct alpha_value *v)
{
	size_t n, whole;
	const char *p = stmt_text(st, column);

	(void)stmt_bytes(st, column, &whole);
	n = strnlen(p, whole < ALPHA_TEXT_MAX ? whole : ALPHA_TEXT_MAX);
	v->lossy |= n < whole;
	str_addn(kept, p, n);
}

static void take_hex(const struct stmt *st, int column, struct str *kept,
	struct alpha_value *v)
{
	size_t n;
	const void *p = stmt_bytes(st, column, &n);

	v->lossy |= n > ALPHA_TEXT_MAX / 2;
	str_add(kept, "0x");
	str_add_hex(kept, p, n > ALPHA_TEXT_MAX / 2 ? ALPHA_TEXT_MAX / 2 : n);
}

/* What SQLite holds is of its own type, whatever the column was declared. */
static void take_value(const struct stmt *st, int column, enum alpha_type want,
	struct str *kept, struct alpha_value *v)
{
	enum stmt_type have = stmt_type(st, column);

	*v = (struct alpha_value){ .null = have == STMT_NULL };
	str_truncate(kept, 0);
	if (have == STMT_BLOB)
		take_hex(st, column, kept, v);
	else if (have != STMT_NULL)
		take_text(st, column, kept, v);
	if (want == ALPHA_INT && have == STMT_INT)
		v->i = stmt_int(st, column);
	else if (want == ALPHA_INT)
		v->lossy = !v->null;
	else if (want == ALPHA_BLOB)
		v->lossy |= !v->null && have != STMT_BLOB;
	else
		v->lossy |= !v->null && have != STMT_TEXT;
	v->text = str_cstr(kept);
}

static void take_row(const struct stmt *st, enum alpha_table t, struct reader *r,
	struct alpha_row *row)
{
	const struct alpha_column *c;
	struct alpha_value key;

	*row = (struct alpha_row){ .key = NULL };
	take_value(st, 0, ALPHA_TEXT, &r->key, &key);
	row->key = key.text;
	for (size_t i = 0; (c = alpha_column(t, i)); i++)
		take_value(st, (int)i + 1, c->type, &r->text[i], &row->v[i]);
}

struct err *alpha_db_each(struct alpha_db *a, enum alpha_table t,
	struct err *(*fn)(void *ctx, const struct alpha_row *row), void *ctx)
{
	struct reader r = { .key = STR_INIT };
	struct str sql = STR_INIT;
	struct stmt *st = NULL;
	struct alpha_row row;
	struct err *e;
	bool more;

	if (!a->schema.table[t])
		return NULL;
	/* A key of NULL is none: STRING columns are no keys to SQLite. */
	str_printf(&sql, "SELECT coalesce(%s, 'row ' || rowid)", alpha_table_key(t));
	add_columns(&sql, a, t);
	str_printf(&sql, " FROM %s ORDER BY rowid", alpha_table_name(t));
	e = stmt_new(&a->db, sql.s, &st);
	while (!e && !(e = stmt_step(st, &more)) && more) {
		take_row(st, t, &r, &row);
		e = fn(ctx, &row);
	}
	stmt_free(st);
	str_clear(&sql);
	str_clear(&r.key);
	for (size_t i = 0; i < ALPHA_COLUMNS_MAX; i++)
		str_clear(&r.text[i]);
	return e;
}

/* --- what was never paid --- */

/* How many profiles a job's options name: 8 hex digits each. Where SQLite made
 * a number of them, zeros in front are gone. 0: it cannot be told. */
static uint64_t profiles(const struct stmt *st, int column)
{
	const char *text = stmt_text(st, column);
	size_t n = strlen(text);
	enum stmt_type type = stmt_type(st, column);

	if ((type != STMT_TEXT && type != STMT_INT) || !n ||
		strspn(text, "0123456789abcdefABCDEF") != n || (type == STMT_TEXT && n % 8))
		return 0;
	return (n + 7) / 8;
}

/* Columns: a job's price, its options, so many segments. */
static void add_loss(const struct stmt *st, struct wei *sum, int64_t *n, int64_t *unpriced)
{
	int64_t price = stmt_int(st, 0), count = stmt_int(st, 2);
	uint64_t each = profiles(st, 1);
	struct wei fee;

	*n += count;
	/* go-livepeer wrote the lowest 64 bits, so that a price may be negative. */
	if (stmt_type(st, 0) != STMT_INT || price < 0 || !each ||
		!wei_mul(&fee, wei_from((uint64_t)price), each) ||
		!wei_mul(&fee, fee, (uint64_t)count))
		*unpriced += count;
	else
		*sum = wei_add_or_max(*sum, fee);
}

static struct err *sum_losses(struct alpha_db *a, const char *sql, struct wei *sum,
	int64_t *n, int64_t *unpriced)
{
	struct stmt *st;
	bool row;
	struct err *e = stmt_new(&a->db, sql, &st);

	while (!e && !(e = stmt_step(st, &row)) && row)
		add_loss(st, sum, n, unpriced);
	stmt_free(st);
	return e;
}

struct err *alpha_db_losses(struct alpha_db *a, struct alpha_losses *out)
{
	const bool *has = a->schema.table;
	struct err *e;

	*out = (struct alpha_losses){ .receipts = 0 };
	if (!has[ALPHA_JOBS] || !has[ALPHA_CLAIMS] || !has[ALPHA_RECEIPTS])
		return NULL;
	/* A receipt with an error is of a segment that failed: worth nothing. */
	e = sum_losses(a, "SELECT j.segmentPrice, j.transcodeOptions, count(*)"
		" FROM receipts r LEFT JOIN jobs j ON j.id = r.jobID"
		" WHERE r.claimID IS NULL AND coalesce(r.errorMsg, '') = ''"
		" GROUP BY r.jobID",
		&out->receipts_value, &out->receipts, &out->unpriced);
	if (!e)
		e = stmt_number(&a->db, "SELECT count(*) FROM claims"
			" WHERE status IS NOT 'Complete'", &out->claims);
	if (!e)
		e = sum_losses(a, "SELECT j.segmentPrice, j.transcodeOptions, count(*)"
			" FROM claims c JOIN receipts r"
			" ON r.claimID = c.id AND r.jobID = c.jobID"
			" LEFT JOIN jobs j ON j.id = c.jobID"
			" WHERE c.status IS NOT 'Complete' GROUP BY c.jobID",
			&out->claims_value, &out->claim_receipts, &out->unpriced);
	return e;
}
