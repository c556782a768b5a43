#include "db/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "db/migrations.h"
#include "db/stmt.h"

struct archive {
	struct db *db;
};

/* --- the file --- */

static const char *sql_type(enum alpha_type type)
{
	return type == ALPHA_INT ? "INTEGER" : "TEXT";
}

/* Of version 1: what alpha_tables.def gains later needs a step of its own. */
static void add_table(struct str *sql, enum alpha_table t)
{
	const struct alpha_column *c;

	str_printf(sql, "CREATE TABLE alpha_%s (row INTEGER PRIMARY KEY,"
		" source TEXT NOT NULL, row_key TEXT NOT NULL, doubts TEXT NOT NULL",
		alpha_table_name(t));
	for (size_t i = 0; (c = alpha_column(t, i)); i++)
		str_printf(sql, ", %s %s", c->name, sql_type(c->type));
	str_add(sql, ", UNIQUE (source, row_key)) STRICT;");
}

struct err *archive_open(const char *path, struct archive **out)
{
	struct str sql = STR_INIT;
	struct db *db;
	struct err *e;

	*out = NULL;
	for (enum alpha_table t = 0; t < ALPHA_TABLES; t++)
		add_table(&sql, t);
	e = db_open_as(path, DB_FULL, &(struct db_schema){
		.application_id = 0x77657261, /* "wera" */
		.whose = "an archive of weir's",
		.advice = "move it away",
		.loss = "the alpha's history, which can be archived again",
		.steps = (const char *const[]){ sql.s },
		.n = 1,
	}, &db);
	str_clear(&sql);
	if (e)
		return e;
	*out = XNEW(struct archive);
	(*out)->db = db;
	return NULL;
}

struct err *archive_open_existing(const char *path, struct archive **out)
{
	struct stat st;

	*out = NULL;
	if (stat(path, &st) != 0)
		return errno == ENOENT ? err_new(ERR_NOT_FOUND, "there is no archive %s", path)
				       : err_sys(errno, "archive %s", path);
	return archive_open(path, out);
}

void archive_close(struct archive *a)
{
	if (!a)
		return;
	db_close(a->db);
	free(a);
}

/* --- putting rows in --- */

struct put {
	struct stmt *st;
	enum alpha_table table;
	const char *source;
	struct str doubts;
	int64_t rows;
};

static void add_doubt(struct str *doubts, const struct alpha_column *c,
	const struct alpha_value *v)
{
	if (!v->lossy)
		return;
	str_printf(doubts, "%s%s", doubts->len ? ", " : "", c->name);
	if (c->type == ALPHA_INT) /* the column cannot hold it */
		str_printf(doubts, " \"%s\"", v->text);
}

static struct err *put_row(void *ctx, const struct alpha_row *row)
{
	struct put *p = ctx;
	const struct alpha_column *c;

	str_truncate(&p->doubts, 0);
	for (size_t i = 0; (c = alpha_column(p->table, i)); i++) {
		const struct alpha_value *v = &row->v[i];
		int param = (int)i + 4;

		if (v->null || (c->type == ALPHA_INT && v->lossy))
			stmt_bind_null(p->st, param);
		else if (c->type == ALPHA_INT)
			stmt_bind_int(p->st, param, v->i);
		else
			stmt_bind_text(p->st, param, v->text);
		add_doubt(&p->doubts, c, v);
	}
	stmt_bind_text(p->st, 1, p->source);
	stmt_bind_text(p->st, 2, row->key);
	stmt_bind_text(p->st, 3, str_cstr(&p->doubts));
	p->rows++;
	return stmt_run(p->st);
}

/* What is there already is brought up to date: a claim goes on while its node
 * runs. */
static struct err *new_put(struct archive *a, enum alpha_table t, struct stmt **out)
{
	struct str sql = STR_INIT;
	const struct alpha_column *c;
	struct err *e;

