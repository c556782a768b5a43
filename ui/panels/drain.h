#ifndef UI_PANELS_DRAIN_H
#define UI_PANELS_DRAIN_H
/* While the node drains: who is left, and what comes when nobody is. Pure. */
#include "ui/panel.h"

bool drain_is_on(const struct view_node *n);
void drain_draw(const struct mirror *m, struct canvas *c, struct rect r);
/* "draining, 3 left", "drained"; for the title bar. */
void drain_text(const struct view_node *n, struct str *out);
#endif
