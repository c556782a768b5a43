/* What goes into the record, and how a migration is read back from it. */
#include <stdlib.h>
#include <string.h>

#include "src/wizard/migration.h"

/* Lines that say what a run is about, beside the operator's choices. */
static const char *const own[] = {"id", "from", "to", "backup-path", "config-path",
	"generation"};

static struct err *put(struct migration *m, const char *event, const char *key,
	const char *value)
{
	struct migration_line line = {.event = xstrdup(event), .key = xstrdup(key),
		.value = xstrdup(value)};
	struct err *e = record_add(m->record, &line);

	free(line.event);
	free(line.key);
	free(line.value);
	return e;
}

struct err *migration_note(struct migration *m, const char *event, enum migrate_step step,
	const struct migration_line *more)
{
	struct migration_line line = *more;
	struct err *e;

	line.event = xstrdup(event);
	line.step = xstrdup(step == MIGRATE_STEPS ? "" : step_info(step)->name);
	e = record_add(m->record, &line);
	free(line.event);
	free(line.step);
	if (!e)
		migration_report_steps(m);
	migration_tell(m);
	return e;
}

static struct err *put_choices(struct migration *m)
{
	const char *const values[] = {m->id, m->from, m->to, m->backup, m->config_path,
		view_text(m->report->generation)};
	struct err *e = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(own) && !e; i++)
		e = put(m, "choice", own[i], values[i]);
	for (size_t i = 0; i < m->choices.n && !e; i++)
		e = put(m, "choice", m->choices.v[i].name, m->choices.v[i].value);
	return e;
}

static struct err *put_step(struct migration *m, const struct planned_step *p)
{
	struct str deed = STR_INIT, cost = STR_INIT, worth = STR_INIT;
	struct migration_line line = {.text = xstrdup(p->what)};
	struct err *e;

	if (step_info(p->step)->chain) {
		deed_fmt(&deed, &p->deed);
		wei_fmt_eth(&cost, p->cost);
		if (!wei_is_zero(p->value))
			wei_fmt_eth(&worth, p->value);
	}
	line.deed = deed.s;
	line.cost = cost.s;
	line.worth = worth.s;
	e = migration_note(m, "planned", p->step, &line);
	free(line.text);
	str_clear(&deed);
	str_clear(&cost);
	str_clear(&worth);
	return e;
}

struct err *migration_put_plan(struct migration *m)
{
	char told[] = "left out, as you said";
	struct err *e = put(m, "begin", "", "");

	if (!e)
		e = put_choices(m);
	for (size_t i = 0; i < m->plan.n && !e; i++)
		e = put_step(m, &m->plan.v[i]);
	for (size_t i = 0; i < m->plan.n && !e; i++)
		if (m->left_out[m->plan.v[i].step])
			e = migration_note(m, "skipped", m->plan.v[i].step,
				&(struct migration_line){.text = told});
	return e ? e : put(m, "confirmed", "", "");
}

/* --- and back --- */

static bool is_own(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (!strcmp(key, own[i]))
			return true;
	return false;
}

static struct err *take_step(struct migration *m, const struct migration_line *l)
{
	enum migrate_step s = step_find(view_text(l->step));
	struct planned_step *p;

	if (s == MIGRATE_STEPS || m->plan.n == MIGRATE_STEPS)
		return err_new(ERR_INVALID, "%s: \"%s\" is no step that this weir knows",
			record_path(m->record), view_text(l->step));
	p = &m->plan.v[m->plan.n++];
	*p = (struct planned_step){.step = s};
	if (step_info(s)->chain && !deed_parse(&p->deed, view_text(l->deed)))
		return err_new(ERR_INVALID, "%s: \"%s\" is no deed", record_path(m->record),
			view_text(l->deed));
	return NULL;
}

/* A plan that was never confirmed was never begun: the next one replaces it. */
static struct err *take_line(struct migration *m, const struct migration_line *l)
{
	const char *event = view_text(l->event);

	if (!strcmp(event, "begin")) {
		choices_clear(&m->choices);
		m->plan = (struct plan){.n = 0};
	} else if (!strcmp(event, "choice") && !is_own(view_text(l->key))) {
		return choices_set(&m->choices, view_text(l->key), view_text(l->value));
	} else if (!strcmp(event, "choice") && !strcmp(view_text(l->key), "backup-path")) {
		free(m->backup);
		m->backup = xstrdup(view_text(l->value));
	} else if (!strcmp(event, "planned")) {
		return take_step(m, l);
	}
	return NULL;
}

struct err *migration_take_plan(struct migration *m)
{
	struct choices given = m->choices;
	struct err *e = NULL;

	m->choices = (struct choices){.n = 0};
	for (size_t i = 0; i < record_n(m->record) && !e; i++)
		e = take_line(m, record_at(m->record, i));
	/* Where the password and the chain are may have changed since. */
	for (size_t i = 0; i < given.n && !e; i++)
		if (!strcmp(given.v[i].name, "ethPassword") ||
			!strcmp(given.v[i].name, "ethUrl"))
			e = choices_set(&m->choices, given.v[i].name, given.v[i].value);
	choices_clear(&given);
	choices_left_out(&m->choices, m->left_out);
	return e;
}

void migration_states(const struct migration *m, enum work_state out[static MIGRATE_STEPS])
{
	for (size_t i = 0; i < m->plan.n; i++) {
		const struct migration_line *l = record_of_step(m->record,
			step_info(m->plan.v[i].step)->name);
		const char *event = l ? view_text(l->event) : "";

		out[i] = !strcmp(event, "done") || !strcmp(event, "skipped") ? WORK_OVER
			: !strcmp(event, "begun") ? WORK_BEGUN
			: !strcmp(event, "failed") ? WORK_BROKEN : WORK_TODO;
	}
}