	str_printf(&sql, "INSERT INTO alpha_%s (source, row_key, doubts", alpha_table_name(t));
	for (size_t i = 0; (c = alpha_column(t, i)); i++)
		str_printf(&sql, ", %s", c->name);
	str_add(&sql, ") VALUES (?1, ?2, ?3");
	for (size_t i = 0; alpha_column(t, i); i++)
		str_printf(&sql, ", ?%zu", i + 4);
	str_add(&sql, ") ON CONFLICT (source, row_key) DO UPDATE SET doubts = excluded.doubts");
	for (size_t i = 0; (c = alpha_column(t, i)); i++)
		str_printf(&sql, ", %s = excluded.%s", c->name, c->name);
	e = stmt_new(a->db, sql.s, out);
	str_clear(&sql);
	return e;
}

struct err *archive_count(struct archive *a, enum alpha_table t, int64_t *out)
{
	struct str sql = STR_INIT;
	struct stmt *st;
	struct err *e;
	bool row;

	*out = 0;
	str_printf(&sql, "SELECT count(*) FROM alpha_%s", alpha_table_name(t));
	e = stmt_new(a->db, sql.s, &st);
	if (!e)
		e = stmt_step(st, &row);
	if (!e && row)
		*out = stmt_int(st, 0);
	stmt_free(st);
	str_clear(&sql);
	return e;
}

static struct err *put_table(struct archive *a, struct alpha_db *from, enum alpha_table t,
	const char *source, struct archive_counts *out)
{
	struct put p = { .table = t, .source = source };
	int64_t before, after = 0;
	struct err *e = archive_count(a, t, &before);

	if (!e)
		e = new_put(a, t, &p.st);
	if (!e)
		e = alpha_db_each(from, t, put_row, &p);
	if (!e)
		e = archive_count(a, t, &after);
	out->rows[t] = p.rows;
	out->fresh[t] = after - before;
	stmt_free(p.st);
	str_clear(&p.doubts);
	return e;
}

struct err *archive_put(struct archive *a, struct alpha_db *from, const char *source,
	struct archive_counts *out)
{
	struct err *e = db_begin(a->db);

	*out = (struct archive_counts){ .rows = { 0 } };
	for (enum alpha_table t = 0; t < ALPHA_TABLES && !e; t++)
		e = put_table(a, from, t, source, out);
	e = db_end(a->db, e);
	if (e)
		*out = (struct archive_counts){ .rows = { 0 } };
	return e;
}

/* --- browsing --- */

static void take_row(const struct stmt *st, enum alpha_table t, struct archive_row *out)
{
	*out = (struct archive_row){ .id = stmt_int(st, 0), .source = stmt_text(st, 1),
		.doubts = stmt_text(st, 2) };
	for (size_t i = 0; alpha_column(t, i); i++)
		out->v[i] = stmt_is_null(st, (int)i + 3) ? NULL : stmt_text(st, (int)i + 3);
}

struct err *archive_page(struct archive *a, enum alpha_table t, int64_t before, size_t limit,
	struct err *(*fn)(void *ctx, const struct archive_row *row), void *ctx)
{
	struct str sql = STR_INIT;
	const struct alpha_column *c;
	struct archive_row r;
	struct stmt *st;
	struct err *e;
	bool row;

	str_add(&sql, "SELECT row, source, doubts");
	for (size_t i = 0; (c = alpha_column(t, i)); i++)
		str_printf(&sql, ", %s", c->name);
	str_printf(&sql, " FROM alpha_%s WHERE ?1 <= 0 OR row < ?1 ORDER BY row DESC LIMIT ?2",
		alpha_table_name(t));
	e = stmt_new(a->db, sql.s, &st);
	str_clear(&sql);
	if (e)
		return e;
	stmt_bind_int(st, 1, before);
	stmt_bind_int(st, 2, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	while (!(e = stmt_step(st, &row)) && row) {
		take_row(st, t, &r);
		e = fn(ctx, &r);
		if (e)
			break;
	}
	stmt_free(st);
	return e;
}
