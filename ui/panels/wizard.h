#ifndef UI_PANELS_WIZARD_H
#define UI_PANELS_WIZARD_H
/* The migration that a console drives, as the room of the migration shows it: its
 * plan with ticks, what it found, what it said, and the records of others. */
#include "ui/panel.h"
#include "ui/table.h"

extern const struct table_spec wizard_plan_spec, wizard_checks_spec, wizard_said_spec,
	wizard_records_spec;

/* One was started through this node. */
bool wizard_is_there(const struct view_wizard *v);
bool wizard_is_at_work(const struct view_wizard *v);
bool wizard_asks(const struct view_wizard *v);
/* NULL: there is none yet. */
const struct migration_row *wizard_report(const struct view_wizard *v);
/* A record of what was interrupted; NULL: there is none. */
const struct record_row *wizard_interrupted(const struct view_wizard *v);

/* A row of the plan with whether it is ticked: the plan's rows for its table. */
struct wizard_step {
	const struct migration_step_row *row;
	bool left_out, asked; /* asked: ticks can be changed now */
};

void wizard_draw_top(const struct view_wizard *v, struct canvas *c, struct rect r);
/* What it asks, or the selected step; nothing where there is neither. */
void wizard_draw_below(const struct view_wizard *v, const struct wizard_step *s,
	struct canvas *c, struct rect r);
#endif
