#include "src/wizard/wizard.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/secret.h"
#include "src/crypto/ec.h"
#include "src/wizard/migration.h"
#include "src/node/datadir.h"
#include "src/node/passphrase.h"

void migration_say(struct migration *m, const char *fmt, ...)
{
	struct str raw = STR_INIT, safe = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&raw, fmt, ap);
	va_end(ap);
	for (char *p = raw.s, *line; (line = strsep(&p, "\n"));) {
		str_truncate(&safe, 0);
		str_add_safe(&safe, line, strlen(line), strlen(line));
		m->voice->say(m->voice->ctx, str_cstr(&safe));
	}
	str_clear(&raw);
	str_clear(&safe);
}

void migration_tell(struct migration *m)
{
	if (m->voice->tell)
		m->voice->tell(m->voice->ctx, m->report);
}

void migration_remark(struct migration *m, const char *level, const char *name,
	const char *fmt, ...)
{
	struct migration_remark_row *r = VIEW_ADD(&m->report->remarks);
	struct str text = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&text, fmt, ap);
	va_end(ap);
	view_set(&r->level, level);
	view_set(&r->name, name);
	view_set(&r->text, str_cstr(&text));
	migration_say(m, "%-4s %s: %s", level, name, str_cstr(&text));
	str_clear(&text);
}

/* --- doing --- */

static struct err *do_step(struct migration *m, const struct planned_step *s)
{
	const struct step_info *info = step_info(s->step);
	struct err *e;

	migration_say(m, "%s: %s", info->name, info->title);
	e = info->chain ? migration_chain_step(m, s) : migration_file_step(m, s);
	if (!e)
		return NULL;
	/* A deed that came to nothing has its line already. */
	if (!info->chain) {
		struct migration_line line = {.text = xstrdup(err_text(e))};
		struct err *worse = migration_note(m, "failed", s->step, &line);

		err_free(worse); /* a full disk: what was begun is done again anyway */
		free(line.text);
	}
	return err_wrap(e, "%s", info->name);
}

static struct err *do_all(struct migration *m)
{
	enum work_state states[MIGRATE_STEPS];
	struct err *e = NULL;
	size_t i;

	while (!e) {
		migration_states(m, states);
		i = plan_next(&m->plan, states);
		if (i == m->plan.n)
			break;
		if (!step_info(m->plan.v[i].step)->chain && m->outpost)
			outpost_close(TAKE(m->outpost));
		e = do_step(m, &m->plan.v[i]);
		migration_report_steps(m);
	}
	if (!e)
		e = migration_note(m, "ended", MIGRATE_STEPS, &(struct migration_line){0});
	return e;
}

/* The key is needed for what is still to be sent, and to prove the copy. */
static struct err *prepare_to_go_on(struct migration *m)
{
	const struct alpha_key *k;
	struct err *e = migration_detect(m);

	if (!e)
		e = addr_parse_checked(&m->account, view_text(m->report->account));
	k = e ? NULL : alpha_dir_find_key(m->alpha, m->account);
	if (!e && !k)
		e = err_new(ERR_NOT_FOUND, "the keyfile of %s is gone from %s",
			m->report->account, m->from);
	if (!e)
		e = migration_configure(m);
	return e ? e : migration_open_key(m, k->path, &m->signer);
}

static void say_next(struct migration *m)
{
	view_setf(&m->report->next, "start the new node with: weir -config %s", m->config_path);
	view_set(&m->report->config, m->config_path);
	view_set(&m->report->backup, m->backup);
}

static struct err *resume(struct migration *m)
{
	struct err *e = migration_take_plan(m);

	if (e)
		return e;
	view_set(&m->report->account, choices_get(&m->choices, "ethAcctAddr"));
	m->o->yes |= choices_yes(&m->choices, CHOICE_CONFIRM, false);
	migration_report_steps(m);
	if (m->o->dry_run) {
		view_set(&m->report->state, "under way");
		return NULL;
	}
	e = prepare_to_go_on(m);
	return e ? e : do_all(m);
}

static struct err *open_record(struct migration *m)
{
	char *dir = record_directory();
	struct err *e = datadir_make(dir);

	free(dir);
	return e ? e : record_open(m->record_path, &m->record);
}

static struct err *start(struct migration *m)
{
	struct err *e = migration_detect(m);

