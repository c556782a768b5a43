/* What a run of the wizard is like, for people and programs: the plan, and what
 * the record says became of it. */
#include <string.h>

#include "src/migrate/record_report.h"
#include "src/wizard/migration.h"

static void add_planned(struct migration *m, const struct planned_step *p)
{
	struct migration_step_row *row = report_add_step(m->report, p->step);
	struct str text = STR_INIT;

	if (*p->what)
		view_set(&row->detail, p->what);
	if (row->chain) {
		wei_fmt_eth(&text, p->cost);
		view_set(&row->cost, text.s);
		str_truncate(&text, 0);
		wei_fmt_eth(&text, p->value);
		view_set(&row->value, wei_is_zero(p->value) ? "" : text.s);
	}
	str_clear(&text);
}

void migration_report_steps(struct migration *m)
{
	struct str text = STR_INIT;

	for (size_t i = 0; i < m->plan.n; i++)
		if (!report_find_step(m->report, step_info(m->plan.v[i].step)->name))
			add_planned(m, &m->plan.v[i]);
	wei_fmt_eth(&text, m->plan.cost);
	view_set(&m->report->cost, text.s);
	str_truncate(&text, 0);
	wei_fmt_eth(&text, m->plan.value);
	view_set(&m->report->value, text.s);
	str_clear(&text);
	for (size_t i = 0; i < m->plan.n; i++)
		if (m->left_out[m->plan.v[i].step])
			view_set(&report_find_step(m->report,
				step_info(m->plan.v[i].step)->name)->state, "skipped");
	for (size_t i = 0; m->record && i < record_n(m->record); i++) {
		const struct migration_line *l = record_at(m->record, i);
		struct migration_step_row *row = report_find_step(m->report, view_text(l->step));

		if (row)
			report_take_line(row, l);
	}
}

/* --- in lines --- */

void migrate_print(struct str *out, const struct migration_row *r)
{
	str_printf(out, "migration%s%s: %s\n", *view_text(r->id) ? " " : "", view_text(r->id),
		view_text(r->state));
	for (size_t i = 0; i < r->steps.n; i++) {
		const struct migration_step_row *s = &r->steps.v[i];

		str_printf(out, "%2zu %-11s %-8s %s%s%s\n", i + 1, view_text(s->name),
			view_text(s->state), view_text(s->title),
			*view_text(s->detail) ? ": " : "", view_text(s->detail));
		if (s->chain)
			str_printf(out, "   on the chain, gas about %s%s%s; cannot be undone but "
				"by %s\n", view_text(s->cost), *view_text(s->value) ? ", and " : "",
				view_text(s->value), view_text(s->counter));
		if (*view_text(s->tx))
			str_printf(out, "   transactions %s\n", view_text(s->tx));
	}
	if (r->blocks_left)
		str_printf(out, "active in %lld blocks\n", (long long)r->blocks_left);
	if (*view_text(r->error))
		str_printf(out, "error: %s\n", view_text(r->error));
	if (*view_text(r->next))
		str_printf(out, "%s\n", view_text(r->next));
}
