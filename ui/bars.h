#ifndef UI_BARS_H
#define UI_BARS_H
/* What frames every room: the title bar, the row of rooms, the keys at the
 * bottom, and the help that is made from the same table. Pure. */
#include "ui/panel.h"

void bars_title(const struct mirror *m, struct canvas *c, int y);
/* here: the room shown; filter: its filter, "" for none. */
void bars_rooms(const struct mirror *m, struct canvas *c, int y, size_t here,
	const char *filter);
/* The room whose label is in column x of a row of w; `here` where there is none. */
size_t bars_room_at(const struct mirror *m, size_t here, int w, int x);
void bars_keys(enum context where, struct canvas *c, int y);
/* The help overlay; *scroll in lines, clamped. */
void bars_help(enum context where, struct canvas *c, struct rect r,
	int *scroll);
#endif
