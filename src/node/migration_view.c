#include "src/node/migration_view.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "db/archive.h"
#include "proto/view_codec.h"
#include "src/migrate/record_report.h"
#include "src/node/datadir.h"

#define HISTORY_MAX 500 /* of each kind */

/* --- the record --- */

struct search {
	struct view_migration *v;
	const char *datadir;
};

/* The latest that was to this directory. */
static void take_record(void *ctx, struct migration_row *row, int64_t at_ms)
{
	const struct search *s = ctx;
	struct view_migration *v = s->v;

	if (!at_ms || strcmp(view_text(row->to), s->datadir) != 0 || at_ms <= v->at_ms)
		return;
	view_clear(view_migration_desc(), v);
	v->at_ms = at_ms;
	view_set(&v->id, row->id);
	view_set(&v->state, row->state);
	view_set(&v->from, row->from);
	view_set(&v->to, row->to);
	view_set(&v->backup, row->backup);
	view_set(&v->generation, row->generation);
	view_set(&v->account, row->account);
	v->steps.v = TAKE(row->steps.v);
	v->steps.n = row->steps.n;
	row->steps.n = 0;
}

/* --- the archive --- */

struct page {
	struct view_migration *v;
	enum alpha_table table;
};

static const char *value(const struct page *p, const struct archive_row *row,
	const char *column)
{
	const struct alpha_column *c;

	for (size_t i = 0; (c = alpha_column(p->table, i)); i++)
		if (!strcmp(c->name, column))
			return row->v[i] ? row->v[i] : "";
	return "";
}

static void set(char **field, const char *label, const char *text)
{
	struct str s = STR_INIT;

	if (!*text)
		return;
	str_add(&s, *field ? *field : "");
	str_printf(&s, "%s%s", s.len ? ", " : "", label);
	str_add_safe(&s, text, strlen(text), 256);
	view_set(field, s.s);
	str_clear(&s);
}

static void take_job(struct history_row *out, const struct page *p,
	const struct archive_row *row)
{
	bool mine = p->table == ALPHA_BROADCASTS;

	view_set(&out->kind, mine ? "broadcast" : "job");
	set(&out->job, "", value(p, row, "id"));
	set(&out->at, "", value(p, row, "recordedAt"));
	set(&out->what, "stream ", value(p, row, "streamID"));
	set(&out->what, "segments ", value(p, row, "segmentCount"));
	set(&out->amount, "", value(p, row, "segmentPrice"));
	set(&out->state, "", value(p, row, "stopReason"));
	set(&out->who, "", value(p, row, mine ? "transcoder" : "broadcaster"));
	if (out->amount)
		set(&out->what, "wei a segment and profile: ", out->amount);
}

static void take_claim(struct history_row *out, const struct page *p,
	const struct archive_row *row)
{
	view_set(&out->kind, "claim");
	set(&out->job, "", value(p, row, "jobID"));
	set(&out->at, "", value(p, row, "claimedAt"));
	set(&out->what, "claim ", value(p, row, "id"));
	set(&out->what, "block ", value(p, row, "claimBlock"));
	set(&out->state, "", value(p, row, "status"));
}

static void take_receipt(struct history_row *out, const struct page *p,
	const struct archive_row *row)
{
	const char *claim = value(p, row, "claimID");

	view_set(&out->kind, "receipt");
	set(&out->job, "", value(p, row, "jobID"));
	set(&out->at, "", value(p, row, "transcodeEndedAt"));
	set(&out->what, "segment ", value(p, row, "seqNo"));
	set(&out->what, "", value(p, row, "errorMsg"));
	/* What was not claimed before the upgrade is not paid any more. */
	view_set(&out->state, *claim ? "claimed" : "never claimed");
}

static struct err *on_row(void *ctx, const struct archive_row *row)
{
	struct page *p = ctx;
	struct history_row *out = VIEW_ADD(&p->v->history);

	out->id = (int64_t)p->v->history.n;
	set(&out->doubts, "", row->doubts);
	if (p->table == ALPHA_CLAIMS)
		take_claim(out, p, row);
	else if (p->table == ALPHA_RECEIPTS)
		take_receipt(out, p, row);
	else
		take_job(out, p, row);
	return NULL;
}

static struct err *read_archive(const char *path, struct view_migration *v)
{
	const struct {
		enum alpha_table table;
		int64_t *n;
	} kinds[] = {{ALPHA_JOBS, &v->jobs}, {ALPHA_CLAIMS, &v->claims},
		{ALPHA_RECEIPTS, &v->receipts}, {ALPHA_BROADCASTS, &v->broadcasts}};
	struct archive *a;
	struct err *e = archive_open_existing(path, &a);

	if (e)
		return e;
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !e; i++) {
		struct page p = {v, kinds[i].table};

		e = archive_count(a, kinds[i].table, kinds[i].n);
		if (!e)
			e = archive_page(a, kinds[i].table, 0, HISTORY_MAX, on_row, &p);
	}
	archive_close(a);
	return e;
}

void migration_view_publish(const char *datadir, const char *records, struct board *board,
	const struct log *log)
{
	char *path = datadir_file(datadir, ARCHIVE_FILE), real[PATH_MAX];
	struct view_migration v = {.id = NULL};
	struct str json = STR_INIT;
	struct err *e;

	e = record_each(records, take_record,
		&(struct search){&v, realpath(datadir, real) ? real : datadir});
	if (e)
		log_unusual(log, "%s", err_text(e));
	err_free(e);
	e = read_archive(path, &v);
	if (e && err_kind(e) != ERR_NOT_FOUND)
		log_unusual(log, "%s", err_text(e));
	if (!v.id && v.history.n)
		view_set(&v.id, "archive");
	if (v.id) {
		view_encode(section_desc(SECTION_MIGRATION), &v, &json);
		board_publish(board, SECTION_MIGRATION, blob_from_str(&json));
	}
	err_free(e);
	view_clear(view_migration_desc(), &v);
	free(path);
}
