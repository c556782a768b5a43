#include "src/migrate/record_report.h"

#include <string.h>

#include "src/base/file.h"

struct migration_step_row *report_find_step(struct migration_row *r, const char *name)
{
	for (size_t i = 0; i < r->steps.n; i++)
		if (!strcmp(view_text(r->steps.v[i].name), name))
			return &r->steps.v[i];
	return NULL;
}

struct migration_step_row *report_add_step(struct migration_row *r, enum migrate_step s)
{
	const struct step_info *info = step_info(s);
	struct migration_step_row *row = VIEW_ADD(&r->steps);

	row->number = (int64_t)r->steps.n;
	view_set(&row->name, info->name);
	view_set(&row->title, info->title);
	view_set(&row->why, info->why);
	view_set(&row->counter, info->counter);
	view_set(&row->state, "todo");
	row->chain = info->chain;
	row->reversible = info->reversible;
	row->optional = info->optional;
	return row;
}

/* --- from the record --- */

static void set_if(char **field, const char *text)
{
	if (*view_text(text))
		view_set(field, text);
}

void report_take_line(struct migration_step_row *row, const struct migration_line *l)
{
	const char *event = view_text(l->event);

	if (!strcmp(event, "begun")) {
		view_set(&row->state, "running");
		row->begun_ms = row->begun_ms ? row->begun_ms : l->at_ms;
	} else if (!strcmp(event, "done") || !strcmp(event, "skipped") ||
		!strcmp(event, "failed")) {
		view_set(&row->state, event);
		row->ended_ms = l->at_ms;
	} else if (strcmp(event, "sent") != 0) {
		return;
	}
	set_if(&row->before, l->before);
	set_if(&row->after, l->after);
	set_if(&row->job, l->job);
	set_if(&row->tx, l->tx);
	set_if(&row->detail, l->text);
}

static void take_plan(struct migration_row *out, const struct migration_line *l)
{
	enum migrate_step s = step_find(view_text(l->step));
	struct migration_step_row *row;

	if (s == MIGRATE_STEPS || report_find_step(out, view_text(l->step)))
		return;
	row = report_add_step(out, s);
	set_if(&row->detail, l->text);
	set_if(&row->cost, l->cost);
	set_if(&row->value, l->worth);
}

static void take_choice(struct migration_row *out, const char *key, const char *value)
{
	const struct {
		const char *key;
		char **field;
	} known[] = {{"from", &out->from}, {"to", &out->to}, {"id", &out->id},
		{"backup-path", &out->backup}, {"config-path", &out->config},
		{"network", &out->network}, {"ethAcctAddr", &out->account},
		{"generation", &out->generation}};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].key, key))
			view_set(known[i].field, value);
}

static const char *state_of(const struct record *r)
{
	const struct migration_line *last = record_n(r)
		? record_at(r, record_n(r) - 1) : NULL;

	if (record_is_undone(r))
		return "undone";
	if (record_last(r, "ended", NULL))
		return "done";
	if (last && !strcmp(view_text(last->event), "failed"))
		return "failed";
	return record_last(r, "confirmed", NULL) ? "under way" : "planned";
}

void record_report(const struct record *r, struct migration_row *out)
{
	for (size_t i = 0; i < record_n(r); i++) {
		const struct migration_line *l = record_at(r, i);
		struct migration_step_row *row;

		if (!strcmp(view_text(l->event), "begin"))
			view_clear(migration_row_desc(), out);
		else if (!strcmp(view_text(l->event), "choice"))
			take_choice(out, view_text(l->key), view_text(l->value));
		else if (!strcmp(view_text(l->event), "planned"))
			take_plan(out, l);
		row = report_find_step(out, view_text(l->step));
		if (row)
			report_take_line(row, l);
	}
	view_set(&out->state, state_of(r));
}

/* --- all of a directory --- */

#define RECORDS_MAX 256

static struct err *tell_one(const char *path, void (*fn)(void *ctx, struct migration_row *row,
	int64_t at_ms), void *ctx)
{
	struct migration_row row = {0};
	struct record *r;
	struct err *e = record_look(path, &r);
	size_t n;

	if (e)
		return e;
	record_report(r, &row);
	n = record_n(r);
	fn(ctx, &row, n ? record_at(r, n - 1)->at_ms : 0);
	view_clear(migration_row_desc(), &row);
	record_close(r);
	return NULL;
}

struct err *record_each(const char *dir, void (*fn)(void *ctx, struct migration_row *row,
	int64_t at_ms), void *ctx)
{
	struct file_names names;
	struct err *e = file_list(dir, RECORDS_MAX, &names), *worst = NULL;

	for (size_t i = 0; !e && i < names.n; i++) {
		struct str path = STR_INIT;
		struct err *one = NULL;

		str_printf(&path, "%s/%s", dir, names.v[i]);
		if (str_has_suffix(path.s, ".json"))
			one = tell_one(path.s, fn, ctx);
		str_clear(&path);
		err_free(worst ? one : NULL);
		worst = worst ? worst : one;
	}
	if (!e)
		file_names_clear(&names);
	err_free(e); /* there is none, and so no record */
	return worst;
}
