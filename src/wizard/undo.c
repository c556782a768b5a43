/* ROLLBACK: what this migration made on the disk goes, where it is still what was
 * made; the old directory was never touched. What the chain has is told, with
 * what takes it back there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/archive.h"
#include "db/sessions.h"
#include "db/tickets.h"
#include "db/txs.h"
#include "src/wizard/migration.h"
#include "src/wizard/unit_file.h"
#include "src/migrate/tree.h"
#include "src/node/datadir.h"

/* --- is it still ours? --- */

static bool is_of_database(const char *path, const char *db)
{
	size_t n = strlen(db);

	return !strncmp(path, db, n) && (!path[n] || !strcmp(path + n, "-wal") ||
		!strcmp(path + n, "-shm") || !strcmp(path + n, "-journal"));
}

/* "<sum> <name>, <sum> <name>": what the step of the keys says it copied. */
static bool is_copied_key(const struct migration *m, const struct tree_entry *f)
{
	const struct migration_line *keys = record_last(m->record, "done", "keys");
	const char *name = f->path + strlen("keystore/");
	struct str want = STR_INIT;
	bool yes;

	str_printf(&want, "%s %s", f->sha256, name);
	yes = keys && strstr(view_text(keys->text), want.s);
	str_clear(&want);
	return yes;
}

static bool is_config(const struct migration *m, const struct tree_entry *f)
{
	const struct migration_line *l = record_last(m->record, "done", "config");

	return l && !strcmp(view_text(l->after), f->sha256);
}

/* A step that died in the middle may have left any part of what it makes. */
static bool was_interrupted(const struct migration *m, const char *step)
{
	const struct migration_line *l = record_of_step(m->record, step);

	return l && strcmp(view_text(l->event), "done") != 0;
}

static bool is_ours(const struct migration *m, const struct tree_entry *f)
{
	if (f->kind == TREE_DIRECTORY)
		return !strcmp(f->path, "keystore");
	if (f->kind != TREE_FILE)
		return false;
	if (!strcmp(f->path, DATADIR_LOCK) || is_of_database(f->path, DATADIR_DB) ||
		is_of_database(f->path, ARCHIVE_FILE))
		return true;
	if (str_has_prefix(f->path, "keystore/"))
		return is_copied_key(m, f) || was_interrupted(m, "keys");
	if (str_has_prefix(f->path, MIGRATION_CONFIG))
		return is_config(m, f) || was_interrupted(m, "config");
	return false;
}

static struct err *check_files(const struct migration *m, const struct tree *t)
{
	struct str foreign = STR_INIT;
	struct err *e = NULL;

	for (size_t i = 0; i < t->n; i++)
		if (!is_ours(m, &t->v[i]))
			str_printf(&foreign, "%s%s", foreign.len ? ", " : "", t->v[i].path);
	if (foreign.len)
		e = err_new(ERR_DENIED, "%s holds what this migration did not make, or what was "
			"changed since, and is left as it is: %s", m->to, foreign.s);
	str_clear(&foreign);
	return e;
}

/* --- has it money in it? --- */

struct books {
	int64_t sessions, live;
};

static void on_session(void *ctx, const struct session_record *r)
{
	(void)r;
	((struct books *)ctx)->sessions++;
}

static void on_tx(void *ctx, const struct tx_job *j)
{
	((struct books *)ctx)->live += !tx_state_is_final(j->state);
}

static struct err *check_books(struct migration *m, struct db *db)
{
	struct ticket_filter all = {.limit = 0};
	struct ticket_totals totals = {.n = {0}};
	struct books b = {0};
	int64_t tickets = 0;
	struct err *e = tickets_totals(db, &all, &totals);

	for (int i = 0; i < TICKET_STATES; i++)
		tickets += totals.n[i];
	if (!e)
		e = sessions_each(db, 1, on_session, &b);
	if (!e)
		e = txs_each(db, m->account, 1000, on_tx, &b);
	if (!e && (tickets || b.sessions))
		e = err_new(ERR_DENIED, "a node has worked on %s: its sessions and tickets are not "
			"to be deleted by a rollback", m->to);
	if (!e && b.live)
		e = err_new(ERR_BUSY, "%lld transactions are under way, and what is known of them "
			"is in %s: let them end with --resume first", (long long)b.live, m->to);
	return e;
}