	if (!e)
		e = migration_check(m);
	if (!e)
		e = migration_plan(m);
	if (e || m->o->dry_run)
		return e;
	m->o->yes |= choices_yes(&m->choices, CHOICE_CONFIRM, false);
	for (size_t i = 0; i < m->plan.n; i++)
		migration_say(m, "%zu. %s%s%s", i + 1, step_info(m->plan.v[i].step)->title,
			*m->plan.v[i].what ? ": " : "", m->plan.v[i].what);
	e = migration_confirm_plan(m);
	if (!e)
		e = open_record(m);
	if (!e)
		e = migration_put_plan(m);
	return e ? e : do_all(m);
}

/* --- which of them --- */

/* What a record says, if there is one; nothing is made for the look. */
static struct err *look_back(struct migration *m, bool *under_way, bool *over)
{
	struct record *r = NULL;
	struct err *e = record_look(m->record_path, &r);

	*under_way = *over = false;
	if (e && err_kind(e) == ERR_NOT_FOUND) {
		err_free(e);
		return NULL;
	}
	if (!e) {
		*over = record_last(r, "ended", NULL) != NULL;
		*under_way = !*over && record_last(r, "confirmed", NULL);
	}
	record_close(r);
	return e;
}

static struct err *nothing_to_do(struct migration *m)
{
	struct err *e = record_look(m->record_path, &m->record);

	if (!e)
		record_report(m->record, m->report);
	view_set(&m->report->state, "nothing to do");
	say_next(m);
	migration_say(m, "this migration is done: there is nothing to do");
	return e;
}

static struct err *choose(struct migration *m)
{
	bool under_way, over;
	struct err *e = look_back(m, &under_way, &over);

	if (e)
		return e;
	if (m->o->rollback && !under_way && !over)
		return err_new(ERR_NOT_FOUND, "there is no migration of these two directories to "
			"take back");
	if (m->o->rollback || (under_way && m->o->resume))
		e = m->o->dry_run ? record_look(m->record_path, &m->record)
			: record_open(m->record_path, &m->record);
	if (e)
		return e;
	if (m->o->rollback)
		return migration_undo(m);
	if (over)
		return nothing_to_do(m);
	if (under_way && !m->o->resume)
		return err_new(ERR_BUSY, "this migration is under way: go on with --resume, or "
			"take it back with --rollback");
	if (under_way)
		return resume(m);
	return m->o->resume ? err_new(ERR_NOT_FOUND, "there is no migration of these two "
		"directories to go on with") : start(m);
}

static void finish(struct migration *m, const struct err *e)
{
	struct migration_row *r = m->report;

	r->dry_run = m->o->dry_run;
	view_set(&r->id, m->id);
	view_set(&r->from, m->from);
	view_set(&r->to, m->to);
	if (e)
		view_set(&r->error, err_text(e));
	if (!*view_text(r->state) && !e && !m->o->dry_run) {
		view_set(&r->state, "done");
		say_next(m);
	} else if (!*view_text(r->state)) {
		view_set(&r->state, !e ? "planned" : m->record ? "failed" : "refused");
	}
	if (e && m->record && record_last(m->record, "confirmed", NULL))
		view_set(&r->next, "what is done stays done: go on with --resume, or take it back "
			"with --rollback");
}

static void clear(struct migration *m)
{
	outpost_close(m->outpost);
	signer_free(m->signer);
	passphrase_free(m->password);
	survey_clear(&m->survey);
	alpha_dir_free(m->alpha);
	record_close(m->record);
	config_free(m->config);
	choices_clear(&m->choices);
	old_flags_free(m->old_flags);
	free(m->price);
	free(m->config_text);
	free(m->found_from);
	free(m->typed_to);
	free(m->from);
	free(m->to);
	free(m->record_path);
	free(m->backup);
	free(m->config_path);
	free(m->trial_path);
}

struct err *migrate_run(struct migrate_options *o, const struct migrate_voice *voice,
	struct migration_row *report)
{
	struct migration m = {.o = o, .voice = voice, .report = report,
		.choices = o->choices};
	struct err *e;

	o->choices = (struct choices){.n = 0};
	choices_left_out(&m.choices, m.left_out);
	secret_harden_process();
	log_set_level(LOG_UNUSUAL);
	e = migration_ask_directories(&m);
	if (!e)
		e = migration_find_paths(&m);
	if (!e)
		e = choose(&m);
	finish(&m, e);
	clear(&m);
	return e;
}
