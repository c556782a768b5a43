#ifndef UI_MIGRATION_FORM_H
#define UI_MIGRATION_FORM_H
/* Forms of the migration: where from and where to, and what the wizard asks. Pure. */
#include "src/model/view.h"
#include "ui/form.h"

struct form *migration_start_form(const struct view_wizard *v);
/* The question that is asked; left_out: " -name -name" of steps, or "". NULL:
 * nothing is asked. */
struct form *migration_answer_form(const struct view_wizard *v, const char *left_out);
#endif