static struct err *check_database(struct migration *m)
{
	char *path = datadir_file(m->to, DATADIR_DB);
	struct db *db = NULL;
	struct err *e = NULL;

	if (access(path, F_OK) == 0)
		e = db_open(path, DB_FULL, &db);
	if (!e && db)
		e = check_books(m, db);
	db_close(db);
	free(path);
	return e;
}

/* --- taking it away --- */

static struct err *remove_files(const struct migration *m, const struct tree *t)
{
	struct err *e = NULL;

	/* Backwards: what lies in a directory goes before it. */
	for (size_t i = t->n; i-- > 0 && !e;) {
		char *path = datadir_file(m->to, t->v[i].path);

		if (remove(path) != 0 && errno != ENOENT)
			e = err_sys(errno, "%s", path);
		free(path);
	}
	return e;
}

/* The directory, and those that were made for it, while they are empty. */
static void remove_directories(const struct migration *m)
{
	const struct migration_line *l = record_last(m->record, "begun", "directory");
	const char *first = l ? view_text(l->before) : "";
	char *at = xstrdup(m->to), *slash;

	while (*first && str_has_prefix(at, first) && rmdir(at) == 0 &&
		(slash = strrchr(at, '/')))
		*slash = '\0';
	free(at);
}

static void tell_chain(struct migration *m)
{
	for (size_t i = 0; i < m->plan.n; i++) {
		const struct step_info *info = step_info(m->plan.v[i].step);
		const struct migration_line *l = record_of_step(m->record, info->name);

		if (!info->chain || !l || strcmp(view_text(l->event), "skipped") == 0 ||
			!*view_text(l->job))
			continue;
		migration_remark(m, "warn", info->name, "this is on the chain and stays (%s): only "
			"this takes it back: %s", *view_text(l->tx) ? l->tx : view_text(l->event),
			info->counter);
	}
}

static struct err *take_away(struct migration *m)
{
	struct datadir *taken = NULL;
	struct tree t = {.n = 0};
	struct err *e = datadir_take(m->to, &taken);

	if (!e)
		e = check_database(m);
	if (!e)
		e = tree_read(m->to, &t);
	if (!e)
		e = check_files(m, &t);
	if (!e && m->o->dry_run)
		migration_say(m, "%zu files in %s would be deleted", t.n, m->to);
	else if (!e)
		e = remove_files(m, &t);
	datadir_release(taken);
	if (!e && !m->o->dry_run)
		remove_directories(m);
	tree_clear(&t);
	return e;
}

static struct err *end(struct migration *m)
{
	char *part = NULL;
	struct str s = STR_INIT;
	struct err *e;

	str_printf(&s, "%s.part", m->backup);
	part = str_take(&s);
	e = tree_remove(part);
	free(part);
	if (!e)
		e = tree_remove(m->trial_path);
	migration_report_steps(m);
	for (size_t i = 0; i < m->report->steps.n; i++)
		if (!m->report->steps.v[i].chain &&
			!strcmp(view_text(m->report->steps.v[i].state), "done"))
			view_set(&m->report->steps.v[i].state, "undone");
	view_set(&m->report->backup, m->backup);
	view_set(&m->report->state, "undone");
	view_setf(&m->report->next, "%s is as it was; the backup stays in %s", m->from,
		m->backup);
	return e ? e : migration_note(m, "undone", MIGRATE_STEPS, &(struct migration_line){0});
}

struct err *migration_undo(struct migration *m)
{
	struct err *e = migration_take_plan(m);
	struct stat st;

	if (e)
		return e;
	if (choices_get(&m->choices, "ethAcctAddr") &&
		!addr_parse(&m->account, choices_get(&m->choices, "ethAcctAddr")))
		m->account = (struct eth_addr){0};
	e = m->o->dry_run ? NULL : migration_confirm(m, "rollback", NULL,
		"Delete what was made on the disk?", "yes");
	if (!e && stat(m->to, &st) == 0)
		e = take_away(m);
	if (!e)
		e = unit_take_away(m);
	if (e)
		return e;
	tell_chain(m);
	return m->o->dry_run ? NULL : end(m);
}
