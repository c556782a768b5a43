#ifndef UI_PANELS_MIGRATION_H
#define UI_PANELS_MIGRATION_H
/* What the room of the migration and the wizard in it say alike of a step. */
#include "ui/canvas.h"
#include "ui/mirror.h"

/* row: a struct migration_step_row. */
enum style migration_cell_state(const struct mirror *m, const void *row, struct str *out);
enum style migration_cell_undo(const struct mirror *m, const void *row, struct str *out);
void migration_draw_step(const struct migration_step_row *s, struct canvas *c, struct rect r);
#endif
